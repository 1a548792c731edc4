//! Calls of cargo. All of them share one target folder, one profile and one set of features, so that nothing is compiled twice.
//!
//! xtask itself is left out of `--workspace`: it is running, and some systems cannot replace a running program.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use serde_json::Value;

use crate::{paths, process};

/// Every package but xtask.
pub(crate) const WORKSPACE: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// Everything that there is to compile. The tests that only xtask can run, since they need a desk or a Postgres that may be stopped,
/// are no part of a plain `cargo test`, nor of `--all-targets`.
pub(crate) const TARGETS: [&[&str]; 2] = [&["--all-targets"], &["--test", "desktop", "--test", "chaos"]];

/// cargo at the top of the repository, without what a surrounding `cargo run` left in the environment.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(paths::root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// A test program that [`build_everything`] made.
pub(crate) struct TestProgram {
    /// The folder of its package, where it expects to run.
    pub(crate) folder: PathBuf,
    /// `deskline-store`.
    pub(crate) package: String,
    /// `lib`, or the name of the file under `tests/`.
    pub(crate) target: String,
    /// The program.
    pub(crate) path: PathBuf,
}

/// Builds every program and every test of the workspace, in the debug profile.
pub(crate) fn build_everything(log: &Path) -> Result<Vec<TestProgram>> {
    let list = log.with_extension("json");
    let _ = std::fs::remove_file(&list);
    for targets in TARGETS {
        let mut command = cargo(&["build", "--message-format=json-render-diagnostics"]);
        command.args(targets).args(WORKSPACE);
        process::run_with_output("cargo build", &mut command, log, &list)?;
    }
    Ok(std::fs::read_to_string(list)?.lines().filter_map(test_program).collect())
}

/// Builds the three programs, and nothing else.
pub(crate) fn build_programs(log: &Path) -> Result<()> {
    let mut command = cargo(&["build", "--bins"]);
    command.args(WORKSPACE);
    process::run("cargo build", &mut command, log)
}

fn test_program(line: &str) -> Option<TestProgram> {
    let message: Value = serde_json::from_str(line).ok()?;
    let target = &message["target"];
    let kind = target["kind"][0].as_str()?;
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true || kind == "bench" {
        return None;
    }
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_path_buf();
    let name = target["name"].as_str()?;
    Some(TestProgram {
        package: package_name(message["package_id"].as_str()?),
        target: if kind == "lib" { "lib".to_owned() } else { name.to_owned() },
        path: message["executable"].as_str()?.into(),
        folder,
    })
}

/// `path+file:///repository/crates/store#deskline-store@0.1.0`, or without the name where the folder is called the same.
fn package_name(id: &str) -> String {
    let (path, fragment) = id.split_once('#').unwrap_or((id, ""));
    match fragment.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => path.rsplit('/').next().unwrap_or(path).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_known_by_its_name_whatever_its_folder_is_called() {
        assert_eq!(package_name("path+file:///repository/crates/store#deskline-store@0.1.0"), "deskline-store");
        assert_eq!(package_name("path+file:///repository/deskline#0.1.0"), "deskline");
    }

    #[test]
    fn a_benchmark_is_no_test() {
        let line = |kind: &str| {
            serde_json::json!({
                "reason": "compiler-artifact",
                "package_id": "path+file:///repository/tests#deskline-e2e@0.1.0",
                "manifest_path": "/repository/tests/Cargo.toml",
                "target": { "kind": [kind], "name": "road" },
                "profile": { "test": true },
                "executable": "/repository/target/debug/deps/road-1",
            })
            .to_string()
        };

        assert!(test_program(&line("bench")).is_none());
        let found = test_program(&line("test")).unwrap();
        assert_eq!((found.package.as_str(), found.target.as_str()), ("deskline-e2e", "road"));
    }
}
