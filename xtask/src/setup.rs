//! `cargo xtask setup`: what this machine lacks to build, test and show Deskline. Every other command calls the part it needs.
//!
//! Debian's packages come from apt, where there is apt and the right to use it; npm packages go to `node_modules`, and the
//! Python ones to `target/python`. Nothing else on the machine changes. A second call finds everything there and takes no time.

mod debian;
mod node;
mod python;
mod stamp;

use std::path::PathBuf;

use anyhow::{Result, bail};

pub(crate) use node::npm;
pub(crate) use stamp::Stamp;

use crate::{process, say::say};

/// `cargo xtask setup`.
pub(crate) fn everything() -> Result<()> {
    debian::install()?;
    programs(&["node", "npm"])?;
    node::tests()?;
    node::ui()?;
    python::interop()?;
    say!("Everything is there. Now: cargo xtask demo, or cargo xtask test");
    Ok(())
}

/// What it takes to compile the desktop and to show it.
pub(crate) fn machine() -> Result<()> {
    debian::install()?;
    programs(&["node", "npm"])
}

/// The embedded Postgres, and the Node.js clients of the tests.
pub(crate) fn node_tests() -> Result<()> {
    programs(&["node", "npm"])?;
    node::tests()
}

/// The window's packages.
pub(crate) fn ui() -> Result<()> {
    programs(&["node", "npm"])?;
    node::ui()
}

/// The window itself, in `ui/dist`: the desktop is compiled around it.
pub(crate) fn built_ui() -> Result<()> {
    ui()?;
    node::build_ui()
}

/// The Python that the interoperability tests run with, if there are any.
pub(crate) fn python() -> Result<Option<PathBuf>> {
    python::interop()
}

fn programs(names: &[&str]) -> Result<()> {
    let missing: Vec<&str> = names.iter().copied().filter(|name| !process::is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "{} is missing on this machine. Install Node.js 20 or newer, which brings both node and npm.",
        missing.join(" and ")
    )
}
