//! `cargo xtask test`: every check of the repository, one step after the other, from whatever state the machine is in.
//!
//! The console tells what matters; what the steps print lies in `target/test-logs`. The last line counts the tests.

mod counts;
mod steps;

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    cargo::{self, TestProgram},
    desk::Desk,
    lock, paths,
    postgres::{Data, Postgres},
    process,
    say::{self, say},
    setup,
};
use counts::Counts;

/// A part of the whole, as `--only` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Step {
    /// `cargo fmt --check`.
    Format,
    /// The window: types, lints, unit tests, build.
    Ui,
    /// The metadata of the checked queries is as the schema says.
    Queries,
    /// Clippy on everything, warnings are errors.
    Clippy,
    /// The TypeScript types are as the Rust types say.
    Bindings,
    /// Rust tests of every crate.
    Rust,
    /// The whole system without windows.
    System,
    /// Servers and desktops under fire: their processes are killed, Postgres is stopped, networks and files break.
    Chaos,
    /// Twilio's own SDK and other people's Socket.IO clients against our programs.
    Interop,
    /// The window's interface in Chromium.
    Browser,
    /// The real window over WebDriver, with a real keychain and real notifications.
    Desktop,
}

impl Step {
    const ALL: [Self; 11] = [
        Self::Format,
        Self::Ui,
        Self::Queries,
        Self::Clippy,
        Self::Bindings,
        Self::Rust,
        Self::System,
        Self::Chaos,
        Self::Interop,
        Self::Browser,
        Self::Desktop,
    ];

    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// What several steps share, made when the first of them asks.
#[derive(Default)]
struct Shared {
    postgres: Option<Postgres>,
    programs: Option<Result<Vec<TestProgram>, String>>,
    desk: Option<Desk>,
}

struct Outcome {
    step: Step,
    time: Duration,
    counts: Counts,
    failure: Option<String>,
}

/// Runs the steps. Every step runs even when an earlier one failed; the result is a failure when any did.
pub(crate) fn run(only: &[Step]) -> Result<()> {
    let _claim = lock::claim(&paths::logs())?;
    let steps: Vec<Step> = Step::ALL.into_iter().filter(|step| only.is_empty() || only.contains(step)).collect();
    steps::setup(&steps)?;
    let began = Instant::now();
    let mut shared = Shared::default();
    let mut outcomes = Vec::new();
    for step in steps {
        outcomes.push(one(step, &mut shared));
    }
    drop(shared);
    summarise(&outcomes, began.elapsed())
}

/// Runs a command as the desktop tests are run: at a desk of our own, with a Postgres, and with the programs as they were built last.
pub(crate) fn at_a_desk(words: &[String]) -> Result<()> {
    setup::machine()?;
    setup::node_tests()?;
    let postgres = Postgres::start("desk", Data::Throwaway)?;
    let desk = Desk::start(&paths::target().join("desk/command"), DESK.0, DESK.1)?;
    let (program, arguments) = words.split_first().context("there is no command to run")?;
    let mut command = Command::new(program);
    command.args(arguments);
    steps::with_programs(&mut command, &postgres.url("postgres"));
    process::run_at_terminal(program, desk.seat(&mut command))
}

/// How large the display of the desktop tests is.
const DESK: (u32, u32) = (1440, 900);

fn one(step: Step, shared: &mut Shared) -> Outcome {
    say!("▶ {}", step.name());
    let began = Instant::now();
    let (counts, failure) = match steps::run(step, shared) {
        Ok(counts) => (counts, None),
        Err(failed) => (failed.counts.with_a_failure(), Some(format!("{:#}", failed.error))),
    };
    let time = began.elapsed();
    match &failure {
        None => say!("  ok, {}{}", say::took(time), counts.in_brackets()),
        Some(text) => say!("  FAILED after {}{}\n{}\n", say::took(time), counts.in_brackets(), indent(text)),
    }
    Outcome { step, time, counts, failure }
}

fn summarise(outcomes: &[Outcome], time: Duration) -> Result<()> {
    say!("\n{:<12}{:>14}   tests", "step", "time");
    for Outcome { step, time, counts, failure } in outcomes {
        let verdict = if failure.is_some() { "FAILED" } else { "ok" };
        say!("{:<12}{:>14}   {:<8}{}", step.name(), say::took(*time), verdict, counts.in_brackets());
    }
    say!("{:<12}{:>14}   logs in {}", "in all", say::took(time), paths::shown(&paths::logs()));
    let total = outcomes.iter().fold(Counts::default(), |sum, outcome| sum + outcome.counts);
    say!("{total}");
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    if failed > 0 { bail!("{failed} of {} steps failed", outcomes.len()) } else { Ok(()) }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  │ {line}")).collect::<Vec<_>>().join("\n")
}

impl Shared {
    /// The address of a Postgres in which tests may create databases.
    fn database_url(&mut self) -> Result<String> {
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::start("test", Data::Throwaway)?);
        }
        let Some(postgres) = &self.postgres else { bail!("Postgres is gone") };
        Ok(postgres.url("postgres"))
    }

    /// Every test program, built once.
    fn programs(&mut self) -> Result<&[TestProgram]> {
        let built = self.programs.get_or_insert_with(|| {
            let log = paths::logs().join("build.log");
            let _ = std::fs::remove_file(&log);
            say!("  building every program and test …");
            let began = Instant::now();
            let built = cargo::build_everything(&log).map_err(|error| format!("{error:#}"));
            say!("  … took {}", say::took(began.elapsed()));
            built
        });
        match built {
            Ok(programs) => Ok(programs),
            Err(error) => bail!("{error}"),
        }
    }

    /// A display, a keychain and notifications of our own.
    fn desk(&mut self) -> Result<&Desk> {
        if self.desk.is_none() {
            let folder = paths::target().join("desk/test");
            let _ = std::fs::remove_dir_all(&folder);
            self.desk = Some(Desk::start(&folder, DESK.0, DESK.1)?);
        }
        let Some(desk) = &self.desk else { bail!("the desk is gone") };
        Ok(desk)
    }
}
