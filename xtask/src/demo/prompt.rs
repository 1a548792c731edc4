//! What an onlooker can try while the demonstration runs, typed at the terminal.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{desktop::Desktop, histories::Histories, place::Place, session::Session, system::System};
use crate::say::say;

const HELP: &str = "  text grace Are you open?  Grace texts the team; any contact's first name will do
  people stop | start       the others stop texting by themselves, or go on
  server stop | start       the server goes away; read on, write on, and see the texts leave when it is back
  twilio refuse 30007       Twilio refuses the next text with this code; the bubble says why
  twilio lose               Twilio takes the next text, but its answer is lost: it is looked up, not sent again
  twilio down | ok          Twilio cannot be reached, or all is well again
  second                    a second desktop, of another agent of the team
  open                      the window again, if you closed it
  help, quit                Ctrl-C is as good as quit";

/// The running demonstration.
pub(super) struct Prompt {
    // Dropped in this order: windows first, the database last.
    pub(super) desktops: Vec<Desktop>,
    pub(super) session: Session,
    pub(super) system: System,
    pub(super) place: Place,
    pub(super) histories: Histories,
}

enum Next {
    Go,
    Quit,
}

impl Prompt {
    /// Carries out what is typed until `quit`, or until the last window is closed and nothing can be typed.
    pub(super) fn run(mut self) -> Result<()> {
        say!("What you can try (type it here and press Enter):\n{HELP}\n");
        say!(
            "Agents: {}",
            self.histories.agents.iter().map(|agent| agent.email.as_str()).collect::<Vec<_>>().join(", ")
        );
        say!("Server: {}   password: {}", self.place.server_url(), self.place.notes.password);
        say!("Everything lies in {}, logs in {}\n", self.place.path("").display(), self.place.path("logs").display());
        let lines = lines();
        let mut listening = true;
        loop {
            match lines.recv_timeout(Duration::from_millis(500)) {
                Ok(line) => match self.carry_out(line.trim()) {
                    Ok(Next::Go) => {}
                    Ok(Next::Quit) => return Ok(()),
                    Err(error) => say!("{error:#}"),
                },
                Err(RecvTimeoutError::Timeout) => {}
                // Nobody can type: look after the windows at the same pace.
                Err(RecvTimeoutError::Disconnected) => {
                    listening = false;
                    let (_keep, nothing) = mpsc::channel::<()>();
                    let _ = nothing.recv_timeout(Duration::from_millis(500));
                }
            }
            self.look_after_windows();
            if self.desktops.is_empty() && !listening {
                return Ok(());
            }
        }
    }

    fn look_after_windows(&mut self) {
        self.desktops.retain_mut(|desktop| {
            let open = desktop.window.is_alive();
            if !open {
                say!(
                    "The window of {} is closed (`open` brings it back, `quit` ends the demonstration)",
                    desktop.agent.name
                );
            }
            open
        });
    }

    fn refuse(&self, code: &str) -> Result<()> {
        let code = code.parse().context("a code is a number, such as 30007")?;
        self.system.refuse(code)?;
        say!("Twilio refuses the next text, with {code}");
        Ok(())
    }

    fn carry_out(&mut self, line: &str) -> Result<Next> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            ["quit" | "exit" | "q"] => return Ok(Next::Quit),
            ["help" | "?"] => say!("{HELP}"),
            ["text", name, _, ..] => {
                let body = line.splitn(3, char::is_whitespace).nth(2).unwrap_or_default();
                let contact = self.histories.contact(name).with_context(|| format!("no contact is called {name}"))?;
                self.system.text(&contact.phone, body)?;
                say!("{} texted", contact.name);
            }
            ["people", "start"] => {
                self.system.let_people_text(true)?;
                say!("People text by themselves");
            }
            ["people", "stop"] => {
                self.system.let_people_text(false)?;
                say!("Nobody texts by themselves any more");
            }
            ["server", "stop"] => {
                self.system.stop_server();
                say!("The server is gone");
            }
            ["server", "start"] => {
                self.system.start_server(&self.place)?;
                say!("The server is back");
            }
            ["twilio", "ok"] => {
                self.system.all_well()?;
                say!("All is well at Twilio");
            }
            ["twilio", "down"] => {
                self.system.take_twilio_down()?;
                say!("Twilio cannot be reached");
            }
            ["twilio", "lose"] => {
                self.system.lose_next_answer()?;
                say!("Twilio takes the next text, and its answer is lost");
            }
            ["twilio", "refuse"] => self.refuse("30007")?,
            ["twilio", "refuse", code] => self.refuse(code)?,
            ["second"] => self.open_next()?,
            ["open"] => self.open_next()?,
            _ => bail!("that is none of these:\n{HELP}"),
        }
        Ok(Next::Go)
    }

    /// Opens the window of the first agent who has none.
    fn open_next(&mut self) -> Result<()> {
        let is_open = |key: &str| self.desktops.iter().any(|desktop| desktop.agent.key == key);
        let agent = self
            .histories
            .agents
            .iter()
            .find(|agent| !is_open(&agent.key))
            .context("every agent has a window already")?;
        let desktop = Desktop::open(&self.place, &self.session, agent)?;
        say!("This is the window of {} ({})", desktop.agent.name, desktop.folder.display());
        self.desktops.push(desktop);
        Ok(())
    }
}

/// Lines from standard input, read on a thread of their own. It closes when the input ends.
fn lines() -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { return };
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}
