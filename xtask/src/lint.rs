//! `cargo xtask lint`: format and lints of everything, without running a test.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    cargo::{TARGETS, WORKSPACE, cargo},
    paths, process,
    say::say,
    setup,
};

/// Checks, or with `fix` also formats what can be.
pub(crate) fn run(fix: bool) -> Result<()> {
    setup::machine()?;
    setup::built_ui()?;
    let log = paths::logs().join("lint.log");
    let _ = std::fs::remove_file(&log);
    if fix {
        process::run("cargo fmt", &mut cargo(&["fmt", "--all"]), &log)?;
        process::run("cargo fmt in tests/fuzz", &mut fuzz_format(&[]), &log)?;
        process::run("npm run format", &mut setup::npm(&paths::ui(), &["run", "format"]), &log)?;
    }
    format(&log)?;
    clippy(&log)?;
    process::run("npm run check", &mut setup::npm(&paths::ui(), &["run", "check"]), &log)?;
    shell_scripts(&log)?;
    if process::is_installed("cargo-deny") {
        process::run("cargo deny", &mut cargo(&["deny", "--all-features", "check"]), &log)?;
    } else {
        say!("cargo-deny is not installed: deny.toml was not checked");
    }
    say!("Nothing to complain about");
    Ok(())
}

/// `cargo fmt --check`.
pub(crate) fn format(log: &Path) -> Result<()> {
    process::run("cargo fmt --check", &mut cargo(&["fmt", "--all", "--check"]), log)
        .and_then(|()| process::run("cargo fmt --check in tests/fuzz", &mut fuzz_format(&["--check"]), log))
        .context("`cargo xtask lint --fix` puts it right")
}

/// rustfmt for the fuzz targets, which are a workspace of their own.
fn fuzz_format(arguments: &[&str]) -> Command {
    let mut command = cargo(&["fmt", "--manifest-path", "tests/fuzz/Cargo.toml"]);
    command.args(arguments);
    command
}

/// Clippy, where a warning is an error. The flag comes after `--`: in RUSTFLAGS it would compile every dependency again.
pub(crate) fn clippy(log: &Path) -> Result<()> {
    for targets in TARGETS {
        let mut command = cargo(&["clippy"]);
        command.args(targets).args(WORKSPACE).args(["--", "--deny", "warnings"]);
        process::run("cargo clippy", &mut command, log)?;
    }
    let mut command = cargo(&["clippy", "--package", "xtask", "--all-targets", "--", "--deny", "warnings"]);
    process::run("cargo clippy on xtask", &mut command, log)
}

fn shell_scripts(log: &Path) -> Result<()> {
    if cfg!(unix) {
        process::run("bash -n .ci/run", Command::new("bash").args(["-n", ".ci/run"]).current_dir(paths::root()), log)?;
    }
    Ok(())
}
