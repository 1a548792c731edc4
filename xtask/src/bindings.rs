//! `cargo xtask bindings`: the TypeScript types of everything that crosses into the window, generated from the Rust types.
//!
//! Each exported type has a test named `export_bindings_…` that writes it; `--check` writes them elsewhere and compares.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::{
    cargo::{self, TestProgram},
    paths, process,
    say::say,
};

/// Packages with types that the window knows.
const PACKAGES: [&str; 3] = ["deskline-domain", "deskline-client", "deskline"];
const EXPORT: &str = "export_bindings";

/// Renews `ui/src/bindings`, or fails when that would change it.
pub(crate) fn run(check: bool) -> Result<()> {
    let into = fresh_folder()?;
    let mut command = cargo::cargo(&["test", "--lib"]);
    command.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
    command.arg(EXPORT).env("TS_RS_EXPORT_DIR", &into);
    process::run("exporting the types", &mut command, &log())?;
    if check {
        return compare(&into);
    }
    let differing = differences(&read(&into)?, &read(&paths::bindings())?);
    let _ = fs::remove_dir_all(paths::bindings());
    fs::create_dir_all(paths::bindings())?;
    for (name, text) in read(&into)? {
        let file = paths::bindings().join(name);
        fs::create_dir_all(file.parent().unwrap_or(&file))?;
        fs::write(file, text)?;
    }
    say!(
        "{} types in {}, {} of them new, changed or gone",
        read(&into)?.len(),
        paths::shown(&paths::bindings()),
        differing.len()
    );
    Ok(())
}

/// The same check with test programs that are built already.
pub(crate) fn check_built(programs: &[TestProgram]) -> Result<()> {
    let into = fresh_folder()?;
    for program in programs.iter().filter(|one| one.target == "lib" && PACKAGES.contains(&one.package.as_str())) {
        let mut command = Command::new(&program.path);
        command.arg(EXPORT).current_dir(&program.folder).env("TS_RS_EXPORT_DIR", &into);
        process::run("exporting the types", &mut command, &log())?;
    }
    compare(&into)
}

fn fresh_folder() -> Result<PathBuf> {
    let folder = paths::target().join("bindings");
    let _ = fs::remove_dir_all(&folder);
    let _ = fs::remove_file(log());
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn log() -> PathBuf {
    paths::logs().join("bindings.log")
}

fn compare(generated: &Path) -> Result<()> {
    let generated = read(generated)?;
    if generated.is_empty() {
        bail!("no types were exported: is there still a test named {EXPORT}_… for each?");
    }
    let differing = differences(&generated, &read(&paths::bindings())?);
    if differing.is_empty() {
        return Ok(());
    }
    bail!(
        "{} is stale: {}. Run `cargo xtask bindings` and commit.",
        paths::shown(&paths::bindings()),
        differing.join(", ")
    )
}

fn differences(new: &BTreeMap<String, String>, old: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<String> =
        new.iter().filter(|(name, text)| old.get(*name) != Some(text)).map(|(name, _)| name.clone()).collect();
    names.extend(old.keys().filter(|name| !new.contains_key(*name)).cloned());
    names
}

/// Every file under `folder`: its path in there, and its text.
fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
                files.insert(name, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_is_new_changed_or_gone_is_named() {
        let files = |list: &[(&str, &str)]| {
            list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let new = files(&[("A.ts", "1"), ("B.ts", "2"), ("C.ts", "3")]);
        let old = files(&[("A.ts", "1"), ("B.ts", "old"), ("D.ts", "4")]);

        assert_eq!(differences(&new, &old), ["B.ts", "C.ts", "D.ts"]);
    }
}
