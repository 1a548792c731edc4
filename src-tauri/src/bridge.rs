//! The one road from the engine to the window: each [`ClientEvent`] becomes a Tauri event `client-event`.
//!
//! From the moment in which a page begins until it says `ui_ready`, events are held back for it: it asks for what it shows while it is still
//! learning to listen, and whatever happens after a question was answered has to reach it. A bridge that falls behind, or holds too much, tells the
//! window to reload, which is always enough.

use std::sync::{Arc, Mutex, PoisonError};

use deskline_client::{Client, ClientEvent};
use tauri::{AppHandle, Emitter, Runtime};
use tokio::sync::broadcast::error::RecvError;

use crate::{
    desk::{Desk, Seat},
    window,
};

/// The name of the event in the window.
const EVENT: &str = "client-event";

/// Lets events through once the window listens.
#[derive(Clone)]
pub(crate) struct Bridge {
    gate: Arc<Mutex<Gate>>,
    emit: Arc<dyn Fn(&ClientEvent) + Send + Sync>,
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
        Self::new(move |event| {
            if let Err(error) = app.emit_to(window::LABEL, EVENT, event) {
                tracing::warn!(%error, "An event did not reach the window");
            }
        })
    }

    fn new(emit: impl Fn(&ClientEvent) + Send + Sync + 'static) -> Self {
        Self { gate: Arc::default(), emit: Arc::new(emit) }
    }

    /// A page begins, which has asked for nothing yet: of what happened before, it needs no more than the wish.
    pub(crate) fn close(&self) {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        gate.open = false;
        gate.held.retain(is_wish);
    }

    /// The window listens from now on.
    pub(crate) fn open(&self) {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        gate.open = true;
        // Under the lock: nothing newer may overtake what was held.
        gate.held.drain(..).for_each(|event| (self.emit)(&event));
    }

    fn pass(&self, event: ClientEvent) {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if gate.open { (self.emit)(&event) } else { gate.hold(event) }
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
    use deskline_domain::ids::ContactId;

    use super::*;

    fn bridge() -> (Bridge, Arc<Mutex<Vec<ClientEvent>>>) {
        let seen: Arc<Mutex<Vec<ClientEvent>>> = Arc::default();
        let log = Arc::clone(&seen);
        (Bridge::new(move |event| log.lock().unwrap().push(event.clone())), seen)
    }

    fn wish(n: u128) -> ClientEvent {
        ClientEvent::OpenConversation { contact_id: ContactId(uuid::Uuid::from_u128(n)) }
    }

    #[test]
    fn what_happens_until_a_page_listens_is_told_once_it_does_and_in_order() {
        let (bridge, seen) = bridge();
        bridge.pass(ClientEvent::SessionChanged);
        bridge.close();

        bridge.pass(ClientEvent::AuditChanged);
        bridge.pass(ClientEvent::LocalCopyChanged);
        assert_eq!(*seen.lock().unwrap(), []);
        bridge.open();
        bridge.open();

        assert_eq!(*seen.lock().unwrap(), [ClientEvent::AuditChanged, ClientEvent::LocalCopyChanged]);
    }

    #[test]
    fn a_page_that_begins_anew_is_told_nothing_before_it_listens() {
        let (bridge, seen) = bridge();
        bridge.open();
        bridge.close();

        bridge.pass(ClientEvent::AuditChanged);

        assert_eq!(*seen.lock().unwrap(), []);
    }

    #[test]
    fn the_last_wish_to_open_a_conversation_waits_for_the_window() {
        let (bridge, seen) = bridge();

        bridge.pass(wish(1));
        bridge.pass(wish(2));
        bridge.close();
        bridge.open();
        bridge.open();

        assert_eq!(*seen.lock().unwrap(), [wish(2)]);
    }

    #[test]
    fn what_is_too_much_to_hold_is_a_reload_and_the_wish() {
        let (bridge, seen) = bridge();
        bridge.close();

        bridge.pass(wish(1));
        for _ in 0..=MOST_HELD {
            bridge.pass(ClientEvent::AuditChanged);
        }
        bridge.open();

        let seen = seen.lock().unwrap();
        assert_eq!(seen[..2], [ClientEvent::Reload, wish(1)]);
        assert!(seen.len() <= MOST_HELD, "{} events", seen.len());
    }

    #[test]
    fn a_window_that_listens_is_told_everything_in_order() {
        let (bridge, seen) = bridge();
        bridge.open();

        bridge.pass(ClientEvent::SessionChanged);
        bridge.pass(wish(1));

        assert_eq!(*seen.lock().unwrap(), [ClientEvent::SessionChanged, wish(1)]);
    }
}
