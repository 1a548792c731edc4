//! The one road from the engine to the window: each [`ClientEvent`] waits here until the window takes it, which a bell tells it to do.
//!
//! The bell is a Tauri event, `client-event`, with nothing in it. Tauri hands events to the page as scripts, and WebKit keeps the code of every
//! script that it has not seen before: a bell that is always the same is compiled once, and what happened is an answer, which is forgotten.
//!
//! From the moment in which a page begins until it says `ui_ready` no bell rings: it asks for what it shows while it is still
//! learning to listen, and whatever happens after a question was answered has to reach it. A bridge that falls behind, or holds too much, tells the
//! window to reload, which is always enough.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskline_client::{Client, ClientEvent};
use tauri::{AppHandle, Emitter, Runtime};
use tokio::sync::broadcast::error::RecvError;

use crate::{
    desk::{Desk, Seat},
    window,
};

/// The name of the bell in the window.
const BELL: &str = "client-event";

/// Holds events until the window takes them.
#[derive(Clone)]
pub(crate) struct Bridge {
    gate: Arc<Mutex<Gate>>,
    ring: Arc<dyn Fn() + Send + Sync>,
}

/// More than so many events are one: reload.
const MOST_HELD: usize = 100;

#[derive(Default)]
struct Gate {
    open: bool,
    held: Vec<ClientEvent>,
}

impl Gate {
    /// Only the last wish to open a conversation counts.
    fn hold(&mut self, event: ClientEvent) {
        if is_wish(&event) {
            self.held.retain(|held| !is_wish(held));
        } else if self.held.len() >= MOST_HELD {
            self.held.retain(is_wish);
            self.held.insert(0, ClientEvent::Reload);
            return;
        }
        self.held.push(event);
    }
}

const fn is_wish(event: &ClientEvent) -> bool {
    matches!(event, ClientEvent::OpenConversation { .. })
}

impl Bridge {
    /// A bridge to the window of `app`, closed.
    pub(crate) fn to_window<R: Runtime>(app: AppHandle<R>) -> Self {
        Self::new(move || {
            if let Err(error) = app.emit_to(window::LABEL, BELL, ()) {
                tracing::warn!(%error, "The window was not told that something happened");
            }
        })
    }

    fn new(ring: impl Fn() + Send + Sync + 'static) -> Self {
        Self { gate: Arc::default(), ring: Arc::new(ring) }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page begins, which has asked for nothing yet: of what happened before, it needs no more than the wish.
    pub(crate) fn close(&self) {
        let mut gate = self.gate();
        gate.open = false;
        gate.held.retain(is_wish);
    }

    /// The window listens from now on.
    pub(crate) fn open(&self) {
        let mut gate = self.gate();
        gate.open = true;
        let waits = !gate.held.is_empty();
        drop(gate);
        if waits {
            (self.ring)();
        }
    }

    /// What has happened since it was asked last, in order.
    pub(crate) fn take(&self) -> Vec<ClientEvent> {
        std::mem::take(&mut self.gate().held)
    }

    fn pass(&self, event: ClientEvent) {
        let mut gate = self.gate();
        // For each, also where something waits already: a bell that went unheard costs no more than the time until the next one.
        let rings = gate.open;
        gate.hold(event);
        drop(gate);
        if rings {
            (self.ring)();
        }
    }

    /// The window looks at another account from now on.
    pub(crate) fn switched(&self) {
        self.pass(ClientEvent::AccountSwitched);
    }

    /// Carries events of an account until its engine is gone. Of one that the window does not look at, it hears no more than that its figures
    /// changed.
    pub(crate) async fn carry(self, client: Client, seat: Seat, desk: Desk) {
        let mut events = client.events();
        drop(client);
        loop {
            match events.recv().await {
                Ok(event) if seat == desk.current() => self.pass(event),
                Ok(ClientEvent::UnreadChanged { .. } | ClientEvent::SessionChanged) => {
                    self.pass(ClientEvent::AccountsChanged);
                }
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "The window fell behind and is told to reload");
                    self.pass(ClientEvent::Reload);
                }
                Err(RecvError::Closed) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use deskline_domain::ids::ContactId;

    use super::*;

    /// A bridge, and how often its bell has rung.
    fn bridge() -> (Bridge, Arc<AtomicUsize>) {
        let rung: Arc<AtomicUsize> = Arc::default();
        let bell = Arc::clone(&rung);
        let bridge = Bridge::new(move || {
            bell.fetch_add(1, Relaxed);
        });
        (bridge, rung)
    }

    fn wish(n: u128) -> ClientEvent {
        ClientEvent::OpenConversation { contact_id: ContactId(uuid::Uuid::from_u128(n)) }
    }

    #[test]
    fn what_happens_until_a_page_listens_is_told_once_it_does_and_in_order() {
        let (bridge, rung) = bridge();
        bridge.pass(ClientEvent::SessionChanged);
        bridge.close();

        bridge.pass(ClientEvent::AuditChanged);
        bridge.pass(ClientEvent::LocalCopyChanged);
        assert_eq!(rung.load(Relaxed), 0, "the page cannot hear a bell yet");
        bridge.open();
        assert_eq!(rung.load(Relaxed), 1);

        assert_eq!(bridge.take(), [ClientEvent::AuditChanged, ClientEvent::LocalCopyChanged]);
        bridge.open();
        assert_eq!((bridge.take(), rung.load(Relaxed)), (vec![], 1));
    }

    #[test]
    fn a_page_that_begins_anew_is_not_called_before_it_listens() {
        let (bridge, rung) = bridge();
        bridge.open();
        bridge.close();

        bridge.pass(ClientEvent::AuditChanged);

        assert_eq!(rung.load(Relaxed), 0);
    }

    #[test]
    fn the_last_wish_to_open_a_conversation_waits_for_the_window() {
        let (bridge, rung) = bridge();

        bridge.pass(wish(1));
        bridge.pass(wish(2));
        bridge.close();
        bridge.open();

        assert_eq!((bridge.take(), rung.load(Relaxed)), (vec![wish(2)], 1));
    }

    #[test]
    fn what_is_too_much_to_hold_is_a_reload_and_the_wish() {
        let (bridge, _) = bridge();
        bridge.close();

        bridge.pass(wish(1));
        for _ in 0..=MOST_HELD {
            bridge.pass(ClientEvent::AuditChanged);
        }
        bridge.open();

        let taken = bridge.take();
        assert_eq!(taken[..2], [ClientEvent::Reload, wish(1)]);
        assert!(taken.len() <= MOST_HELD, "{} events", taken.len());
    }

    #[test]
    fn a_window_that_missed_a_bell_takes_everything_with_the_next_one() {
        let (bridge, rung) = bridge();
        bridge.open();

        bridge.pass(ClientEvent::SessionChanged);
        bridge.pass(wish(1));

        assert_eq!(rung.load(Relaxed), 2, "each has rung");
        assert_eq!(bridge.take(), [ClientEvent::SessionChanged, wish(1)]);
        assert_eq!(bridge.take(), [], "and is told once");
    }
}
