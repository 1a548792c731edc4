//! `cargo xtask chaos`: the long form of the tests that kill servers, Postgres and desktops while they work.
//!
//! The tests themselves lie in `tests/chaos`. `cargo xtask test` runs them short, and calls [`dress`] for it; each part is a run of its
//! own, since each stops its Postgres. Their logs are in `target/chaos`.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, anyhow};

use crate::{
    cargo::cargo,
    paths,
    postgres::{Cluster, Data},
    process,
    say::say,
    setup,
};

/// What is put under fire.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Part {
    /// Two servers and their Postgres, with 32 posters of webhooks
    Server,
    /// Three desktops, two servers and their Postgres, with networks that break, full disks and damaged files
    Desktops,
}

/// How much, and with which dice.
pub(crate) struct Length {
    pub(crate) webhooks: u32,
    pub(crate) texts: u32,
    pub(crate) minutes: u64,
    pub(crate) seed: Option<u64>,
}

impl Part {
    /// Every part that this system can run.
    pub(crate) const ALL: &[Self] =
        if cfg!(target_os = "linux") { &[Self::Server, Self::Desktops] } else { &[Self::Server] };

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Desktops => "desktops",
        }
    }

    /// What of the test program it is.
    pub(crate) const fn filter(self) -> &'static [&'static str] {
        match self {
            Self::Server => &["--skip", "desktops::"],
            Self::Desktops => &["desktops::"],
        }
    }
}

/// Builds what it takes, in the debug profile, and runs it. What it prints goes to the terminal.
pub(crate) fn run(part: Part, length: &Length) -> Result<()> {
    setup::machine()?;
    setup::node_tests()?;
    // Together, so that both are built with one set of features.
    let packages = ["--package", "deskline-server", "--package", "deskline-e2e"];
    process::run_at_terminal("cargo build", cargo(&["build", "--bins", "--test", "chaos"]).args(packages))?;
    let cluster = cluster(part)?;
    let seed = match length.seed {
        Some(seed) => seed,
        None => u64::from(getrandom::u32().map_err(|error| anyhow!("this system gives no random numbers: {error}"))?),
    };
    let mut command = cargo(&["test", "--test", "chaos"]);
    command.args(packages).args(["--", "--nocapture"]);
    command.args(part.filter());
    dress(&mut command, &cluster, &paths::target().join("chaos").join(part.name()))?;
    command.env("DESKLINE_SERVER", paths::program("debug", "deskline-server")).env("DESKLINE_SEED", seed.to_string());
    let options = match part {
        Part::Server => {
            command.env("DESKLINE_CHAOS_WEBHOOKS", length.webhooks.to_string());
            format!("--webhooks {}", length.webhooks)
        }
        Part::Desktops => {
            command.env("DESKLINE_CHAOS_TEXTS", length.texts.to_string());
            command.env("DESKLINE_CHAOS_MINUTES", length.minutes.to_string());
            format!("--texts {} --minutes {}", length.texts, length.minutes)
        }
    };
    say!("Seed {seed}: --seed {seed} {options} makes the same decisions again");
    process::run_at_terminal("the run", &mut command)
}

/// A Postgres that the tests may stop: it is theirs alone, and loses nothing when it is. One for each part: what a run that failed
/// leaves behind is in nobody's way.
pub(crate) fn cluster(part: Part) -> Result<Cluster> {
    Cluster::prepare(&format!("chaos-{}", part.name()), Data::Fresh)
}

/// What the tests find in the environment besides the programs.
pub(crate) fn dress(command: &mut Command, cluster: &Cluster, folder: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(folder);
    command.env("DATABASE_URL", cluster.url("postgres")).env("DESKLINE_CHAOS_FOLDER", folder);
    hand_over(command, cluster)
}

/// Says how a Postgres of the tests' own is started and stopped, and where its files lie.
pub(crate) fn hand_over(command: &mut Command, cluster: &Cluster) -> Result<()> {
    let postgres = serde_json::json!({
        "start": words(&cluster.start()?)?,
        "stop": words(&cluster.stop_dead()?)?,
        "data": cluster.files(),
        "url": cluster.url("postgres"),
    });
    command.env("DESKLINE_POSTGRES", postgres.to_string());
    Ok(())
}

fn words(command: &Command) -> Result<Vec<String>> {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_str().map(str::to_owned).context("a path is not UTF-8")).collect()
}
