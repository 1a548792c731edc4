//! Which sign-ins have ended: an access token of one is good no longer, whatever its own time says, and no socket stays that was opened with it.
//!
//! Asked with each request and each handshake ([`App::identify`](crate::app::App::identify), [`crate::socket`]), and told by [`crate::fanout`] what
//! ends. Tokens of other issuers belong to no sign-in of ours, and to them nothing here applies.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use deskline_store::Store;
use socketioxide::{SocketIo, extract::SocketRef};
use tokio::time::Instant;
use uuid::Uuid;

use crate::fanout::wire;

/// A sign-in that went on is not asked about again within this: whoever changes a password has put others out by then.
const KNOWN_FOR: Duration = Duration::from_millis(500);
/// So many are remembered before those are forgotten that are known for too long.
const REMEMBERED: usize = 4_096;
/// Between two looks at all sockets, while the database does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// See the module.
pub struct SignIns {
    store: Store,
    /// When each was last seen to go on.
    going_on: Mutex<HashMap<Uuid, Instant>>,
    /// Every socket of this process.
    sockets: OnceLock<SocketIo>,
}

/// What a socket was opened with.
#[derive(Clone, Copy)]
struct OpenedWith(Uuid);

impl SignIns {
    /// No sockets yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, going_on: Mutex::default(), sockets: OnceLock::new() }
    }

    /// Whether a sign-in has ended, as it was half a second ago at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_ended(&self, session: Uuid, now: Instant) -> deskline_store::Result<bool> {
        let known = self.going_on.lock().unwrap_or_else(PoisonError::into_inner).get(&session).copied();
        if known.is_some_and(|known| now.duration_since(known) < KNOWN_FOR) {
            return Ok(false);
        }
        let ended = self.ended_now(session).await?;
        if !ended {
            let mut going_on = self.going_on.lock().unwrap_or_else(PoisonError::into_inner);
            if going_on.len() >= REMEMBERED {
                going_on.retain(|_, known| now.duration_since(*known) < KNOWN_FOR);
            }
            going_on.insert(session, now);
        }
        Ok(ended)
    }

    async fn ended_now(&self, session: Uuid) -> deskline_store::Result<bool> {
        Ok(!self.store.ended_sessions(&[session]).await?.is_empty())
    }

    /// Where sockets are found from now on.
    pub fn watch(&self, sockets: SocketIo) {
        // Once a process.
        let _ = self.sockets.set(sockets);
    }

    /// Whether a socket may be opened with it. While the database does not answer it may, and is looked at when that is back.
    pub async fn lets_in(&self, socket: &SocketRef, session: Uuid) -> bool {
        socket.extensions.insert(OpenedWith(session));
        !self.has_ended(session, Instant::now()).await.unwrap_or(false)
    }

    /// Once a socket can be found: whatever ended before that, nobody could put it out for.
    pub async fn look_at(&self, socket: SocketRef) {
        let Some(OpenedWith(session)) = socket.extensions.get() else { return };
        if self.ended_now(session).await.unwrap_or(false) {
            wire::let_go(socket).await;
        }
    }

    /// A sign-in has ended: its sockets go.
    pub fn end(&self, session: Uuid) {
        self.going_on.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
        self.put_out(&[session]);
    }

    /// Puts out whatever ended while nobody listened.
    pub async fn look_at_all(&self) {
        loop {
            let mut sessions: Vec<Uuid> = self.sockets().iter().filter_map(|(_, session)| *session).collect();
            sessions.sort_unstable();
            sessions.dedup();
            if sessions.is_empty() {
                return;
            }
            match self.store.ended_sessions(&sessions).await {
                Ok(ended) => return self.put_out(&ended),
                Err(error) => {
                    tracing::warn!(%error, "whose sign-in has ended cannot be looked up; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn put_out(&self, ended: &[Uuid]) {
        if ended.is_empty() {
            return;
        }
        for (socket, session) in self.sockets() {
            if session.is_some_and(|session| ended.contains(&session)) {
                tokio::spawn(wire::let_go(socket));
            }
        }
    }

    fn sockets(&self) -> Vec<(SocketRef, Option<Uuid>)> {
        let sockets = self.sockets.get().map(SocketIo::sockets).unwrap_or_default();
        sockets
            .into_iter()
            .map(|socket| {
                let with = socket.extensions.get::<OpenedWith>().map(|with| with.0);
                (socket, with)
            })
            .collect()
    }
}
