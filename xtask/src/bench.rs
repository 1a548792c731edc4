//! `cargo xtask bench`: the benchmarks of `tests/benches`, in the release profile, against a Postgres that keeps its promises.

use anyhow::Result;

use crate::{
    cargo::cargo,
    postgres::{Data, Postgres},
    process, setup,
};

const DATABASE: &str = "deskline_bench";

/// Runs the named parts, or all. What they print goes to the terminal.
pub(crate) fn run(parts: &[String]) -> Result<()> {
    setup::machine()?;
    setup::node_tests()?;
    setup::built_ui()?;
    let postgres = Postgres::start("bench", Data::Kept)?;
    postgres.create_afresh(DATABASE)?;
    let mut command = cargo(&["bench", "--package", "deskline-e2e", "--bench", "road", "--"]);
    command.args(parts).env("DATABASE_URL", postgres.url(DATABASE));
    process::run_at_terminal("cargo bench", &mut command)
}
