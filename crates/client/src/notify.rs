//! Telling the agent that a text came in, while nobody looks at its thread.
//!
//! [`policy`] says which texts are worth telling, [`board`] makes few notifications of many texts, [`words`] writes them, and a
//! [`Notifier`] shows them: the desktop's in the app, [`RecordingNotifier`] in tests. An answer that comes back from one is
//! judged by [`answer`].

pub(crate) mod answer;
pub(crate) mod board;
pub mod policy;
pub mod settings;
mod words;

use std::sync::{Mutex, PoisonError};

use deskline_domain::ids::{ContactId, MessageId};

/// A place on the screen: what is shown in it takes the place of what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// One conversation's.
    Conversation(ContactId),
    /// The one that stands for many conversations.
    Many,
}

/// What to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Where.
    pub slot: Slot,
    /// Whose thread a click opens.
    pub contact_id: ContactId,
    /// The contact's name, or a summary when many wrote at once.
    pub title: String,
    /// The newest text, or what may be said of it.
    pub body: String,
    /// How many texts it stands for, at least 1.
    pub count: u32,
    /// The newest text that it tells of: an answer to it is given after that one. `None` when it cannot be answered from here.
    pub newest: Option<MessageId>,
    /// Whether to show it without a sound.
    pub silent: bool,
}

/// Shows notifications. Called from the engine's tasks, so it must not block for long.
pub trait Notifier: Send + Sync {
    /// Shows one, in the place of what was in its slot.
    fn show(&self, notification: Notification);

    /// Takes away what is in a slot, if there is anything: it was read, here or elsewhere.
    fn withdraw(&self, slot: Slot);
}

/// Remembers instead of showing, for tests and for the desktop without a desk.
#[derive(Debug, Default)]
pub struct RecordingNotifier {
    shown: Mutex<Vec<Notification>>,
    withdrawn: Mutex<Vec<Slot>>,
}

impl RecordingNotifier {
    /// All that were ever shown, in order.
    #[must_use]
    pub fn shown(&self) -> Vec<Notification> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The conversations whose notifications were ever withdrawn, in order.
    #[must_use]
    pub fn withdrawn(&self) -> Vec<ContactId> {
        let withdrawn = self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner);
        let conversations = withdrawn.iter().filter_map(|slot| match slot {
            Slot::Conversation(contact_id) => Some(*contact_id),
            Slot::Many => None,
        });
        conversations.collect()
    }
}

impl Notifier for RecordingNotifier {
    fn show(&self, notification: Notification) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(notification);
    }

    fn withdraw(&self, slot: Slot) {
        self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner).push(slot);
    }
}
