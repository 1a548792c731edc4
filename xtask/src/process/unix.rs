//! Process groups on Unix.

use std::{os::unix::process::CommandExt, process::Command};

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

/// Whether no process of the group is left.
pub(super) fn is_gone(group: Group) -> bool {
    let Some(id) = pid(group) else { return true };
    // Children that have ended stay in the table until somebody asks; the group of a child that nobody asked about looks alive.
    let _ = waitpid(Pid::from_raw(-id.as_raw()), Some(WaitPidFlag::WNOHANG));
    killpg(id, None) == Err(Errno::ESRCH)
}

fn send(group: Group, signal: Signal) {
    if let Some(id) = pid(group) {
        let _ = killpg(id, signal);
    }
}

fn pid(group: Group) -> Option<Pid> {
    i32::try_from(group.id).ok().filter(|id| *id > 1).map(Pid::from_raw)
}
