//! `cargo xtask demo`: a whole team at work, with simulated people who text, and a window to answer them from.
//!
//! A real Postgres, a real server, a Twilio made of our simulator, and the real desktop, all on free ports of 127.0.0.1 and all under
//! `target/demo`. A second run finds the data of the first and starts in seconds. Ctrl-C, `quit` or a closed terminal end everything.

mod desktop;
mod direct;
mod histories;
mod pictures;
mod place;
mod prompt;
mod screenshot;
mod seed;
mod session;
mod system;

use std::{path::PathBuf, time::Instant};

use anyhow::{Result, bail};

use crate::{
    cargo, paths,
    say::{self, say},
    setup,
};
use desktop::Desktop;
use histories::Histories;
use place::Place;
use session::Session;
use system::System;

/// What the demonstration was asked for.
pub(crate) struct Options {
    /// Take a picture of the window and end, instead of showing it. Needs no display.
    pub(crate) screenshot: Option<PathBuf>,
    /// Throw away what the last run left.
    pub(crate) fresh: bool,
    /// Stop the server, with two desktops that work directly.
    pub(crate) direct: bool,
}

/// Runs it until the onlooker has seen enough.
pub(crate) fn run(options: &Options) -> Result<()> {
    let began = Instant::now();
    if options.screenshot.is_none() && !session::has_display() {
        bail!(
            "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). To see the window all the same:\n\n  \
             cargo xtask demo --screenshot window.png\n"
        );
    }
    build()?;
    let place = Place::open(options.fresh)?;
    let histories = Histories::load()?;
    let mut system = System::start(&place, &histories)?;
    say!("Postgres, the server and the simulated Twilio are up");
    seed::once(&place, &histories, &system)?;
    let windows = if options.direct { direct::DESKTOPS } else { 1 };
    if options.direct {
        direct::allow(&place, &histories, &system)?;
    }
    let open = |session: &Session| -> Result<Vec<Desktop>> {
        histories.agents.iter().take(windows).map(|agent| Desktop::open(&place, session, agent)).collect()
    };
    match &options.screenshot {
        Some(file) => {
            let session = Session::alone(&place, windows, pictures::Theme::Light)?;
            let mut desktops = open(&session)?;
            if options.direct {
                direct::show(&place, &session, &histories, &mut system, &mut desktops)?;
            } else {
                screenshot::show(&session, &mut desktops, &place)?;
            }
            screenshot::take(&session, desktops, file)?;
            say!("{} is written ({})", paths::shown(file), say::took(began.elapsed()));
            Ok(())
        }
        None => {
            let session = Session::at_the_display(&place)?;
            let mut desktops = open(&session)?;
            say!(
                "{} open ({})\n",
                if windows == 1 { "The window is" } else { "The windows are" },
                say::took(began.elapsed())
            );
            system.let_people_text(true)?;
            if options.direct {
                direct::stop_the_server(&mut system, &mut desktops)?;
                say!(
                    "The server is gone. Write in either window: texts leave, and the other window shows them. What contacts text is imported \
                     some minutes after `server start`\n"
                );
            }
            prompt::Prompt { place, histories, session, system, desktops }.run()
        }
    }
}

/// `cargo xtask screenshots`: pictures of the real window, in both themes, in `docs/screenshots`.
pub(crate) fn screenshots() -> Result<()> {
    let began = Instant::now();
    build()?;
    let place = Place::open(true)?;
    let histories = Histories::load()?;
    let system = System::start(&place, &histories)?;
    seed::once(&place, &histories, &system)?;
    for theme in pictures::THEMES {
        let session = Session::alone(&place, 1, theme)?;
        let desktop = Desktop::open(&place, &session, &histories.agents[0])?;
        pictures::take(&session, desktop, &place, theme)?;
    }
    say!("The pictures are in {} ({})", paths::shown(&pictures::folder()), say::took(began.elapsed()));
    Ok(())
}

fn build() -> Result<()> {
    setup::machine()?;
    setup::node_tests()?;
    setup::built_ui()?;
    let log = paths::target().join("demo/logs/build.log");
    let _ = std::fs::remove_file(&log);
    say!("Building (the first time takes some minutes) …");
    cargo::build_programs(&log)
}
