//! Programs that a command starts: Postgres, the server, a display, cargo, npm. Every other module starts them through here.
//!
//! Each runs in a process group of its own and writes to a log file. However this program ends, none of them outlives it:
//! [`Running`] stops its program when dropped, [`stop_everything`] is called on Ctrl-C, and when this program is killed outright,
//! a [`guard`] that reads a pipe from it sees the pipe close and does the same. (On Windows there is no guard.)

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    paths,
    say::{self, say},
    wait,
};

mod guard;
#[cfg_attr(unix, path = "process/unix.rs")]
#[cfg_attr(not(unix), path = "process/windows.rs")]
mod system;

pub(crate) use guard::{GUARD, Stop, guard, stop_everything};
use guard::{Group, PATIENCE, started};

/// How often a long step says that it is still at work.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// A program at work.
pub(crate) struct Running {
    name: String,
    child: Child,
    group: Group,
    log: PathBuf,
}

impl Running {
    /// Starts `command` in a group of its own, with everything it prints in `log`.
    pub(crate) fn start(name: &str, command: &mut Command, log: &Path, stop: Stop) -> Result<Self> {
        let file = log_file(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        Self::spawn(name, command, log, stop)
    }

    /// The same, with `input` on its standard input.
    pub(crate) fn start_with_input(
        name: &str,
        command: &mut Command,
        log: &Path,
        stop: Stop,
        input: &str,
    ) -> Result<Self> {
        let file = log_file(log)?;
        command.stdin(Stdio::piped()).stdout(file.try_clone()?).stderr(file);
        let mut running = Self::spawn(name, command, log, stop)?;
        if let Some(mut stdin) = running.child.stdin.take() {
            stdin.write_all(input.as_bytes()).with_context(|| format!("{name} did not read its input"))?;
        }
        Ok(running)
    }

    /// The same, with its standard output for the caller to read.
    pub(crate) fn start_with_output(
        name: &str,
        command: &mut Command,
        log: &Path,
        stop: Stop,
    ) -> Result<(Self, BufReader<ChildStdout>)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log_file(log)?);
        let mut running = Self::spawn(name, command, log, stop)?;
        let stdout = running.child.stdout.take().context("a piped standard output is missing")?;
        Ok((running, BufReader::new(stdout)))
    }

    fn spawn(name: &str, command: &mut Command, log: &Path, stop: Stop) -> Result<Self> {
        system::own_group(command);
        let program = command.get_program().display().to_string();
        let mut started = started();
        let child = command.spawn().with_context(|| format!("{name} did not start: cannot run {program}"))?;
        let group = Group { id: child.id(), stop };
        started.watch(group);
        drop(started);
        Ok(Self { name: name.to_owned(), child, group, log: log.to_path_buf() })
    }

    /// Fails, with the end of its log, once it has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} has ended ({status}). Its last words:\n{}", self.name, self.last_words(15)),
        }
    }

    /// Whether it is still at work.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The last lines of its log.
    pub(crate) fn last_words(&self, lines: usize) -> String {
        last_words(&self.log, lines)
    }

    /// Asks until `look` answers something, but no longer than the program lives.
    pub(crate) fn wait_until<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut look: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let log = self.log.clone();
        wait::until(what, patience, || {
            self.check()?;
            look()
        })
        .with_context(|| format!("see {}", paths::shown(&log)))
    }

    /// Waits for a word in its log.
    pub(crate) fn wait_until_it_says(&mut self, word: &str, patience: Duration) -> Result<()> {
        let log = self.log.clone();
        self.wait_until(&format!("{} to say \"{word}\"", self.name.clone()), patience, || {
            Ok(last_words(&log, 200).contains(word).then_some(()))
        })
    }

    /// Ends it, and everything that it started.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    /// Waits for it to end by itself; every minute says that it still is at work.
    fn wait(mut self) -> Result<ExitStatus> {
        let (tell, told) = mpsc::channel::<()>();
        let (log, name) = (self.log.clone(), self.name.clone());
        let began = Instant::now();
        let heart = thread::spawn(move || {
            while told.recv_timeout(HEARTBEAT) == Err(mpsc::RecvTimeoutError::Timeout) {
                let doing = last_words(&log, 1);
                say!("      … {name}, {}: {}", say::took(began.elapsed()), shorten(doing.trim()));
            }
        });
        let status = self.child.wait();
        drop(tell);
        let _ = heart.join();
        Ok(status?)
    }

    fn end(&mut self) {
        if started().groups.contains(&self.group) {
            system::ask(self.group);
            let ended = wait::until("the program to end", PATIENCE, || {
                let leader = self.child.try_wait()?;
                Ok((leader.is_some() && system::is_gone(self.group)).then_some(()))
            });
            if ended.is_err() {
                system::kill(self.group);
                let _ = self.child.wait();
            }
            started().forget(self.group);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs `command` to its end, with everything it prints in `log`. A failure shows the end of that.
pub(crate) fn run(name: &str, command: &mut Command, log: &Path) -> Result<()> {
    let status = try_run(name, command, log)?;
    succeeded(name, status, log)
}

/// The same, for a caller who wants to see how it ended.
pub(crate) fn try_run(name: &str, command: &mut Command, log: &Path) -> Result<ExitStatus> {
    Running::start(name, command, log, Stop::Terminate)?.wait()
}

/// The same, with `input` on its standard input.
pub(crate) fn run_with_input(name: &str, command: &mut Command, log: &Path, input: &str) -> Result<()> {
    let status = Running::start_with_input(name, command, log, Stop::Terminate, input)?.wait()?;
    succeeded(name, status, log)
}

/// The same, with its standard output in a file of its own.
pub(crate) fn run_with_output(name: &str, command: &mut Command, log: &Path, output: &Path) -> Result<()> {
    command.stdin(Stdio::null()).stdout(log_file(output)?).stderr(log_file(log)?);
    let status = Running::spawn(name, command, log, Stop::Terminate)?.wait()?;
    succeeded(name, status, log)
}

fn succeeded(name: &str, status: ExitStatus, log: &Path) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("{name} failed ({status}). The end of {}:\n{}", paths::shown(log), last_words(log, 40))
}

/// Runs `command` at the terminal: it may ask for a password there, and prints there.
pub(crate) fn run_at_terminal(name: &str, command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    if status.success() { Ok(()) } else { bail!("{name} failed ({status})") }
}

/// What `command` prints, or `None` where it cannot run or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program of this name is on the search path.
pub(crate) fn is_installed(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path)
        .any(|folder| folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)).is_file())
}

