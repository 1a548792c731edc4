//! Telling the agent that a text came in, while nobody looks at its thread.
//!
//! [`policy`] decides, a [`Notifier`] shows: the desktop's in the app, [`RecordingNotifier`] in tests.

pub mod policy;

use std::sync::{Mutex, PoisonError};

use deskline_domain::ids::ContactId;

/// What to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Whose thread a click opens. A second notification of one contact takes the place of the first.
    pub contact_id: ContactId,
    /// The contact's name, or a summary when many wrote at once.
    pub title: String,
    /// The newest text.
    pub body: String,
    /// How many texts it stands for, at least 1.
    pub count: u32,
}

/// Shows notifications. Called from the engine's tasks, so it must not block for long.
pub trait Notifier: Send + Sync {
    /// Shows one, or puts it in the place of the contact's earlier one.
    fn show(&self, notification: Notification);

    /// Takes the contact's away, if there is one: it was read, here or elsewhere.
    fn withdraw(&self, contact_id: ContactId);
}

/// Remembers instead of showing, for tests and for the desktop without a desk.
#[derive(Debug, Default)]
pub struct RecordingNotifier {
    shown: Mutex<Vec<Notification>>,
    withdrawn: Mutex<Vec<ContactId>>,
}

impl RecordingNotifier {
    /// All that were ever shown, in order.
    #[must_use]
    pub fn shown(&self) -> Vec<Notification> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All that were ever withdrawn, in order.
    #[must_use]
    pub fn withdrawn(&self) -> Vec<ContactId> {
        self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Notifier for RecordingNotifier {
    fn show(&self, notification: Notification) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(notification);
    }

    fn withdraw(&self, contact_id: ContactId) {
        self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner).push(contact_id);
    }
}
