//! Socket.IO: who may connect, and what a connected client may ask for.
//!
//! Speaks protocol 5 on the default path and namespace. Handlers answer in the ack if one was asked for; whatever shape a payload has,
//! the socket and the process go on. Everything that goes to a room is emitted by [`crate::fanout`], never from here.

use std::{
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use deskline_domain::{
    ids::{MessageId, WorkspaceId},
    protocol::{Ask, ErrorBody, JoinReply, SendSmsReply, event},
};
use deskline_store::Outbound;
use serde::Serialize;
use serde_json::Value;
use socketioxide::{
    SocketIo,
    extract::{AckSender, SocketRef, TryData},
    handler::ConnectHandler,
    layer::SocketIoLayer,
};
use tokio::{sync::oneshot, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    auth::{Identity, TokenError},
    edge,
    error::ApiError,
    fanout::{Wants, wire::Wire},
    http,
    pace::Pace,
    payload,
};

mod activity;

/// Where sockets are.
pub const PATH: &str = "/socket.io";

/// One packet from a client, in bytes, over polling and over a WebSocket, in one frame or in many: a text of 1,600 characters with ten
/// addresses fits many times over.
const MAX_PACKET: usize = 1_000_000;
/// Each socket reads into a buffer of its own of so many bytes, for as long as it lives. Almost everything that clients say is shorter; what
/// is longer is read in several steps.
const READ_BUFFER: usize = 1_024;
/// Packets that wait in a socket's own buffer; what is more waits on its wire.
const BUFFERED_PACKETS: usize = 512;

/// Who has shaken hands says within this who it is. Until then it costs memory, and nobody knows whose.
const INTRODUCTION: Duration = Duration::from_secs(10);

/// The layer that answers everything under `/socket.io/`, and the handle that closes it.
pub fn layer(app: &Arc<App>) -> (SocketIoLayer, SocketIo) {
    let (layer, io) = SocketIo::builder()
        .max_payload(MAX_PACKET as u64)
        .ws_max_message_size(MAX_PACKET)
        .ws_max_frame_size(MAX_PACKET)
        .ws_read_buffer_size(READ_BUFFER)
        .max_buffer_size(BUFFERED_PACKETS)
        .connect_timeout(INTRODUCTION)
        .build_layer();
    let authenticate = {
        let app = app.clone();
        move |socket: SocketRef, auth: TryData<Value>| {
            let app = app.clone();
            async move { connect(&app, socket, auth.0.unwrap_or_default()).await }
        }
    };
    let sockets = app.metrics.sockets.clone();
    let sign_ins = app.sign_ins.clone();
    let connected = move |socket: SocketRef| {
        sockets.inc();
        let sign_ins = sign_ins.clone();
        async move { sign_ins.look_at(socket).await }
    };
    io.ns("/", connected.with(authenticate));
    app.sign_ins.watch(io.clone());
    (layer, io)
}

/// Checks the token of a handshake. Handlers are in place before the client hears that it is connected.
async fn connect(app: &Arc<App>, socket: SocketRef, auth: Value) -> Result<(), TokenError> {
    let token = match &auth["token"] {
        Value::Null => return Err(TokenError::Required),
        Value::String(token) => token.as_str(),
        _ => return Err(TokenError::Invalid),
    };
    let identity = app.tokens.verify(token.strip_prefix("Bearer ").unwrap_or(token), edge::now()).await?;
    if let Some(session) = identity.session
        && !app.sign_ins.lets_in(&socket, session).await
    {
        return Err(TokenError::Invalid);
    }
    Session::new(app.clone(), identity).listen_to(&socket);
    Ok(())
}

/// One connected client.
struct Session {
    app: Arc<App>,
    identity: Identity,
    /// What colleagues know this socket by.
    id: Uuid,
    /// What it said that its user is doing.
    doing: Mutex<activity::Doing>,
    /// Made when the client first asks for something that it is told by event.
    wire: OnceLock<Arc<Wire>>,
    /// Cancelled when the socket is gone. socketioxide's own word for it, `connected`, is also false for the first moment of a socket, in which a
    /// quick client may have asked for something already.
    gone: CancellationToken,
    /// How fast it may ask.
    pace: Mutex<Pace>,
    /// Resolves when the last text that was sent over this socket is stored.
    last_stored: Mutex<Option<oneshot::Receiver<()>>>,
}

/// A text's turn to be stored: after the one before it, however the tasks of both are scheduled.
struct Turn {
    before: Option<oneshot::Receiver<()>>,
    /// Dropping it lets the next one go ahead.
    _after: oneshot::Sender<()>,
}

impl Session {
    fn new(app: Arc<App>, identity: Identity) -> Arc<Self> {
        Arc::new(Self {
            app,
            identity,
            id: activity::session_id(edge::entropy()),
            doing: Mutex::default(),
            wire: OnceLock::new(),
            gone: CancellationToken::new(),
            pace: Mutex::new(Pace::new(Instant::now())),
            last_stored: Mutex::default(),
        })
    }

    fn listen_to(self: Arc<Self>, socket: &SocketRef) {
        for ask in Ask::ALL {
            let (session, name) = (self.clone(), ask.event());
            match ask {
                Ask::JoinWorkspace => {
                    socket.on(name, move |socket, data, ack| session.join(socket, data, ack, Wants::Rows));
                }
                Ask::FollowChanges => {
                    socket.on(name, move |socket, data, ack| session.join(socket, data, ack, Wants::Pages));
                }
                Ask::SendMessage => socket.on(name, move |socket, data, ack| session.send(socket, data, ack)),
                Ask::RetryMessage => socket.on(name, move |socket, data, ack| session.retry(socket, data, ack)),
                Ask::Activity => socket.on(name, move |data, ack| session.activity(data, ack)),
            }
        }
        socket.on_disconnect(move |socket: SocketRef| {
            self.gone(&socket);
            std::future::ready(())
        });
    }

    /// `join_workspace` and `follow_changes`. Who is no member is told so in the ack, and otherwise ignored.
    async fn join(self: Arc<Self>, socket: SocketRef, TryData(data): TryData<Value>, ack: AckSender, wants: Wants) {
        let reply = match self.try_join(&socket, &data.unwrap_or_default(), wants).await {
            Ok(head) => JoinReply { ok: true, error: None, head: Some(head) },
            Err(error) => {
                error.log();
                JoinReply { ok: false, error: Some(error.to_string()), head: None }
            }
        };
        answer(ack, &reply);
    }

    async fn try_join(&self, socket: &SocketRef, data: &Value, wants: Wants) -> Result<i64, ApiError> {
        self.keep_pace()?;
        let id = data.get("workspaceId").unwrap_or(data).as_str().ok_or(ApiError::MissingFields)?;
        let workspace: WorkspaceId = payload::parse_id("workspaceId", id)?;
        self.app.member(&self.identity, workspace).await?;
        let head = self.app.fanout.join(workspace, self.wire(socket), wants).await?;
        if self.gone.is_cancelled() {
            // It left while it was joining, and whoever cleans up after it may have been here already.
            self.app.fanout.leave(socket.id);
        }
        Ok(head)
    }

    /// `send_message`. What goes before the returned future runs in the order in which the client sent.
    fn send(
        self: Arc<Self>,
        socket: SocketRef,
        TryData(data): TryData<Value>,
        ack: AckSender,
    ) -> impl Future<Output = ()> + Send {
        let turn = self.take_turn();
        async move {
            let outcome = self.try_send(&socket, &data.unwrap_or_default(), turn).await;
            self.tell(&socket, ack, outcome);
        }
    }

    /// `retry_message`: a text that failed is sent once more.
    async fn retry(self: Arc<Self>, socket: SocketRef, TryData(data): TryData<Value>, ack: AckSender) {
        let outcome = self.try_retry(&data.unwrap_or_default()).await;
        self.tell(&socket, ack, outcome);
    }

    async fn try_retry(&self, data: &Value) -> Result<SendSmsReply, ApiError> {
        self.keep_pace()?;
        let id = payload::Fields::of(data)?.required_text("messageId")?;
        let (workspace, id) = http::messages::member_of(&self.app, &self.identity, id).await?;
        let outbound = self.app.sender.store_again(workspace, id, self.identity.user_id).await?;
        self.app.sender.finish(outbound).await
    }

    /// Tells whoever sends what became of it, by event and in the ack.
    fn tell(&self, socket: &SocketRef, ack: AckSender, outcome: Result<SendSmsReply, ApiError>) {
        let wire = self.wire(socket);
        match outcome {
            Ok(reply) => {
                push(&wire, event::MESSAGE_SENT, &reply);
                answer(ack, &reply);
            }
            Err(error) => {
                error.log();
                let body: ErrorBody = error.message_error();
                push(&wire, event::MESSAGE_ERROR, &body);
                answer(ack, &body);
            }
        }
    }

    async fn try_send(&self, socket: &SocketRef, data: &Value, mut turn: Turn) -> Result<SendSmsReply, ApiError> {
        let stored = async {
            self.keep_pace()?;
            let request = payload::send_sms(data)?;
            self.app.member(&self.identity, request.workspace_id).await?;
            let id = MessageId::v7(edge::now(), edge::entropy());
            turn.come_up().await;
            // Told beforehand, since the text may be heard before this call is back. A client id that is a UUID becomes the id.
            let own = request.client_id.as_deref().and_then(|id| id.parse().ok());
            for id in [Some(id), own].into_iter().flatten() {
                self.app.fanout.remember_origin(id, socket.id);
            }
            self.app.sender.store(&request, self.identity.user_id, id).await
        };
        let outbound: Outbound = stored.await?;
        drop(turn);
        self.app.sender.finish(outbound).await
    }

    /// Before each event is looked at.
    fn keep_pace(&self) -> Result<(), ApiError> {
        let allowed = self.pace.lock().unwrap_or_else(PoisonError::into_inner).allows(Instant::now());
        if allowed { Ok(()) } else { Err(ApiError::TooFast) }
    }

    fn take_turn(&self) -> Turn {
        let (after, stored) = oneshot::channel();
        let before = self.last_stored.lock().unwrap_or_else(PoisonError::into_inner).replace(stored);
        Turn { before, _after: after }
    }

    fn wire(&self, socket: &SocketRef) -> Arc<Wire> {
        let start = || {
            Wire::start(
                socket.clone(),
                self.identity.user_id,
                self.id,
                self.app.metrics.clone(),
                self.gone.child_token(),
            )
        };
        self.wire.get_or_init(start).clone()
    }

    fn gone(self: &Arc<Self>, socket: &SocketRef) {
        self.app.metrics.sockets.dec();
        self.end_activity();
        // Ends its wire.
        self.gone.cancel();
        self.app.fanout.leave(socket.id);
    }
}

impl Turn {
    async fn come_up(&mut self) {
        if let Some(before) = self.before.take() {
            // Stored or given up: either way it is over.
            let _ = before.await;
        }
    }
}

fn push(wire: &Wire, name: &'static str, payload: &impl Serialize) {
    if let Ok(payload) = serde_json::value::to_raw_value(payload) {
        wire.push(name, payload.into());
    }
}

fn answer(ack: AckSender, payload: &impl Serialize) {
    if let Err(error) = ack.send(payload) {
        tracing::debug!(%error, "an ack could not be sent");
    }
}
