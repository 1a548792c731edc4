//! One socket: opened with a fresh token, followed until it breaks, then thrown away.
//!
//! The library's own reconnection is switched off (it repeats a stale token, and ends by spinning): [`super::run`] makes a
//! new socket each time. [`next`] is the whole state machine, apart from any I/O. A socket only says that something
//! changed; a page that it brings saves asking for it.
//!
//! When a connection is closed in an orderly way, the library's task just ends, and tells nobody. Each socket has a small runtime
//! of its own, which ends with it, and in which nothing runs but that task: once nothing does, [`Live::is_over`] says so.
//!
//! What colleagues do at this moment is heard at once, also while the cache still catches up: it holds for seconds alone.

mod events;
mod phase;
mod room;

use std::time::Duration;

use deskline_domain::{
    ids::WorkspaceId,
    protocol::{ActivityTold, DraftTold, FollowChanges, JoinReply, TellActivity, event},
};
use futures_util::FutureExt;
use rust_socketio::asynchronous::Client;
use tokio::sync::{mpsc, oneshot};

use crate::{
    network::{Road, relay::Relay},
    upstream::server::Caller,
};

use events::{builder, first, socket_url};
use phase::{Phase, Signal, next};
use room::Room;

pub(crate) use phase::Meaning;

/// Pages that may wait to be applied; what comes beyond is asked for.
const PAGES: usize = 256;

/// What is heard at once, whatever the cache is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aside {
    /// What a colleague does.
    Activity(ActivityTold),
    /// The agent edited a draft, here or at another desktop.
    Draft(DraftTold),
    /// Nobody knows which drafts the agent edited.
    AnyDraft,
}

/// Why a socket did not open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// Another token may be accepted.
    TokenRefused,
    /// Anything else, in a few words.
    Failed(String),
}

/// An open socket.
pub(crate) struct Live {
    client: Client,
    phase: Phase,
    signals: mpsc::UnboundedReceiver<Signal>,
    pages: mpsc::Receiver<Signal>,
    patience: Duration,
    /// The way through a proxy.
    _relay: Option<Relay>,
    room: Room,
}

impl Live {
    /// Opens one and waits until the server has accepted it, `patience` at most. `hear` is called with what needs
    /// no cache.
    pub(crate) async fn open(
        caller: &Caller,
        road: &Road,
        patience: Duration,
        hear: impl Fn(Aside) + Clone + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let (signals_in, signals) = mpsc::unbounded_channel();
        let (pages_in, pages) = mpsc::channel(PAGES);
        let failed = |error: String| OpenError::Failed(format!("the socket cannot be opened ({error})"));
        let url = socket_url(&caller.server.address)
            .ok_or_else(|| OpenError::Failed("the address cannot be read".to_owned()))?;
        let tls = road.tls().map_err(|error| failed(error.to_string()))?;
        let relay = match road.proxy_to(&url) {
            Some(proxy) => Some(Relay::to(&url, &proxy, tls.clone(), patience).await.map_err(failed)?),
            None => None,
        };
        let builder = builder(caller, &url, relay.as_ref(), tls, &signals_in, &pages_in, hear);
        drop((signals_in, pages_in));
        let mut room = Room::new().map_err(|error| failed(error.to_string()))?;
        let connecting = room.0.as_mut().map(|runtime| runtime.spawn(builder.connect()));
        let connecting = connecting.ok_or_else(|| failed("it is over".to_owned()))?;
        let client = tokio::time::timeout(patience, connecting)
            .await
            .map_err(|_| OpenError::Failed("the socket does not answer".to_owned()))?
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))?;
        let mut live = Self { client, phase: Phase::Opening, signals, pages, patience, _relay: relay, room };
        match tokio::time::timeout(patience, live.next()).await {
            Ok(Meaning::Ready) => Ok(live),
            Ok(Meaning::TokenRefused) => Err(OpenError::TokenRefused),
            Ok(Meaning::Lost(reason)) => Err(OpenError::Failed(reason)),
            Ok(_) => Err(OpenError::Failed("the socket said something unexpected".to_owned())),
            Err(_) => Err(OpenError::Failed("the socket was not accepted in time".to_owned())),
        }
    }

    /// Whether the connection was closed, although nobody said so.
    pub(crate) fn is_over(&self) -> bool {
        self.room.is_empty()
    }

    /// Tells colleagues what the agent does. Waits for no answer: what is lost is said again.
    pub(crate) async fn tell(&self, told: &TellActivity) -> Result<(), String> {
        let told = serde_json::to_value(told).map_err(|error| error.to_string())?;
        let saying = self.client.emit(event::ACTIVITY, told);
        match tokio::time::timeout(self.patience, saying).await {
            Ok(said) => said.map_err(|error| error.to_string()),
            Err(_) => Err("the socket takes nothing any more".to_owned()),
        }
    }

    /// Asks for the pages of a team. Answers what the server said. Pages that come meanwhile are dropped: the first look
    /// afterwards covers them.
    pub(crate) async fn follow(&mut self, workspace_id: WorkspaceId) -> Result<JoinReply, String> {
        let (answer_in, answer) = oneshot::channel();
        let mut answer_in = Some(answer_in);
        let request = serde_json::to_value(FollowChanges { workspace_id }).map_err(|error| error.to_string())?;
        self.client
            .emit_with_ack(event::FOLLOW_CHANGES, request, self.patience, move |payload, _| {
                if let Some(answer_in) = answer_in.take() {
                    _ = answer_in.send(first(payload));
                }
                async {}.boxed()
            })
            .await
            .map_err(|error| error.to_string())?;
        let reply = tokio::select! {
            reply = tokio::time::timeout(self.patience, answer) => reply
                .map_err(|_| "the server does not answer on the socket".to_owned())?
                .map_err(|_| "the socket broke".to_owned())?,
            reason = self.lost() => return Err(reason),
        };
        let reply: JoinReply = serde_json::from_value(reply.unwrap_or_default())
            .map_err(|_| "the server's answer on the socket cannot be read".to_owned())?;
        match (reply.ok, &reply.error) {
            (true, _) => Ok(reply),
            (false, error) => Err(error.clone().unwrap_or_else(|| "the server refused".to_owned())),
        }
    }

    /// Why it is over, once it is.
    async fn lost(&mut self) -> String {
        loop {
            if let Meaning::Lost(reason) = self.next().await {
                return reason;
            }
        }
    }

    /// What happens next; never [`Meaning::Nothing`].
    pub(crate) async fn next(&mut self) -> Meaning {
        loop {
            let signal = tokio::select! {
                biased;
                signal = self.signals.recv() => signal,
                page = self.pages.recv() => page,
            };
            let (phase, meaning) = next(self.phase, signal.unwrap_or(Signal::Closed));
            let over = self.phase == Phase::Over;
            self.phase = phase;
            match meaning {
                Meaning::Nothing if over => return Meaning::Lost("the socket is over".to_owned()),
                Meaning::Nothing => {}
                meaning => return meaning,
            }
        }
    }

    /// Forgets the pages that wait: a look that begins now finds what they say.
    pub(crate) fn skip_pages(&mut self) {
        while self.pages.try_recv().is_ok() {}
    }
}
