//! `cargo xtask chaos`: the long form of the tests that kill servers, Postgres and, one day, desktops while they work.
//!
//! The tests themselves lie in `tests/chaos`. `cargo xtask test` runs them short, and calls [`dress`] for it. Their logs are in
//! `target/chaos`.

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
}

/// Builds what it takes, in the debug profile, and runs it. What it prints goes to the terminal.
pub(crate) fn run(part: Part, webhooks: u32, seed: Option<u64>) -> Result<()> {
    match part {
        Part::Server => server(webhooks, seed),
    }
}

fn server(webhooks: u32, seed: Option<u64>) -> Result<()> {
    setup::machine()?;
    setup::node_tests()?;
    // Together, so that both are built with one set of features.
    let packages = ["--package", "deskline-server", "--package", "deskline-e2e"];
    process::run_at_terminal("cargo build", cargo(&["build", "--bins", "--test", "chaos"]).args(packages))?;
    let cluster = cluster()?;
    let seed = match seed {
        Some(seed) => seed,
        None => u64::from(getrandom::u32().map_err(|error| anyhow!("this system gives no random numbers: {error}"))?),
    };
    say!("Seed {seed}: --seed {seed} --webhooks {webhooks} makes the same decisions again");
    let mut command = cargo(&["test", "--package", "deskline-e2e", "--test", "chaos", "--", "--nocapture"]);
    dress(&mut command, &cluster, &paths::target().join("chaos/server"))?;
    command.env("DESKLINE_SERVER", paths::program("debug", "deskline-server"));
    command.env("DESKLINE_CHAOS_WEBHOOKS", webhooks.to_string()).env("DESKLINE_SEED", seed.to_string());
    process::run_at_terminal("the run", &mut command)
}

/// A Postgres that the tests may stop: it is theirs alone, and loses nothing when it is.
pub(crate) fn cluster() -> Result<Cluster> {
    Cluster::prepare("chaos", Data::Fresh)
}

/// What the tests find in the environment besides the programs.
pub(crate) fn dress(command: &mut Command, cluster: &Cluster, folder: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(folder);
    let postgres = serde_json::json!({ "start": words(&cluster.start()?)?, "stop": words(&cluster.stop_dead()?)? });
    command.env("DATABASE_URL", cluster.url("postgres")).env("DESKLINE_POSTGRES", postgres.to_string());
    command.env("DESKLINE_CHAOS_FOLDER", folder);
    Ok(())
}

fn words(command: &Command) -> Result<Vec<String>> {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_str().map(str::to_owned).context("a path is not UTF-8")).collect()
}
