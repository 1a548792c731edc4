//! `pgbench` with the statements that storing one text takes, and nothing around them.

use std::process::Command;

use deskline_e2e::database::fresh_id;

use crate::stage::{CONTACTS, Stage};

/// What the server does for a text that comes alone, statement by statement.
const TRANSACTION: &str = include_str!("inbound.pgbench.sql");

/// Transactions a second.
pub(crate) fn inbound(stage: &Stage, connections: usize, seconds: u64) -> f64 {
    let program = std::env::var("PGBENCH").unwrap_or_else(|_| "pgbench".to_owned());
    let script = std::env::temp_dir().join(format!("deskline-{}.sql", fresh_id().simple()));
    std::fs::write(&script, TRANSACTION).expect("a script can be written");
    let output = Command::new(program)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={connections}"))
        .arg(format!("--time={seconds}"))
        .arg(format!("--define=workspaces={}", stage.teams.len()))
        .arg(format!("--define=contacts={CONTACTS}"))
        .arg(format!("--file={}", script.display()))
        .arg(stage.database.url())
        .output()
        .expect("pgbench is there: install Debian's package postgresql-15, or name it in PGBENCH");
    let _ = std::fs::remove_file(&script);
    let report = String::from_utf8_lossy(&output.stdout);
    let rate = report.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| panic!("pgbench told no rate: {report}{}", String::from_utf8_lossy(&output.stderr)))
}
