//! Where things lie in the repository. Every command asks here; nothing else spells a path twice.
//!
//! Everything that a command writes lies under [`target`], in a `node_modules` folder or in `ui/dist`.

use std::path::{Path, PathBuf};

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's folder, and everything of ours that may be thrown away.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// A program of the workspace, as `cargo build` leaves it.
pub(crate) fn program(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The window's sources and packages.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// Where the window's generated TypeScript types lie.
pub(crate) fn bindings() -> PathBuf {
    ui().join("src/bindings")
}

/// Packages and scripts that the tests run with Node.js; the embedded Postgres comes from here too.
pub(crate) fn node() -> PathBuf {
    root().join("tests/node")
}

/// Where the test steps put what they print.
pub(crate) fn logs() -> PathBuf {
    target().join("test-logs")
}

/// `path` as a person at the top of the repository would type it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
