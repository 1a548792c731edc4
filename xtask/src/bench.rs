//! `cargo xtask bench`: the benchmarks of `tests/benches`, in the release profile, against a Postgres that keeps its promises.

use std::process::Command;

use anyhow::Result;

use crate::{
    cargo::cargo,
    desk::Desk,
    paths,
    postgres::{Data, Postgres},
    process,
    say::say,
    setup,
};

const DATABASE: &str = "deskline_bench";
/// The window that ours is compared with.
const EMPTY: &str = "empty-window";

/// A benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Bench {
    /// From a webhook to a desktop, and starting a desktop. Parts: latency, start, sync, direct.
    Road,
    /// What the desktop's engine answers from its cache, with up to a million texts. Parts: index, start, search, list, thread, badge, memory, write, feed.
    Client,
    /// What the real window costs beside an empty one. Parts: start, page, memory, traffic. Linux only.
    Window,
    /// What one server process takes, costs and carries. Parts: inbound, delivery, sends, sockets; soak when it is named.
    Server,
}

impl Bench {
    /// Whether it needs a Postgres.
    const fn needs_postgres(self) -> bool {
        !matches!(self, Self::Client)
    }

    /// Whether it starts the built server. The window's brings one of its own.
    const fn needs_server(self) -> bool {
        matches!(self, Self::Road | Self::Server)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Road => "road",
            Self::Client => "client",
            Self::Server => "server",
            Self::Window => "window",
        }
    }
}

/// Runs the named parts of a benchmark, or all of them; without a benchmark, all of all. What they print goes to the terminal.
pub(crate) fn run(which: Option<Bench>, parts: &[String]) -> Result<()> {
    let benches = which.map_or(vec![Bench::Road, Bench::Client, Bench::Server, Bench::Window], |one| vec![one]);
    setup::machine()?;
    setup::node_tests()?;
    setup::built_ui()?;
    if benches.iter().any(|bench| bench.needs_server()) {
        let log = paths::logs().join("bench-build.log");
        process::run("cargo build", &mut cargo(&["build", "--release", "--package", "deskline-server"]), &log)?;
    }
    let postgres = if benches.iter().any(|bench| bench.needs_postgres()) { Some(postgres()?) } else { None };
    for bench in benches {
        let mut command = cargo(&["bench", "--package", "deskline-e2e", "--bench", bench.name(), "--"]);
        command.args(parts);
        if let Some(postgres) = &postgres {
            command.env("DATABASE_URL", postgres.url(DATABASE));
            command.env("DESKLINE_SERVER", paths::program("release", "deskline-server"));
        }
        let desk = if bench == Bench::Window { Some(windows(&mut command)?) } else { None };
        process::run_at_terminal("cargo bench", &mut command)?;
        drop(desk);
    }
    Ok(())
}

/// Builds the window and the empty one, and has the benchmark sit at a desk where nobody is disturbed.
fn windows(command: &mut Command) -> Result<Desk> {
    say!("Building the window in release …");
    let log = paths::logs().join("bench-window.log");
    let mut build = cargo(&["build", "--release", "--package", "deskline", "--bin", "deskline", "--example", EMPTY]);
    process::run("cargo build", &mut build, &log)?;
    command.env("DESKLINE_APP", paths::program("release", "deskline"));
    command.env("DESKLINE_EMPTY", paths::program("release/examples", EMPTY));
    let desk = Desk::start(&paths::target().join("desk/bench"), 1280, 800)?;
    desk.seat(command);
    // Where cargo keeps its things; the windows get a home of their own.
    if let Some(home) = std::env::var_os("HOME") {
        command.env("HOME", home);
    }
    Ok(desk)
}

/// Starts a Postgres with an empty database.
fn postgres() -> Result<Postgres> {
    let postgres = Postgres::start("bench", Data::Kept)?;
    postgres.create_afresh(DATABASE)?;
    Ok(postgres)
}
