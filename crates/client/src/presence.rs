//! Who does what right now: what the window tells of the agent, and what the socket tells of colleagues.
//!
//! Owned by `core`. [`said`], [`heard`] and [`claim`] decide without any I/O; here they meet the clock and a lock. `sync::run` says
//! what is due over its socket, and a connection that is lost takes with it whatever was heard over it. Nothing is stored.

pub(crate) mod claim;
pub(crate) mod heard;
pub(crate) mod said;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use deskline_domain::{
    ids::{ContactId, UserId, WorkspaceId},
    protocol::{ActivityTold, TellActivity},
};
use tokio::{sync::Notify, time::Instant};

use self::{
    heard::Heard,
    said::{Doing, Said, Thread},
};
use crate::{
    inbox::page::Place,
    view::{Colleagues, Focus},
};

/// So long after a key, a text or a note is being typed: nothing is put under the agent's cursor.
const UNDER_THE_CURSOR: Duration = Duration::from_secs(5);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    inner: Mutex<Inner>,
    /// Rings when there may be something to say.
    pub(crate) changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    doing: Doing,
    said: Said,
    heard: Heard,
    /// Counts connections: what an old one still hears is nothing.
    connection: u64,
    /// What the window was told last.
    shown: Colleagues,
    /// The newest message of each thread when the agent began to write there.
    began: HashMap<ContactId, Place>,
    /// Beside which thread a note was written last, and when. It is the agent's own affair: no colleague is told.
    noted: Option<(ContactId, Instant)>,
}

impl Presence {
    /// What the agent looks at. `home` is the team of the thread on screen.
    pub(crate) fn look(&self, focus: Focus, home: Option<WorkspaceId>, now: Instant) {
        let mut inner = self.inner();
        let doing = &mut inner.doing;
        if focus.window || doing.window {
            doing.focused_at = Some(now);
        }
        doing.window = focus.window;
        let thread = focus.contact_id.zip(home).map(|(contact_id, workspace_id)| Thread { workspace_id, contact_id });
        if thread != doing.on_screen.map(|(thread, _)| thread) {
            doing.on_screen = thread.map(|thread| (thread, now));
            doing.key = None;
            inner.noted = None;
        }
        drop(inner);
        self.changed.notify_one();
    }

    /// A key was pressed in the text to this contact. `newest` is where its thread ends, in case that the text begins here.
    pub(crate) fn type_to(&self, contact_id: ContactId, home: WorkspaceId, newest: Place, now: Instant) {
        let mut inner = self.inner();
        inner.doing.key = Some((Thread { workspace_id: home, contact_id }, now));
        inner.doing.focused_at = Some(now);
        inner.began.entry(contact_id).or_insert(newest);
        drop(inner);
        self.changed.notify_one();
    }

    /// The text to this contact was sent or deleted.
    pub(crate) fn stop_typing(&self, contact_id: ContactId) {
        let mut inner = self.inner();
        inner.began.remove(&contact_id);
        if inner.doing.key.is_some_and(|(thread, _)| thread.contact_id == contact_id) {
            inner.doing.key = None;
            drop(inner);
            self.changed.notify_one();
        }
    }

    /// The note beside this thread is this now; a blank one was kept or deleted.
    pub(crate) fn note_beside(&self, contact_id: ContactId, note: &str, now: Instant) {
        self.inner().noted = (!note.trim().is_empty()).then_some((contact_id, now));
    }

    /// Whether a key was pressed in the text to this contact just now, or in the note beside it.
    pub(crate) fn is_writing_to(&self, contact_id: ContactId, now: Instant) -> bool {
        let inner = self.inner();
        let typed = inner.doing.key.map(|(thread, at)| (thread.contact_id, at));
        [typed, inner.noted]
            .into_iter()
            .flatten()
            .any(|(written_to, at)| written_to == contact_id && now.saturating_duration_since(at) < UNDER_THE_CURSOR)
    }

    /// Where the thread ended when the text to this contact was begun, if one was.
    pub(crate) fn began(&self, contact_id: ContactId) -> Option<Place> {
        self.inner().began.get(&contact_id).copied()
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.inner().doing.away = away;
        self.changed.notify_one();
    }

    /// What has to be said now; counts as said.
    pub(crate) fn due(&self, teams: &[WorkspaceId], now: Instant) -> Vec<TellActivity> {
        let mut inner = self.inner();
        let doing = inner.doing;
        inner.said.due(&doing, teams, now)
    }

    /// A new connection: nothing was said or heard over it. What it hears is told under this number.
    pub(crate) fn connect(&self) -> u64 {
        let mut inner = self.inner();
        inner.connection += 1;
        inner.said = Said::default();
        inner.heard = Heard::default();
        inner.connection
    }

    /// The connection is gone, and nobody knows what colleagues do.
    pub(crate) fn disconnect(&self) {
        self.connect();
    }

    /// Somebody else has signed in, or nobody: nothing of what the agent did counts any more.
    pub(crate) fn forget(&self) {
        let mut inner = self.inner();
        let Doing { window, focused_at, .. } = inner.doing;
        let doing = Doing { window, focused_at, ..Doing::default() };
        *inner = Inner { connection: inner.connection + 1, doing, ..Inner::default() };
    }

    pub(crate) fn hear(&self, connection: u64, told: ActivityTold, now: Instant) {
        let mut inner = self.inner();
        if inner.connection == connection {
            inner.heard.hear(told, now);
        }
    }

    /// What colleagues do.
    pub(crate) fn colleagues(&self, me: UserId, now: Instant) -> Colleagues {
        self.inner().colleagues(me, now)
    }

    /// Whether they do something else than when this was last asked.
    pub(crate) fn has_changed(&self, me: UserId, now: Instant) -> bool {
        let mut inner = self.inner();
        let colleagues = inner.colleagues(me, now);
        std::mem::replace(&mut inner.shown, colleagues.clone()) != colleagues
    }

    /// A colleague who writes to the contact.
    pub(crate) fn typing_to(&self, contact_id: ContactId, me: UserId, now: Instant) -> Option<UserId> {
        let mut inner = self.inner();
        inner.heard.lapse(now);
        inner.heard.typing_to(contact_id, me)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn colleagues(&mut self, me: UserId, now: Instant) -> Colleagues {
        self.heard.lapse(now);
        Colleagues { at_work: self.heard.at_work(me), busy: self.heard.busy(me), away: self.doing.away }
    }
}
