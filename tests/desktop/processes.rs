//! Finding and ending the processes of a test.

use std::{fs, process::Command};

/// The children of a process.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|line| line.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>())
        .collect()
}

/// Everything below a process, itself included.
pub(crate) fn family(root: u32) -> Vec<u32> {
    let mut all = vec![root];
    let mut next = 0;
    while let Some(parent) = all.get(next).copied() {
        all.extend(children(parent));
        next += 1;
    }
    all
}

/// Whether it still runs: a process that only waits to be reaped does not.
pub(crate) fn is_running(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

/// Sends a signal, such as `TERM` or `KILL`, to one process.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status();
    assert!(sent.is_ok_and(|status| status.success()), "process {pid} got no {name}: it was gone already");
}

/// What a program writes to its standard output.
pub(crate) fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| {
        panic!("{program} cannot be run ({error}): `cargo xtask setup` says how to install it")
    });
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Asks an X window to close, as the close button of a window manager does; `xdotool` can only destroy it.
pub(crate) fn close_window(window: u32) -> Result<(), Box<dyn std::error::Error>> {
    use x11rb::{
        CURRENT_TIME,
        connection::Connection as _,
        protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask},
    };

    let (display, _) = x11rb::connect(None)?;
    let protocols = display.intern_atom(false, b"WM_PROTOCOLS")?.reply()?.atom;
    let delete = display.intern_atom(false, b"WM_DELETE_WINDOW")?.reply()?.atom;
    let message = ClientMessageEvent::new(32, window, protocols, [delete, CURRENT_TIME, 0, 0, 0]);
    display.send_event(false, window, EventMask::NO_EVENT, message)?.check()?;
    Ok(display.flush()?)
}
