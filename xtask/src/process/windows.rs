//! Process trees on Windows, through `taskkill`. A job object would be safer, and needs code that this repository forbids.

use std::process::{Command, Stdio};

use super::Group;

/// When this program is killed outright, what it started goes on: end it with the Task Manager.
pub(super) const HAS_GUARD: bool = false;

/// Nothing to do: `taskkill /t` finds a program's children by itself.
pub(super) fn own_group(_command: &mut Command) {}

/// Ends the tree: console programs have no other way to be asked.
pub(super) fn ask(group: Group) {
    kill(group);
}

/// Ends the tree.
pub(super) fn kill(group: Group) {
    let _ = Command::new("taskkill")
        .args(["/t", "/f", "/pid", &group.id.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Whether the first process of the tree is gone.
pub(super) fn is_gone(group: Group) -> bool {
    let filter = format!("PID eq {}", group.id);
    let listed = Command::new("tasklist").args(["/nh", "/fi", &filter]).output();
    listed.is_ok_and(|output| !String::from_utf8_lossy(&output.stdout).contains(&group.id.to_string()))
}
