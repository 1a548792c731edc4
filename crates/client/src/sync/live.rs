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

use std::time::Duration;

use deskline_domain::{
    change::ChangePage,
    ids::WorkspaceId,
    protocol::{ActivityTold, DraftTold, FollowChanges, JoinReply, TellActivity, event},
};
use futures_util::FutureExt;
use native_tls::TlsConnector;
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{mpsc, oneshot},
};
use url::Url;

use crate::{
    network::{Road, relay::Relay},
    upstream::server::Caller,
};

/// Pages that may wait to be applied; what comes beyond is asked for.
const PAGES: usize = 256;

/// What the socket's callbacks report.
#[derive(Debug, PartialEq)]
pub(crate) enum Signal {
    /// The server accepted the namespace.
    Accepted,
    /// An error, in the library's words.
    Error(String),
    /// The server said goodbye.
    Closed,
    /// A page.
    Page(Box<ChangePage>),
    /// A page that cannot be read, or for which there was no room.
    Missed,
}

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

/// Where a socket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Connected, and not accepted yet.
    Opening,
    /// Accepted.
    Open,
    /// Over; nothing it says counts any more.
    Over,
}

/// What a signal means in a phase.
#[derive(Debug, PartialEq)]
pub(crate) enum Meaning {
    /// Nothing.
    Nothing,
    /// It can be used now.
    Ready,
    /// Another token may be accepted.
    TokenRefused,
    /// A page to apply.
    Page(Box<ChangePage>),
    /// Something changed: ask what.
    Look,
    /// It is over, and why.
    Lost(String),
}

