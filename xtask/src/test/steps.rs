//! What each step runs. Called by [`super::run`], in its order.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, anyhow, bail};

use super::{Shared, Step, counts::Counts};
use crate::{
    bindings,
    cargo::{self, TestProgram, WORKSPACE},
    chaos, lint, paths,
    postgres::{Cluster, Data},
    prepare, process, setup,
};

/// Why a step failed, and what it had counted until then.
pub(super) struct Failed {
    pub(super) counts: Counts,
    pub(super) error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { counts: Counts::default(), error: error.into() }
    }
}

/// Installs what the steps need.
pub(super) fn setup(steps: &[Step]) -> Result<()> {
    let compiles = steps.iter().any(|step| !matches!(step, Step::Format | Step::Ui | Step::Browser | Step::Queries));
    let shows = steps.iter().any(|step| matches!(step, Step::Ui | Step::Browser));
    if compiles || shows {
        setup::machine()?;
    }
    if compiles || steps.contains(&Step::Queries) {
        setup::node_tests()?;
    }
    if compiles {
        setup::built_ui()?;
    }
    if shows { setup::ui() } else { Ok(()) }
}

/// Runs one step.
pub(super) fn run(step: Step, shared: &mut Shared) -> Result<Counts, Failed> {
    match step {
        Step::Format => Ok(lint::format(&fresh_log("format")).map(|()| Counts::default())?),
        Step::Ui => ui(),
        Step::Queries => Ok(prepare::run(true).map(|()| Counts::default())?),
        Step::Clippy => Ok(lint::clippy(&fresh_log("clippy")).map(|()| Counts::default())?),
        Step::Bindings => Ok(bindings::check_built(shared.programs()?).map(|()| Counts::default())?),
        Step::Rust => rust(shared),
        Step::System => system(shared),
        Step::Chaos => chaos(shared),
        Step::Interop => interop(shared),
        Step::Browser => npm("test:browser"),
        Step::Desktop => desktop(shared),
    }
}

fn ui() -> Result<Counts, Failed> {
    let log = fresh_log("ui-check");
    process::run("npm run check", &mut setup::npm(&paths::ui(), &["run", "check"]), &log)?;
    let counts = npm("test")?;
    setup::built_ui()?;
    Ok(counts)
}

/// A script of `ui/package.json` that runs tests.
fn npm(script: &str) -> Result<Counts, Failed> {
    let log = fresh_log(&format!("ui-{}", script.replace(':', "-")));
    let mut command = setup::npm(&paths::ui(), &["run", script]);
    command.env("CI", "true").env("NO_COLOR", "1");
    counted(&format!("npm run {script}"), &mut command, &log)
}

/// Every test program that stays within one crate, the examples in the documentation, and xtask's own tests.
fn rust(shared: &mut Shared) -> Result<Counts, Failed> {
    let database_url = shared.database_url()?;
    let mut all = Tally::default();
    for program in shared.programs()?.iter().filter(|one| one.package != SYSTEM) {
        all.add(run_program(program, &database_url, |_| ()));
    }
    let mut doc = cargo::cargo(&["test", "--doc"]);
    doc.args(WORKSPACE).env("DATABASE_URL", &database_url);
    all.add(maybe_empty("cargo test --doc", &mut doc, &fresh_log("rust-doc")));
    let mut own = cargo::cargo(&["test", "--package", "xtask"]);
    all.add(counted("cargo test -p xtask", &mut own, &fresh_log("rust-xtask")));
    all.result()
}

const SYSTEM: &str = "deskline-e2e";
const CHAOS: &str = "chaos";
const DESKTOP: &str = "desktop";

fn system(shared: &mut Shared) -> Result<Counts, Failed> {
    let database_url = shared.database_url()?;
    let guarded = Cluster::prepare("guarded", Data::Throwaway)?;
    let mut all = Tally::default();
    for program in shared
        .programs()?
        .iter()
        .filter(|one| one.package == SYSTEM && ![CHAOS, DESKTOP].contains(&one.target.as_str()))
    {
        let mut dressed = Ok(());
        all.add(run_program(program, &database_url, |command| dressed = chaos::hand_over(command, &guarded)));
        dressed?;
    }
    all.result()
}

/// The tests in `tests/chaos`, with a Postgres that they may stop.
fn chaos(shared: &mut Shared) -> Result<Counts, Failed> {
    let mut all = Tally::default();
    for program in shared.programs()?.iter().filter(|one| one.package == SYSTEM && one.target == CHAOS) {
        for part in chaos::Part::ALL {
            let cluster = chaos::cluster(*part)?;
            let mut dressed = Ok(());
            let name = format!("{SYSTEM}-{CHAOS}-{}", part.name());
            all.add(run_program_as(&name, program, &cluster.url("postgres"), |command| {
                command.arg("--nocapture").args(part.filter());
                dressed = chaos::dress(command, &cluster, &paths::target().join("chaos/test").join(part.name()));
            }));
            dressed?;
        }
    }
    all.result()
}

