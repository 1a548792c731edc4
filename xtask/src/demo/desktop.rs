//! One agent's desktop: signed in from the command line, then its window.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::{histories::Agent, place::Place, session::Session};
use crate::{
    paths,
    process::{self, Running, Stop},
    say::say,
};

/// A desktop at work.
pub(super) struct Desktop {
    /// Whose it is.
    pub(super) agent: Agent,
    /// Where it keeps its things.
    pub(super) folder: PathBuf,
    /// The window.
    pub(super) window: Running,
}

impl Desktop {
    /// Signs the agent in and opens the window.
    pub(super) fn open(place: &Place, session: &Session, agent: &Agent) -> Result<Self> {
        let folder = place.path(&agent.key);
        let mut command = program(&folder, session);
        command.args(["sign-in", "--server", &place.server_url(), "--email", &agent.email, "--password-stdin"]);
        let log = place.log(&format!("desktop-{}", agent.key));
        let signed_in = process::run_with_input("deskline sign-in", &mut command, &log, &place.notes.password);
        if session.has_keychain() {
            signed_in.with_context(|| format!("{} could not sign in", agent.name))?;
        } else {
            say!(
                "Without a keychain nothing is kept. Sign in through the window, as {} at {}",
                agent.email,
                place.server_url()
            );
        }
        let window = Running::start(
            &format!("The window of {}", agent.name),
            &mut program(&folder, session),
            &log,
            Stop::Terminate,
        )?;
        Ok(Self { agent: agent.clone(), folder, window })
    }
}

fn program(folder: &std::path::Path, session: &Session) -> Command {
    let mut command = Command::new(paths::program("debug", "deskline"));
    session.seat(&mut command);
    command.env("DESKLINE_DATA_DIR", folder);
    command
}
