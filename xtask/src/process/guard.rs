//! The programs that are at work, and the promise that none of them outlives this one.
//!
//! Told by [`super::Running`] what starts and ends. [`stop_everything`] is for Ctrl-C; the [`guard`] is a second process of this
//! program that reads a pipe and ends what is left when the pipe closes, however that came about.

use std::{
    io::Write,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;

use super::system;
use crate::wait;

/// How long a program may take to end by itself before it is killed.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);
static STARTED: Mutex<Started> = Mutex::new(Started { groups: Vec::new(), guard: None });

pub(super) struct Started {
    pub(super) groups: Vec<Group>,
    guard: Option<ChildStdin>,
}

/// A process group, named by the id of its first process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group {
    pub(super) id: u32,
    pub(super) stop: Stop,
}

/// What asks a program to end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// SIGTERM.
    Terminate,
    /// SIGINT: Postgres takes it as "now, but tidily".
    Interrupt,
}

impl Started {
    pub(super) fn watch(&mut self, group: Group) {
        self.groups.push(group);
        if self.guard.is_none() {
            self.guard = spawn_guard();
            let groups = self.groups.clone();
            groups.into_iter().for_each(|group| self.tell_guard("watch", group));
        } else {
            self.tell_guard("watch", group);
        }
    }

    pub(super) fn forget(&mut self, group: Group) {
        self.groups.retain(|one| *one != group);
        self.tell_guard("forget", group);
    }

    fn tell_guard(&mut self, verb: &str, group: Group) {
        let stop = if group.stop == Stop::Interrupt { "interrupt" } else { "terminate" };
        if let Some(guard) = &mut self.guard {
            let _ = writeln!(guard, "{verb} {} {stop}", group.id);
        }
    }
}

/// Ends every program that is still at work, the newest first. For Ctrl-C: called on another thread than the one that waits.
pub(crate) fn stop_everything() {
    let mut started = started();
    let groups = std::mem::take(&mut started.groups);
    end_groups(&groups);
    for group in groups {
        started.tell_guard("forget", group);
    }
}

/// The guard's whole life: remembers the groups it is told of until its input closes, then ends those that are left.
pub(crate) fn guard() -> Result<()> {
    let mut groups: Vec<Group> = Vec::new();
    for line in std::io::stdin().lines() {
        let line = line?;
        let mut words = line.split(' ');
        let (verb, id, stop) = (words.next(), words.next(), words.next());
        let Some(id) = id.and_then(|id| id.parse().ok()) else { continue };
        let group = Group { id, stop: if stop == Some("interrupt") { Stop::Interrupt } else { Stop::Terminate } };
        match verb {
            Some("watch") => groups.push(group),
            _ => groups.retain(|one| *one != group),
        }
    }
    end_groups(&groups);
    Ok(())
}

/// The argument that makes this program a [`guard`].
pub(crate) const GUARD: &str = "guard";

fn spawn_guard() -> Option<ChildStdin> {
    // In a unit test, the current program is the test and not xtask.
    if !system::HAS_GUARD || cfg!(test) {
        return None;
    }
    let mut command = Command::new(std::env::current_exe().ok()?);
    command.arg(GUARD).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    system::own_group(&mut command);
    command.spawn().ok()?.stdin.take()
}

fn end_groups(groups: &[Group]) {
    for group in groups.iter().rev() {
        system::ask(*group);
        let ended = wait::until("the program to end", PATIENCE, || Ok(system::is_gone(*group).then_some(())));
        if ended.is_err() {
            system::kill(*group);
        }
    }
}

pub(super) fn started() -> MutexGuard<'static, Started> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner)
}