/// The tests in `tests/desktop`, each with a window of its own at our own desk.
fn desktop(shared: &mut Shared) -> Result<Counts, Failed> {
    let database_url = shared.database_url()?;
    shared.programs()?;
    shared.desk()?;
    let (Some(Ok(programs)), Some(desk)) = (&shared.programs, &shared.desk) else {
        return Err(anyhow!("nothing was built").into());
    };
    let mut all = Tally::default();
    for program in programs.iter().filter(|one| one.package == SYSTEM && one.target == DESKTOP) {
        all.add(run_program(program, &database_url, |command| {
            desk.seat(command);
        }));
    }
    all.result()
}

/// Scripts under `tests/node` and `tests/python`: clients that we did not write.
fn interop(shared: &mut Shared) -> Result<Counts, Failed> {
    let database_url = shared.database_url()?;
    shared.programs()?;
    let mut all = Tally::default();
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap"]).current_dir(paths::node());
    with_programs(&mut node, &database_url);
    all.add(counted("node --test in tests/node", &mut node, &fresh_log("interop-node")));
    if let Some(interpreter) = setup::python()? {
        let mut python = Command::new(interpreter);
        python.args(["-m", "pytest", "--no-header", "-rN"]).current_dir(paths::root().join("tests/python"));
        python.env("PYTHONDONTWRITEBYTECODE", "1").args(["-p", "no:cacheprovider"]);
        with_programs(&mut python, &database_url);
        all.add(counted("pytest in tests/python", &mut python, &fresh_log("interop-python")));
    }
    all.result()
}

fn run_program(program: &TestProgram, database_url: &str, dress: impl FnOnce(&mut Command)) -> Result<Counts, Failed> {
    run_program_as(&format!("{}-{}", program.package, program.target), program, database_url, dress)
}

fn run_program_as(
    name: &str,
    program: &TestProgram,
    database_url: &str,
    dress: impl FnOnce(&mut Command),
) -> Result<Counts, Failed> {
    let mut command = Command::new(&program.path);
    command.current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder);
    // Tests that export types write them where nobody minds; whether they are stale is a step of its own.
    command.env("TS_RS_EXPORT_DIR", paths::target().join("bindings"));
    with_programs(&mut command, database_url);
    dress(&mut command);
    maybe_empty(name, &mut command, &fresh_log(name))
}

/// What tests find in the environment.
pub(super) fn with_programs(command: &mut Command, database_url: &str) {
    command.env("DATABASE_URL", database_url).env("RUST_BACKTRACE", "0");
    command.env("DESKLINE_APP", paths::program("debug", "deskline"));
    command.env("DESKLINE_SERVER", paths::program("debug", "deskline-server"));
    command.env("DESKLINE_SIMULATOR", paths::program("debug", "deskline-simulator"));
}

/// Runs a test runner and counts; a run without a test is a failure, because something is wrong with the run.
fn counted(name: &str, command: &mut Command, log: &Path) -> Result<Counts, Failed> {
    let counts = maybe_empty(name, command, log)?;
    if counts.is_empty() {
        return Err(anyhow!("{name} ran no test; see {}", paths::shown(log)).into());
    }
    Ok(counts)
}

fn maybe_empty(name: &str, command: &mut Command, log: &Path) -> Result<Counts, Failed> {
    let status = process::try_run(name, command, log)?;
    let counts = Counts::read(&std::fs::read_to_string(log).unwrap_or_default());
    if status.success() && counts.failed == 0 {
        return Ok(counts);
    }
    let error =
        anyhow!("{name} failed ({status}). The end of {}:\n{}", paths::shown(log), process::last_words(log, 60));
    Err(Failed { counts: counts.with_a_failure(), error })
}

/// Several runs of one step: all of them run, and all failures are told.
#[derive(Default)]
struct Tally {
    counts: Counts,
    errors: Vec<anyhow::Error>,
}

impl Tally {
    fn add(&mut self, result: Result<Counts, Failed>) {
        match result {
            Ok(counts) => self.counts = self.counts + counts,
            Err(failed) => {
                self.counts = self.counts + failed.counts;
                self.errors.push(failed.error);
            }
        }
    }

    fn result(self) -> Result<Counts, Failed> {
        let joined: Vec<String> = self.errors.iter().map(|error| format!("{error:#}")).collect();
        if !joined.is_empty() {
            return Err(Failed { counts: self.counts, error: anyhow!(joined.join("\n\n")) });
        }
        if self.counts.is_empty() {
            let nothing = || -> Result<()> { bail!("no test ran") };
            nothing()?;
        }
        Ok(self.counts)
    }
}

fn fresh_log(name: &str) -> PathBuf {
    let log = paths::logs().join(format!("{name}.log"));
    let _ = std::fs::remove_file(&log);
    log
}
