//! The one road from the engine to the window: each [`ClientEvent`] becomes a Tauri event `client-event`.
//!
//! Held back until the window says `ui_ready`, since it loads everything then; only a wish to open a conversation is kept
//! for it. A bridge that falls behind tells the window to reload, which is always enough.

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

#[derive(Default)]
struct Gate {
    open: bool,
    wish: Option<ClientEvent>,
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

    /// The window listens from now on.
    pub(crate) fn open(&self) {
        let wish = {
            let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            gate.open = true;
            gate.wish.take()
        };
        if let Some(wish) = wish {
            (self.emit)(&wish);
        }
    }

    fn pass(&self, event: ClientEvent) {
        {
            let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            if !gate.open {
                if matches!(event, ClientEvent::OpenConversation { .. }) {
                    gate.wish = Some(event);
                }
                return;
            }
        }
        (self.emit)(&event);
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
    fn nothing_is_told_to_a_window_that_does_not_listen_yet() {
        let (bridge, seen) = bridge();

        bridge.pass(ClientEvent::Reload);
        bridge.open();

        assert_eq!(*seen.lock().unwrap(), []);
    }

    #[test]
    fn the_last_wish_to_open_a_conversation_waits_for_the_window() {
        let (bridge, seen) = bridge();

        bridge.pass(wish(1));
        bridge.pass(wish(2));
        bridge.open();
        bridge.open();

        assert_eq!(*seen.lock().unwrap(), [wish(2)]);
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
