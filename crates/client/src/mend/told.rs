//! What the agent is told about this machine's copy: being fetched anew, no room, and what happened to it.
//!
//! Kept by `core` for as long as the program runs; what happened stays until the agent has read it.

use std::sync::{Mutex, PoisonError};

use crate::{
    database::Unusable,
    files::{Mended, Restored},
    view::{LocalCopy, Notice, NoticeKind},
};

/// The copy's state as the window sees it.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<LocalCopy>);

impl Told {
    /// As it stands.
    pub(crate) fn now(&self) -> LocalCopy {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes it; answers whether that made a difference.
    pub(crate) fn change(&self, change: impl FnOnce(&mut LocalCopy)) -> bool {
        let mut copy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = copy.clone();
        change(&mut copy);
        *copy != before
    }
}

impl LocalCopy {
    /// Somebody else's: only what is true of the machine itself stays.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self { disk_full: self.disk_full, clock: self.clock.take(), ..Self::default() };
    }

    /// Adds what happened. The same sentence is told once.
    pub(crate) fn tell(&mut self, kind: NoticeKind, text: String) {
        if self.notices.iter().any(|notice| notice.text == text) {
            return;
        }
        let id = self.notices.iter().map(|notice| notice.id).max().unwrap_or(0) + 1;
        self.notices.push(Notice { id, kind, text });
    }
}

/// In plain words: what had to be done until both files were open.
pub(crate) fn tell_mended(copy: &mut LocalCopy, mended: &Mended) {
    if let Some(why) = mended.cache {
        let why = match why {
            Unusable::Damaged | Unusable::Unreadable => "The copy of the conversations on this computer was damaged.",
            Unusable::Newer => "The copy of the conversations on this computer was made by a newer Deskline.",
        };
        copy.rebuilding = Some(why.to_owned());
    }
    if let Some(restored) = &mended.outbox {
        copy.tell(NoticeKind::OutboxRestored, outbox_words(restored));
    }
}

fn outbox_words(restored: &Restored) -> String {
    let damaged = "The file with the texts that wait here and with your drafts was damaged.";
    if restored.salvaged.complete {
        return format!("{damaged} All of it could be read, and is here.");
    }
    match (restored.from_backup, restored.salvaged.rows) {
        (true, _) => format!(
            "{damaged} It was put together from its backup and from what could be read of it. What you wrote in the last seconds \
             before may be missing: have a look at the texts that wait."
        ),
        (false, 0) => format!(
            "{damaged} Nothing of it could be read, and there was no backup: what waited there was not sent. It is kept as {}.",
            restored.aside.display()
        ),
        (false, _) => format!(
            "{damaged} There was no backup; what could be read of it is here. The rest is kept as {}.",
            restored.aside.display()
        ),
    }
}
