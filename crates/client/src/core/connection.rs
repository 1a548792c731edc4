//! How it stands with the server and with what this machine keeps: connected, caught up, reached, begun anew.
//!
//! Told by `sync` and `session`, asked by everybody. Rings the bells of whoever waited for it, and connects nothing by itself.

use std::{
    sync::{PoisonError, atomic::Ordering},
    time::Duration,
};

use chrono::TimeDelta;

use super::Core;
use crate::{
    event::ClientEvent,
    files::Mended,
    mend::told,
    upstream::answer::CallError,
    view::{Connection, LocalCopy},
};

impl Core {
    pub(crate) fn connection(&self) -> Connection {
        self.connection.borrow().clone()
    }

    pub(crate) fn set_connection(&self, connection: Connection) {
        let changed = self.connection.send_if_modified(|current| {
            let changed = *current != connection;
            current.clone_from(&connection);
            changed
        });
        if changed {
            self.emit(ClientEvent::ConnectionChanged { connection });
        }
    }

    /// Not reachable: keeps the time since when, and counts what waits.
    pub(crate) async fn set_offline(&self, reason: String) {
        let since = match self.connection() {
            Connection::Offline { since, .. } => since,
            _ => self.now(),
        };
        let waiting = self.inbox().outbox.waiting().await.unwrap_or_default();
        self.set_connection(Connection::Offline { since, reason, waiting });
    }

    /// The number of texts that wait changed.
    pub(crate) async fn announce_waiting(&self) {
        if let Connection::Offline { reason, .. } = self.connection() {
            self.set_offline(reason).await;
        }
    }

    /// How it stands with what this machine keeps.
    pub(crate) fn local_copy(&self) -> LocalCopy {
        self.told.now()
    }

    pub(crate) fn change_local_copy(&self, change: impl FnOnce(&mut LocalCopy)) {
        if self.told.change(change) {
            self.emit(ClientEvent::LocalCopyChanged);
        }
    }

    /// Whether the cache knows what happened while nobody listened. A machine that slept finds that it was too long ago.
    pub(crate) fn is_caught_up(&self) -> bool {
        let longest = TimeDelta::from_std(self.options.patience.poll_every * 3).unwrap_or(TimeDelta::MAX);
        let at = *self.caught_up.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back tells nothing either.
        at.is_some_and(|at| (self.now() - at).abs() <= longest)
    }

    pub(crate) fn is_reached(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }

    /// The server answers, or does not any more.
    pub(crate) fn set_reached(&self, reached: bool) {
        self.reached.store(reached, Ordering::Relaxed);
        if reached {
            // Whoever waits for the feed counts from now on.
            self.wake_sender.notify_one();
        }
    }

    /// The cache stands at the head of every feed now, or may not any more.
    pub(crate) fn set_caught_up(&self, caught_up: bool) {
        let before = self.is_caught_up();
        let at = caught_up.then(|| self.now());
        *self.caught_up.lock().unwrap_or_else(PoisonError::into_inner) = at;
        if caught_up {
            self.change_local_copy(|copy| copy.rebuilding = None);
        }
        if caught_up && !before {
            // What was written offline waited for this.
            self.wake_sender.notify_one();
        }
    }

    /// Tells the agent what had to be done until both files were open.
    pub(crate) fn tell_mended(&self, mended: &Mended) {
        self.change_local_copy(|copy| told::tell_mended(copy, mended));
    }

    /// The machine slept, or its network is another one: gives up every request and every connection, and tries at once over new ones.
    pub(crate) fn begin_anew(&self) {
        self.http.begin_anew();
        self.anew.send_modify(|times| *times += 1);
        self.wake_all();
    }

    /// Waits for an answer, unless everything begins anew: then for no more than `grace`.
    pub(crate) async fn unless_anew<T>(
        &self,
        grace: Duration,
        answer: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let mut anew = self.anew.subscribe();
        let cut = async {
            // The sender is ours, so that this is no error.
            _ = anew.changed().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            biased;
            () = cut => Err(CallError::NoAnswer { reason: "the network is another one now".to_owned(), never_left: false }),
            answer = answer => answer,
        }
    }

    /// Wakes everything that waits for a time.
    pub(crate) fn wake_all(&self) {
        self.wake_sync.notify_one();
        self.wake_sender.notify_one();
        self.wake_courier.notify_one();
        self.drafts.ask.notify_one();
    }
}
