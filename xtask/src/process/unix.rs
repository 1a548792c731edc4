//! Process groups on Unix.

use std::{fs, os::unix::process::CommandExt, process::Command};

use nix::{
    errno::Errno,
    sys::{
        signal::{Signal, killpg},
        wait::{WaitPidFlag, waitpid},
    },
    unistd::Pid,
};

use super::{Group, Stop};

/// A killed parent is noticed: see [`super::guard`].
pub(super) const HAS_GUARD: bool = true;

/// Makes the program the first of a new group, which Ctrl-C at the terminal does not reach.
pub(super) fn own_group(command: &mut Command) {
    command.process_group(0);
}

/// Asks every process of the group to end.
pub(super) fn ask(group: Group) {
    let signal = match group.stop {
        Stop::Terminate => Signal::SIGTERM,
        Stop::Interrupt => Signal::SIGINT,
    };
    send(group, signal);
}

/// Ends every process of the group, ready or not.
pub(super) fn kill(group: Group) {
    send(group, Signal::SIGKILL);
}

/// Whether no process of the group is left. One that has ended and that nobody has asked about yet does not count.
pub(super) fn is_gone(group: Group) -> bool {
    let Some(id) = pid(group) else { return true };
    // Children of ours that have ended stay in the table until we ask.
    let _ = waitpid(Pid::from_raw(-id.as_raw()), Some(WaitPidFlag::WNOHANG));
    killpg(id, None) == Err(Errno::ESRCH) || all_have_ended(id) == Some(true)
}

/// The same of children of others, who may take their time to ask. `None` where the system has no `/proc` to read it from.
fn all_have_ended(group: Pid) -> Option<bool> {
    let members = fs::read_dir("/proc").ok()?.filter_map(|entry| {
        let stat = fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        // `27 (a name) S 1 27 …`: state, parent, group
        let mut fields = stat.rsplit_once(") ")?.1.split(' ');
        let (state, group) = (fields.next()?.to_owned(), fields.nth(1)?.parse::<i32>().ok()?);
        Some((state, group))
    });
    let mut alive = members.filter(|(state, of)| *of == group.as_raw() && !matches!(state.as_str(), "Z" | "X"));
    cfg!(target_os = "linux").then(|| alive.next().is_none())
}

fn send(group: Group, signal: Signal) {
    if let Some(id) = pid(group) {
        let _ = killpg(id, signal);
    }
}

fn pid(group: Group) -> Option<Pid> {
    i32::try_from(group.id).ok().filter(|id| *id > 1).map(Pid::from_raw)
}