/// What comes after `phase` when `signal` is heard, and what it means.
pub(crate) fn next(phase: Phase, signal: Signal) -> (Phase, Meaning) {
    match (phase, signal) {
        (Phase::Over, _) => (Phase::Over, Meaning::Nothing),
        (Phase::Opening, Signal::Accepted) => (Phase::Open, Meaning::Ready),
        (Phase::Opening, Signal::Error(text)) if text.contains("Authentication error") => {
            (Phase::Over, Meaning::TokenRefused)
        }
        (_, Signal::Error(text)) => (Phase::Over, Meaning::Lost(text)),
        (_, Signal::Closed) => (Phase::Over, Meaning::Lost("the server closed the connection".to_owned())),
        (Phase::Open, Signal::Page(page)) => (Phase::Open, Meaning::Page(page)),
        (Phase::Open, Signal::Missed) => (Phase::Open, Meaning::Look),
        // The first look after opening covers whatever came before it.
        (phase, Signal::Accepted | Signal::Page(_) | Signal::Missed) => (phase, Meaning::Nothing),
    }
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

/// Where the library's task lives. Ends it, wherever it is, when dropped.
struct Room(Option<Runtime>);

impl Room {
    fn new() -> std::io::Result<Self> {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("deskline-socket")
            .enable_all()
            .build()
            .map(Some)
            .map(Self)
    }
}

impl Room {
    fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|runtime| runtime.metrics().num_alive_tasks() == 0)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
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

fn builder(
    caller: &Caller,
    url: &Url,
    relay: Option<&Relay>,
    tls: TlsConnector,
    signals: &mpsc::UnboundedSender<Signal>,
    pages: &mpsc::Sender<Signal>,
    hear: impl Fn(Aside) + Clone + Send + Sync + 'static,
) -> ClientBuilder {
    let report = |make: fn(Payload) -> Signal| {
        let signals = signals.clone();
        move |payload: Payload, _: Client| {
            _ = signals.send(make(payload));
            async {}.boxed()
        }
    };
    let on_page = {
        let (signals, pages) = (signals.clone(), pages.clone());
        move |payload: Payload, _: Client| {
            let page = first(payload).and_then(|value| serde_json::from_value(value).ok());
            let taken = page.is_some_and(|page| pages.try_send(Signal::Page(Box::new(page))).is_ok());
            if !taken {
                _ = signals.send(Signal::Missed);
            }
            async {}.boxed()
        }
    };
    // What cannot be read is of a kind that this version does not know.
    let on_activity = {
        let hear = hear.clone();
        move |payload: Payload, _: Client| {
            first(payload).and_then(|told| serde_json::from_value(told).ok()).map(Aside::Activity).map(&hear);
            async {}.boxed()
        }
    };
    let on_draft = {
        let hear = hear.clone();
        move |payload: Payload, _: Client| {
            first(payload).and_then(|told| serde_json::from_value(told).ok()).map(Aside::Draft).map(&hear);
            async {}.boxed()
        }
    };
    let on_drafts = move |_: Payload, _: Client| {
        hear(Aside::AnyDraft);
        async {}.boxed()
    };
    let builder = match relay {
        // The door is on this machine; the TLS with the server is the relay's.
        Some(relay) => {
            ClientBuilder::new(format!("{}{}", relay.door, url.path())).opening_header("host", relay.host.as_str())
        }
        None => ClientBuilder::new(url.as_str()).tls_config(tls),
    };
    builder
        .transport_type(TransportType::Websocket)
        .reconnect(false)
        .reconnect_on_disconnect(false)
        .auth(json!({ "token": caller.token.expose_secret() }))
        .on(Event::Connect, report(|_| Signal::Accepted))
        .on(Event::Close, report(|_| Signal::Closed))
        .on(Event::Error, report(|payload| Signal::Error(text(payload))))
        .on(event::CHANGES, on_page)
        .on(event::ACTIVITY, on_activity)
        .on(event::DRAFT, on_draft)
        .on(event::DRAFTS, on_drafts)
}

/// The default path under the server's address.
fn socket_url(address: &str) -> Option<Url> {
    let mut url = Url::parse(address).ok()?;
    let path = format!("{}/socket.io/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Some(url)
}

/// The first value of a payload. An ack's values come wrapped in one more array.
fn first(payload: Payload) -> Option<Value> {
    let Payload::Text(values) = payload else { return None };
    match values.into_iter().next()? {
        Value::Array(values) => values.into_iter().next(),
        value => Some(value),
    }
}

fn text(payload: Payload) -> String {
    match first(payload) {
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
        None => "the socket broke".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use deskline_domain::ids::FeedId;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn page() -> Box<ChangePage> {
        Box::new(ChangePage {
            workspace_id: WorkspaceId(Uuid::nil()),
            feed: FeedId(Uuid::nil()),
            after: 1,
            up_to: 2,
            head: 2,
            changes: Vec::new(),
        })
    }

    fn error(text: &str) -> Signal {
        Signal::Error(text.to_owned())
    }

    fn lost(text: &str) -> Meaning {
        Meaning::Lost(text.to_owned())
    }

    const REFUSED: &str = r#"Received an ConnectError frame: {"message":"Authentication error: Invalid token"}"#;

    #[rstest]
    #[case::accepted(Phase::Opening, Signal::Accepted, Phase::Open, Meaning::Ready)]
    #[case::bad_token(Phase::Opening, error(REFUSED), Phase::Over, Meaning::TokenRefused)]
    #[case::no_server(Phase::Opening, error("EngineIO Error"), Phase::Over, lost("EngineIO Error"))]
    #[case::page_too_early(Phase::Opening, Signal::Page(page()), Phase::Opening, Meaning::Nothing)]
    #[case::page(Phase::Open, Signal::Page(page()), Phase::Open, Meaning::Page(page()))]
    #[case::page_that_cannot_be_read(Phase::Open, Signal::Missed, Phase::Open, Meaning::Look)]
    #[case::half_open(Phase::Open, error("EngineIO Error"), Phase::Over, lost("EngineIO Error"))]
    #[case::goodbye(Phase::Open, Signal::Closed, Phase::Over, lost("the server closed the connection"))]
    #[case::second_error(Phase::Over, error("EngineIO Error"), Phase::Over, Meaning::Nothing)]
    #[case::late_page(Phase::Over, Signal::Page(page()), Phase::Over, Meaning::Nothing)]
    fn a_socket_goes_from_phase_to_phase(
        #[case] phase: Phase,
        #[case] signal: Signal,
        #[case] expected: Phase,
        #[case] meaning: Meaning,
    ) {
        assert_eq!(next(phase, signal), (expected, meaning));
    }

    #[test]
    fn an_answer_is_found_with_and_without_its_wrapping() {
        let reply = json!({ "ok": true });

        assert_eq!(first(Payload::Text(vec![json!([reply])])), Some(reply.clone()));
        assert_eq!(first(Payload::Text(vec![reply.clone()])), Some(reply));
    }

    #[rstest]
    #[case("https://desk.example.com", "https://desk.example.com/socket.io/")]
    #[case("http://127.0.0.1:4000", "http://127.0.0.1:4000/socket.io/")]
    #[case("https://example.com/desk", "https://example.com/desk/socket.io/")]
    fn the_socket_lies_under_the_servers_address(#[case] address: &str, #[case] expected: &str) {
        assert_eq!(socket_url(address).map(String::from).as_deref(), Some(expected));
    }
}
