//! A Python of our own under `target/python`, with the packages that the interoperability tests name.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::Stamp;
use crate::{paths, process, say::say};

/// Where the Python tests and their list of packages lie.
pub(crate) fn folder() -> PathBuf {
    paths::root().join("tests/python")
}

/// Installs the packages when their list changed, and answers the interpreter. `None` where there are no Python tests.
pub(super) fn interop() -> Result<Option<PathBuf>> {
    let list = folder().join("requirements.txt");
    if !list.exists() {
        return Ok(None);
    }
    let home = paths::target().join("python");
    let python = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = Stamp::of("python", std::slice::from_ref(&list))?;
    if !(stamp.is_set() && python.exists()) {
        say!("Installing the Python packages of tests/python …");
        let log = paths::logs().join("python.log");
        let _ = std::fs::remove_file(&log);
        let system = if cfg!(windows) { "python" } else { "python3" };
        process::run("python -m venv", Command::new(system).args(["-m", "venv", "--clear"]).arg(&home), &log)?;
        let mut command = Command::new(&python);
        command
            .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-cache-dir", "--requirement"])
            .arg(&list);
        process::run("pip install", &mut command, &log)?;
        stamp.set()?;
    }
    Ok(Some(python))
}
