//! `cargo xtask fuzz`: inputs that nobody would think of, made by libFuzzer, for what a stranger can send to the server.
//!
//! What has to hold is in `tests/src/fuzz`; `cargo xtask test` replays the seeds in `tests/fuzz/seeds`. What a run finds out about
//! reaching new code is kept in `target/fuzz-corpus` for the next run, and an input that breaks something in `target/fuzz-found`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    cargo::cargo,
    lock, paths, process,
    say::{self, say},
    setup,
};

/// Newer ones may want another compiler.
const CARGO_FUZZ: &str = "0.13.2";
/// What one input may take; the slowest good one takes milliseconds.
const INPUT_TIMEOUT_SECONDS: u32 = 5;
/// The longest input that is made up, in bytes: longer ones find nothing that these do not, only slower.
const LONGEST_INPUT: u32 = 8_192;

/// How a run of one target went.
struct Ran {
    target: String,
    inputs: u64,
    a_second: u64,
    /// Edges of the program that were reached.
    edges: u64,
    found: Vec<PathBuf>,
}

/// Runs one target, or all, for so many seconds each.
pub(crate) fn run(target: Option<&str>, seconds: u32) -> Result<()> {
    let all = targets()?;
    let chosen: Vec<&String> = all.iter().filter(|name| target.is_none_or(|wanted| wanted == *name)).collect();
    if chosen.is_empty() {
        bail!("There is no target of this name. There are {}.", all.join(", "));
    }
    setup::machine()?;
    let _claim = lock::claim(&paths::target().join("fuzz"))?;
    install()?;
    let log = fresh_log("build");
    say!("Building the targets …");
    process::run("cargo fuzz build", &mut cargo_fuzz("build", &[])?, &log)?;
    let mut runs = Vec::new();
    for name in chosen {
        say!("▶ {name}, for {}", say::took(Duration::from_secs(seconds.into())));
        runs.push(one(name, seconds)?);
    }
    summarise(&runs)
}

/// The files in `fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(folder().join("fuzz_targets"))?
        .map(|entry| Ok(entry?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}

fn one(name: &str, seconds: u32) -> Result<Ran> {
    let (corpus, found) = (paths::target().join("fuzz-corpus").join(name), found_folder(name));
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&found)?;
    let before = files(&found)?;
    let log = fresh_log(name);
    let mut command = cargo_fuzz("run", &[name])?;
    command.args([&corpus, &folder().join("seeds").join(name)]).arg("--").args([
        format!("-max_total_time={seconds}"),
        format!("-timeout={INPUT_TIMEOUT_SECONDS}"),
        format!("-max_len={LONGEST_INPUT}"),
        format!("-artifact_prefix={}/", found.display()),
        "-print_final_stats=1".to_owned(),
    ]);
    let status = process::try_run(&format!("fuzzing {name}"), &mut command, &log)?;
    let found: Vec<PathBuf> = files(&found)?.difference(&before).cloned().collect();
    if !status.success() && found.is_empty() {
        bail!("{name} did not run ({status}). The end of {}:\n{}", paths::shown(&log), process::last_words(&log, 40));
    }
    if !found.is_empty() {
        say!("{}", process::last_words(&log, 30));
    }
    let printed = fs::read_to_string(&log)?;
    Ok(Ran {
        target: name.to_owned(),
        inputs: last_number(&printed, "stat::number_of_executed_units:"),
        a_second: last_number(&printed, "stat::average_exec_per_sec:"),
        edges: last_number(&printed, "cov:"),
        found,
    })
}

fn summarise(runs: &[Ran]) -> Result<()> {
    say!("\n{:<12}{:>14}{:>12}{:>10}   found", "target", "inputs", "a second", "edges");
    for Ran { target, inputs, a_second, edges, found } in runs {
        let verdict = if found.is_empty() { "nothing".to_owned() } else { found.len().to_string() };
        say!("{target:<12}{inputs:>14}{a_second:>12}{edges:>10}   {verdict}");
    }
    let found: Vec<String> = runs.iter().flat_map(|run| &run.found).map(|file| paths::shown(file)).collect();
    if found.is_empty() {
        return Ok(());
    }
    bail!(
        "What broke something lies in {}. Put it among the seeds of its target, see `cargo xtask test --only system` fail, and then \
         mend what is wrong.",
        found.join(", ")
    )
}

fn folder() -> PathBuf {
    paths::root().join("tests/fuzz")
}

fn found_folder(name: &str) -> PathBuf {
    paths::target().join("fuzz-found").join(name)
}

fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

fn fresh_log(name: &str) -> PathBuf {
    let log = paths::logs().join(format!("fuzz-{name}.log"));
    let _ = fs::remove_file(&log);
    log
}

/// Where cargo-fuzz is put when the machine has none.
fn tools() -> PathBuf {
    paths::target().join("tools")
}

fn install() -> Result<()> {
    if process::answer(&mut cargo_fuzz("--version", &[])?).is_some() {
        return Ok(());
    }
    say!("Installing cargo-fuzz …");
    let mut command = cargo(&["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ, "--root"]);
    process::run("cargo install cargo-fuzz", command.arg(tools()), &fresh_log("install"))
}

/// `cargo fuzz`. The counters that it wants are a matter of a nightly compiler by rights, and the stable one has them too. Without
/// sanitizers: there is no unsafe code of ours for them to watch.
fn cargo_fuzz(verb: &str, arguments: &[&str]) -> Result<Command> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(tools().join("bin")).chain(std::env::split_paths(&path));
    let mut command = cargo(&["fuzz", verb]);
    command.env("PATH", std::env::join_paths(path).context("the search path cannot be read")?);
    if verb != "--version" {
        command.env("RUSTC_BOOTSTRAP", "1").args(["--sanitizer", "none", "--fuzz-dir"]).arg(folder());
        command.arg("--target-dir").arg(paths::target().join("fuzz"));
    }
    command.args(arguments);
    Ok(command)
}

/// The number behind the last `label` in what libFuzzer printed; 0 where there is none.
fn last_number(printed: &str, label: &str) -> u64 {
    let behind = printed.rsplit_once(label).map_or("", |(_, behind)| behind);
    behind.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_prints_is_read() {
        let printed = "#2\tINITED cov: 40 ft: 41\n#99\tREDUCE cov: 412 ft: 977 corp: 61/2Kb\nstat::number_of_executed_units: 12345\n";

        assert_eq!(last_number(printed, "cov:"), 412);
        assert_eq!(last_number(printed, "stat::number_of_executed_units:"), 12_345);
        assert_eq!(last_number(printed, "stat::average_exec_per_sec:"), 0);
    }
}
