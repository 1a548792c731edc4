//! The bell that rings when any statement of any file failed in a way that somebody has to see to.
//!
//! Rung where a failure of SQLite becomes an error of ours (`error.rs`), so that no caller has to think of it; heard by the task
//! that watches the files. One bell serves the whole process: it only says "look", and whoever hears it looks at its own files.

use std::sync::LazyLock;

use tokio::sync::watch;

use crate::database::Trouble;

/// How often it rang, for each kind of trouble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rung {
    pub(crate) damaged: u64,
    pub(crate) full: u64,
}

static BELL: LazyLock<watch::Sender<Rung>> = LazyLock::new(watch::Sender::default);

/// Something failed.
pub(crate) fn ring(trouble: Trouble) {
    BELL.send_modify(|rung| match trouble {
        Trouble::Damaged => rung.damaged += 1,
        Trouble::Full => rung.full += 1,
    });
}

/// Hears it from now on.
pub(crate) fn listen() -> watch::Receiver<Rung> {
    BELL.subscribe()
}
