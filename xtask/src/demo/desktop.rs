//! One agent's desktop: signed in from the command line, then its window.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::{histories::Agent, place::Place, seed::Team, session::Session, system::System};
use crate::{
    paths,
    process::{self, Running, Stop},
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
    pub(super) fn open(
        place: &Place,
        session: &Session,
        _system: &System,
        agent: &Agent,
        _team: &Team,
    ) -> Result<Self> {
        let folder = place.path(&agent.key);
        let mut command = program(&folder, session);
        command.args(["sign-in", "--server", &place.server_url(), "--email", &agent.email, "--password-stdin"]);
        let log = place.log(&format!("desktop-{}", agent.key));
        process::run_with_input(&format!("signing {} in", agent.name), &mut command, &log, &place.notes.password)
            .with_context(|| format!("{} could not sign in", agent.name))?;
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
