//! `cargo xtask bench`: the benchmarks of `tests/benches`, in the release profile, against a Postgres that keeps its promises.

use anyhow::Result;

use crate::{
    cargo::cargo,
    paths,
    postgres::{Data, Postgres},
    process, setup,
};

const DATABASE: &str = "deskline_bench";

/// A benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Bench {
    /// From a webhook to a desktop, and starting a desktop. Parts: latency, start, sync.
    Road,
    /// What the desktop's engine answers from its cache, with up to a million texts. Parts: index, start, search, list, thread, badge, memory, write, feed.
    Client,
    /// What one server process takes, costs and carries. Parts: inbound, delivery, sends, sockets; soak when it is named.
    Server,
}

impl Bench {
    /// Whether it needs a server and a Postgres.
    const fn needs_server(self) -> bool {
        !matches!(self, Self::Client)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Road => "road",
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// Runs the named parts of a benchmark, or all of them; without a benchmark, all of all. What they print goes to the terminal.
pub(crate) fn run(which: Option<Bench>, parts: &[String]) -> Result<()> {
    let benches = which.map_or(vec![Bench::Road, Bench::Client, Bench::Server], |one| vec![one]);
    setup::machine()?;
    setup::node_tests()?;
    setup::built_ui()?;
    let postgres = if benches.iter().any(|bench| bench.needs_server()) { Some(server()?) } else { None };
    for bench in benches {
        let mut command = cargo(&["bench", "--package", "deskline-e2e", "--bench", bench.name(), "--"]);
        command.args(parts);
        if let Some(postgres) = &postgres {
            command.env("DATABASE_URL", postgres.url(DATABASE));
            command.env("DESKLINE_SERVER", paths::program("release", "deskline-server"));
        }
        process::run_at_terminal("cargo bench", &mut command)?;
    }
    Ok(())
}

/// Builds the server and starts a Postgres with an empty database.
fn server() -> Result<Postgres> {
    let log = paths::logs().join("bench-build.log");
    process::run("cargo build", &mut cargo(&["build", "--release", "--package", "deskline-server"]), &log)?;
    let postgres = Postgres::start("bench", Data::Kept)?;
    postgres.create_afresh(DATABASE)?;
    Ok(postgres)
}
