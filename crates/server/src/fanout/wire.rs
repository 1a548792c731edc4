//! The way to one socket: a queue of its own, and a task that hands it over as fast as the socket reads.
//!
//! Filled by lanes and by the socket's own handlers. Never makes anybody wait: a socket that has stopped reading is let go once
//! too much lies in its queue, and comes back by itself to catch up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deskline_domain::ids::UserId;
use serde_json::value::RawValue;
use socketioxide::{SendError, SocketError, extract::SocketRef, socket::Sid};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::metrics::Metrics;

/// A socket with more than this in its queue is let go. The JSON is shared between sockets, so this is not multiplied by them.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// What an entry weighs besides its JSON.
const ENTRY_BYTES: usize = 64;

struct Entry {
    name: &'static str,
    payload: Arc<RawValue>,
}

/// One socket, as the rest of the server sees it.
pub struct Wire {
    /// The socket's id.
    pub sid: Sid,
    /// Who is at the other end.
    pub user: UserId,
    /// What colleagues know the socket by.
    pub session: Uuid,
    queue: mpsc::UnboundedSender<Entry>,
    waiting: Arc<AtomicUsize>,
    closed: CancellationToken,
    metrics: Arc<Metrics>,
}

impl Wire {
    /// Connects a queue to a socket and starts handing over, until `closed` is cancelled: because the socket is gone, or here because it has to
    /// go.
    #[must_use]
    pub fn start(
        socket: SocketRef,
        user: UserId,
        session: Uuid,
        metrics: Arc<Metrics>,
        closed: CancellationToken,
    ) -> Arc<Self> {
        let (queue, entries) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let wire = Arc::new(Self {
            sid: socket.id,
            user,
            session,
            queue,
            waiting: waiting.clone(),
            closed: closed.clone(),
            metrics,
        });
        tokio::spawn(async move {
            tokio::select! {
                () = hand_over(&socket, entries, &waiting) => {}
                () = closed.cancelled() => {}
            }
            let_go(socket).await;
        });
        wire
    }

    /// Queues an event. On a wire that is closed, or overfull, it is dropped.
    pub fn push(&self, name: &'static str, payload: Arc<RawValue>) {
        let weight = payload.get().len() + ENTRY_BYTES;
        if self.closed.is_cancelled() {
            return;
        }
        if self.waiting.fetch_add(weight, Ordering::Relaxed) + weight > MOST_BYTES {
            tracing::warn!(socket = %self.sid, "a socket does not read what it joined and is let go");
            self.metrics.sockets_dropped.inc();
            self.closed.cancel();
            return;
        }
        self.metrics.events.inc();
        // The task is gone only once the socket is.
        let _ = self.queue.send(Entry { name, payload });
    }
}

async fn hand_over(socket: &SocketRef, mut entries: mpsc::UnboundedReceiver<Entry>, waiting: &AtomicUsize) {
    while let Some(entry) = entries.recv().await {
        let mut pause = Duration::from_millis(1);
        loop {
            match socket.emit(entry.name, &*entry.payload) {
                Ok(()) => break,
                // Full; or not open yet, for a moment, or any more, and then we are told so.
                Err(SendError::Socket(SocketError::InternalChannelFull | SocketError::Closed)) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(100));
                }
                Err(_) => return,
            }
        }
        waiting.fetch_sub(entry.payload.get().len() + ENTRY_BYTES, Ordering::Relaxed);
    }
}

/// Says goodbye, for which there has to be room; a socket that never makes room is ended by its missing heartbeat.
pub(crate) async fn let_go(socket: SocketRef) {
    while socket.connected() {
        match socket.clone().disconnect() {
            Err(SocketError::InternalChannelFull) => tokio::time::sleep(Duration::from_millis(500)).await,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use futures_util::FutureExt;
    use rust_socketio::{TransportType, asynchronous::ClientBuilder};
    use serde_json::value::to_raw_value;
    use socketioxide::{SocketIo, handler::ConnectHandler};
    use tokio::net::TcpListener;

    use super::*;

    /// socketioxide lets a socket in a moment before it calls it connected; a quick client has joined a workspace by then.
    #[tokio::test]
    async fn what_is_pushed_before_the_socket_is_connected_is_heard_when_it_is() {
        let (layer, io) = SocketIo::new_layer();
        let let_in = async |socket: SocketRef| {
            assert!(!socket.connected());
            let wire = Wire::start(socket, UserId(Uuid::nil()), Uuid::nil(), Arc::default(), CancellationToken::new());
            wire.push("early", to_raw_value("bird").unwrap().into());
            tokio::task::yield_now().await;
            Ok::<(), std::convert::Infallible>(())
        };
        io.ns("/", (async || ()).with(let_in));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, Router::new().layer(layer)).await });
        let (hear, mut heard) = mpsc::unbounded_channel();

        let client = ClientBuilder::new(url)
            .transport_type(TransportType::Websocket)
            .on("early", move |payload, _| {
                hear.send(format!("{payload:?}")).unwrap();
                async {}.boxed()
            })
            .connect()
            .await
            .unwrap();
        let payload = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await;

        let payload = payload.expect("a wire that was filled early must stay open until the socket is connected");
        assert!(payload.is_some_and(|payload| payload.contains("bird")));
        drop(client);
    }
}
