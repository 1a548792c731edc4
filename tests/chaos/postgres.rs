//! A Postgres of this run's own, which it may stop dead. xtask made the cluster and says how it is started and stopped.
//!
//! Started by the world, restarted by the disturber. Always on the same port, and flushing to disk as in production.

use std::{fs::File, path::PathBuf, process::Stdio};

use deskline_e2e::eventually;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
};

/// Ended with its last handle.
pub(crate) struct Postgres {
    words: Words,
    url: String,
    log: PathBuf,
    running: Mutex<Child>,
}

/// `DESKLINE_POSTGRES`: two commands, program first.
#[derive(Deserialize)]
struct Words {
    start: Vec<String>,
    stop: Vec<String>,
}

impl Postgres {
    /// Starts it, with its log in `folder`.
    pub(crate) async fn start(folder: &std::path::Path) -> Self {
        let setting = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!(
                    "{name} is not set. This test stops its Postgres, so it needs one of its own: run `cargo xtask test --only chaos` \
                     or `cargo xtask chaos server`, which bring one"
                )
            })
        };
        let words: Words =
            serde_json::from_str(&setting("DESKLINE_POSTGRES")).expect("DESKLINE_POSTGRES holds two commands");
        let (url, log) = (setting("DATABASE_URL"), folder.join("postgres.log"));
        let running = Mutex::new(launch(&words, &log));
        let postgres = Self { words, url, log, running };
        postgres.answers().await;
        postgres
    }

    /// Its address, as `DATABASE_URL` wants it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Stops it in the middle of whatever it does, as a crash would, and starts it again.
    pub(crate) async fn restart(&self) {
        let mut running = self.running.lock().await;
        command(&self.words.stop).status().await.expect("the command that stops Postgres can be run");
        running.wait().await.expect("Postgres ends");
        *running = launch(&self.words, &self.log);
        drop(running);
        self.answers().await;
    }

    async fn answers(&self) {
        eventually("Postgres answers (its log lies beside the server's)", || async {
            PgConnection::connect(&self.url).await.ok().map(drop)
        })
        .await;
    }
}

fn launch(words: &Words, log: &PathBuf) -> Child {
    let log = File::options().create(true).append(true).open(log).expect("a log can be written");
    command(&words.start)
        .stdout(log.try_clone().unwrap())
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
