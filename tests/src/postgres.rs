//! A Postgres of this run's own, which it may stop dead and set up as it likes. xtask made the cluster and says how it is started and stopped.
//!
//! Used by the tests under fire, which stop it, and by [`crate::guarded`]. Always on the same port.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde::Deserialize;
use sqlx::{Connection, PgConnection};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
};

use crate::eventually;

/// Ended with its last handle.
#[derive(Debug)]
pub struct Postgres {
    words: Words,
    log: PathBuf,
    running: Mutex<Child>,
}

/// `DESKLINE_POSTGRES`: two commands, program first; the folder of the data; the address of one of its databases, for whoever may do everything.
#[derive(Debug, Deserialize)]
struct Words {
    start: Vec<String>,
    stop: Vec<String>,
    data: PathBuf,
    url: String,
}

impl Postgres {
    /// Starts it, with its log in `folder`. `prepare` is given the folder of the data before.
    ///
    /// # Panics
    /// Where nobody has said which Postgres.
    pub async fn start(folder: &Path, prepare: impl FnOnce(&Path)) -> Self {
        let words = std::env::var("DESKLINE_POSTGRES").unwrap_or_else(|_| {
            panic!(
                "DESKLINE_POSTGRES is not set. This test stops its Postgres or sets it up in its own way, so it needs one of its own: run \
                 `cargo xtask test --only system`, `--only chaos` or `cargo xtask chaos server`, which bring one"
            )
        });
        let words: Words =
            serde_json::from_str(&words).expect("DESKLINE_POSTGRES holds commands, a folder and an address");
        prepare(&words.data);
        let log = folder.join("postgres.log");
        let running = Mutex::new(launch(&words, &log));
        let postgres = Self { words, log, running };
        postgres.answers().await;
        postgres
    }

    /// Its address, as `DATABASE_URL` wants it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.words.url
    }

    /// The folder of its data.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.words.data
    }

    /// A program as whoever Postgres runs as.
    #[must_use]
    pub fn as_somebody(&self, program: &str) -> std::process::Command {
        let is_program = |word: &&String| Path::new(word).file_stem().is_none_or(|name| name != "postgres");
        let mut words: Vec<&str> = self.words.start.iter().take_while(is_program).map(String::as_str).collect();
        words.push(program);
        let mut command = std::process::Command::new(words[0]);
        command.args(&words[1..]);
        command
    }

    /// Stops it in the middle of whatever it does, as a crash would, and starts it again.
    pub async fn restart(&self) {
        self.stop().await;
        *self.running.lock().await = launch(&self.words, &self.log);
        self.answers().await;
    }

    /// Stops it likewise.
    pub async fn stop(&self) {
        command(&self.words.stop).status().await.expect("the command that stops Postgres can be run");
        self.running.lock().await.wait().await.expect("Postgres ends");
    }

    async fn answers(&self) {
        eventually("Postgres answers (its log lies beside the server's)", || async {
            PgConnection::connect(&self.words.url).await.ok().map(drop)
        })
        .await;
    }
}

fn launch(words: &Words, log: &PathBuf) -> Child {
    let log = File::options().create(true).append(true).open(log).expect("a log can be written");
    command(&words.start)
        .stdout(log.try_clone().expect("a log can be shared"))
        .stderr(log)
        .spawn()
        .expect("the command that starts Postgres can be run")
}

fn command(words: &[String]) -> Command {
    let (program, arguments) = words.split_first().expect("a command has a program");
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}
