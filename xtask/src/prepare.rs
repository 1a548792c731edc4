//! `cargo xtask prepare`: the metadata of the store's checked queries (`crates/store/.sqlx`), made against a real database.
//!
//! With it, `cargo build` checks every query without a database at hand. `--check` fails when it is stale.

use std::{collections::BTreeMap, fs, path::PathBuf, time::SystemTime};

use anyhow::{Context, Result, bail};

use crate::{
    cargo, paths,
    postgres::{Data, Postgres},
    process,
    say::say,
    setup,
};

const DATABASE: &str = "deskline_prepare";

/// Renews the metadata, or fails when that would change it.
pub(crate) fn run(check: bool) -> Result<()> {
    setup::node_tests()?;
    let postgres = Postgres::start("prepare", Data::Throwaway)?;
    let made = describe(&postgres)?;
    let present = read(&committed())?;
    let stale: Vec<&String> =
        made.iter().filter(|(name, text)| present.get(*name) != Some(text)).map(|(name, _)| name).collect();
    let gone: Vec<&String> = present.keys().filter(|name| !made.contains_key(*name)).collect();
    if check {
        if stale.is_empty() && gone.is_empty() {
            return Ok(());
        }
        bail!(
            "{} is stale ({} queries missing or changed, {} gone). Run `cargo xtask prepare` and commit.",
            paths::shown(&committed()),
            stale.len(),
            gone.len()
        )
    }
    fs::create_dir_all(committed())?;
    for name in &gone {
        fs::remove_file(committed().join(name))?;
    }
    for name in &stale {
        fs::write(committed().join(name), &made[*name])?;
    }
    say!(
        "{} queries in {}: {} new or changed, {} gone",
        made.len(),
        paths::shown(&committed()),
        stale.len(),
        gone.len()
    );
    Ok(())
}

/// Compiles the store against a database with today's schema; the query macros write what they learn.
fn describe(postgres: &Postgres) -> Result<BTreeMap<String, String>> {
    postgres.create_afresh(DATABASE)?;
    let mut client = postgres.connect(DATABASE)?;
    for file in migrations()? {
        let sql = fs::read_to_string(&file)?;
        client.batch_execute(&sql).with_context(|| format!("{} failed", paths::shown(&file)))?;
    }
    let into = paths::target().join("sqlx");
    let _ = fs::remove_dir_all(&into);
    fs::create_dir_all(&into)?;
    touch(&store().join("src/lib.rs"))?;
    let log = paths::logs().join("prepare.log");
    let _ = fs::remove_file(&log);
    let mut command = cargo::cargo(&["check", "--package", "deskline-store", "--all-targets"]);
    command.env("DATABASE_URL", postgres.url(DATABASE)).env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", &into);
    process::run("compiling the store against Postgres", &mut command, &log)?;
    let made = read(&into)?;
    if made.is_empty() {
        bail!("the store's queries left no metadata in {}", paths::shown(&into));
    }
    Ok(made)
}

/// The migrations in the order in which they are applied.
fn migrations() -> Result<Vec<PathBuf>> {
    let folder = store().join("migrations");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("{} is missing", paths::shown(&folder)))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    Ok(files)
}

fn read(folder: &PathBuf) -> Result<BTreeMap<String, String>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(BTreeMap::new()) };
    entries
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?))
        })
        .collect()
}

fn store() -> PathBuf {
    paths::root().join("crates/store")
}

fn committed() -> PathBuf {
    store().join(".sqlx")
}

/// Makes cargo compile a crate that has not changed: its macros have to run.
#[expect(clippy::disallowed_methods, reason = "a file's time is set to now; nothing is computed with it")]
fn touch(file: &PathBuf) -> Result<()> {
    fs::File::options().append(true).open(file)?.set_modified(SystemTime::now())?;
    Ok(())
}