fn log_file(log: &Path) -> Result<File> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    File::options().create(true).append(true).open(log).with_context(|| format!("cannot write {}", log.display()))
}

/// The last lines of a log, however long it is.
pub(crate) fn last_words(log: &Path, lines: usize) -> String {
    const ENOUGH: i64 = 64 * 1024;
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        if file.seek(SeekFrom::End(-ENOUGH)).is_err() {
            file.rewind()?;
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    say::tail(read().unwrap_or_default().trim_end(), lines)
}

/// Reads one line, for a program that says where it is on its first.
pub(crate) fn first_line(reader: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

fn shorten(line: &str) -> String {
    line.chars().take(90).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sleeper(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn log(name: &str) -> PathBuf {
        let log = paths::target().join("xtask-tests").join(name);
        let _ = fs::remove_file(&log);
        log
    }

    #[test]
    fn a_stopped_program_takes_its_children_along() {
        let log = log("children.log");
        let running = Running::start("sh", &mut sleeper("sleep 600 & sleep 600"), &log, Stop::Terminate).unwrap();
        let group = running.group;

        running.stop();

        assert!(system::is_gone(group));
    }

    #[test]
    fn a_program_that_ends_too_early_is_reported_with_its_last_words() {
        let log = log("early.log");
        let mut running =
            Running::start("The server", &mut sleeper("echo no such database; exit 3"), &log, Stop::Terminate).unwrap();

        let error = running.wait_until::<()>("it to answer", PATIENCE, || Ok(None)).unwrap_err();

        let told = format!("{error:#}");
        assert!(told.contains("The server has ended") && told.contains("no such database"), "{told}");
    }

    #[test]
    fn a_failed_run_shows_the_end_of_its_log() {
        let error = run("a step", &mut sleeper("seq 1 100; exit 1"), &log("failed.log")).unwrap_err();

        let told = format!("{error:#}");
        assert!(told.contains("100") && !told.contains("\n5\n"), "{told}");
    }
}
