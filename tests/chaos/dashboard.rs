//! A team's dashboard: a socket that joins, listens until its server is killed, and joins again wherever somebody answers.
//!
//! It keeps what it heard, one [`Stretch`] a connection, and says at once when it heard something twice or in the wrong order. What
//! it should have heard is for `check/sockets` to say. Not our client: the plain Socket.IO library, as other people's dashboards.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    protocol::{JoinReply, event},
};
use deskline_e2e::eventually;
use futures_util::FutureExt;
use rand::RngExt;
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{plan::Stream, tally::Tally, world::World};

/// For the connection, and for the answer to joining it.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);

/// What was heard over one connection.
#[derive(Default)]
pub(crate) struct Stretch {
    /// The feed's head when the server said that it listens: whatever comes after it is heard.
    pub(crate) head: i64,
    /// Texts that were told as new, with their SID if they had one.
    pub(crate) new: HashMap<Uuid, Option<String>>,
    /// The last status that was told of each outbound text.
    pub(crate) statuses: HashMap<Uuid, DeliveryStatus>,
    /// Each contact as it was told last.
    pub(crate) contacts: HashMap<Uuid, ContactTold>,
    /// The newest inbound text that was told of each contact.
    newest: HashMap<Uuid, DateTime<Utc>>,
    /// Whether the connection broke.
    pub(crate) over: bool,
}

/// What a dashboard shows of a contact.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct ContactTold {
    id: Uuid,
    pub(crate) phone: String,
    pub(crate) unread_count: i32,
    pub(crate) opted_out_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct MessageTold {
    id: Uuid,
    contact_id: Uuid,
    direction: String,
    status: String,
    twilio_sid: Option<String>,
    created_at: DateTime<Utc>,
}

type Signals = mpsc::UnboundedReceiver<Signal>;

enum Signal {
    Accepted,
    Heard(String, Value),
    Over,
}

/// One team's.
pub(crate) struct Dashboard {
    world: Arc<World>,
    tally: Arc<Tally>,
    team: usize,
    stretches: Mutex<Vec<Stretch>>,
}

impl Dashboard {
    pub(crate) fn new(world: Arc<World>, tally: Arc<Tally>, team: usize) -> Arc<Self> {
        Arc::new(Self { world, tally, team, stretches: Mutex::default() })
    }

    /// Joins and listens, again and again, for ever.
    pub(crate) async fn watch(self: Arc<Self>) {
        let mut dice = self.world.plan.dice(Stream::Dashboards, u32::try_from(self.team).unwrap());
        loop {
            let url = self.world.servers.url(dice.random_range(0..2));
            match self.join(url).await {
                Some((stretch, signals)) => self.listen(stretch, signals).await,
                None => sleep(PAUSE).await,
            }
        }
    }

    /// Connects and joins; `None` where nobody answers, or has no database at the moment.
    async fn join(&self, url: String) -> Option<(Stretch, Signals)> {
        let team = &self.world.teams[self.team];
        let (client, mut signals) = open(url, &team.bearer).await?;
        let (answer, mut answered) = oneshot::channel();
        let mut answer = Some(answer);
        client
            .emit_with_ack(event::JOIN_WORKSPACE, json!(team.workspace), PATIENCE, move |payload, _| {
                if let (Some(answer), Some(reply)) = (answer.take(), first(payload)) {
                    let _ = answer.send(reply);
                }
                async {}.boxed()
            })
            .await
            .ok()?;

        let mut stretch = Stretch::default();
        // What comes before the answer counts, too: the server listens first and answers then.
        let reply = loop {
            tokio::select! {
                reply = &mut answered => break reply.ok()?,
                signal = signals.recv() => match signal {
                    Some(Signal::Heard(name, data)) => self.hear(&mut stretch, &name, &data),
                    Some(Signal::Accepted) => {}
                    Some(Signal::Over) | None => return None,
                },
                () = sleep(PATIENCE) => return None,
            }
        };
        let reply: JoinReply = serde_json::from_value(reply).expect("the answer to join_workspace is one");
        stretch.head = reply.head.filter(|_| reply.ok)?;
        Some((stretch, signals))
    }

    async fn listen(&self, stretch: Stretch, mut signals: Signals) {
        self.tally.stretches.add(1);
        self.stretches.lock().unwrap().push(stretch);
        loop {
            match signals.recv().await {
                Some(Signal::Heard(name, data)) => _ = self.now(|stretch| self.hear(stretch, &name, &data)),
                Some(Signal::Accepted) => {}
                Some(Signal::Over) | None => {
                    self.now(|stretch| stretch.over = true);
                    return;
                }
            }
        }
    }

    /// `None` once the run is over and everything was handed in.
    fn now<T>(&self, look: impl FnOnce(&mut Stretch) -> T) -> Option<T> {
        self.stretches.lock().unwrap().last_mut().map(look)
    }

    fn hear(&self, stretch: &mut Stretch, name: &str, data: &Value) {
        self.tally.heard.add(1);
        let team = self.team;
        match name {
            event::NEW_MESSAGE | event::MESSAGE_UPDATED => {
                let message: MessageTold = read(&data["message"]);
                if name == event::NEW_MESSAGE {
                    let known = stretch.new.insert(message.id, message.twilio_sid);
                    assert!(
                        known.is_none(),
                        "team {team}'s dashboard heard of the new text {} twice over one connection",
                        message.id
                    );
                }
                if message.direction == "inbound" {
                    assert_eq!(
                        name,
                        event::NEW_MESSAGE,
                        "team {team}'s dashboard heard that the inbound text {} changed: {data}",
                        message.id
                    );
                    let before = stretch.newest.insert(message.contact_id, message.created_at);
                    assert!(
                        before.is_none_or(|before| before < message.created_at),
                        "team {team}'s dashboard heard of text {} after one of the same contact that was stored later",
                        message.id
                    );
                } else {
                    let status: DeliveryStatus = message.status.parse().expect("a status is one of ours");
                    let before = stretch.statuses.insert(message.id, status).unwrap_or(DeliveryStatus::Scheduled);
                    assert!(
                        status == before || before.advance(status) == status,
                        "team {team}'s dashboard saw the status of {} go from {before} back to {status}",
                        message.id
                    );
                }
            }
            event::CONTACT_UPDATED => {
                let contact: ContactTold = read(&data["contact"]);
                let (id, unread) = (contact.id, contact.unread_count);
                let before = stretch.contacts.insert(id, contact);
                assert!(
                    before.is_none_or(|before| before.unread_count <= unread),
                    "team {team}'s dashboard saw the unread texts of contact {id} become fewer, and nobody reads any"
                );
            }
            // Somebody has a desktop open. Nothing is stored of it.
            event::ACTIVITY => {}
            other => panic!("team {team}'s dashboard heard {other}, which is no event of the contract"),
        }
    }

    /// Waits until it is connected and has joined.
    pub(crate) async fn joined(&self) {
        eventually(&format!("team {}'s dashboard is connected", self.team), || async {
            self.stretches.lock().unwrap().last().is_some_and(|stretch| !stretch.over).then_some(())
        })
        .await;
    }

    /// Waits until it has heard of this contact, and so of everything before it.
    pub(crate) async fn heard_of(&self, phone: &str) {
        eventually(&format!("team {}'s dashboard hears of {phone}", self.team), || async {
            self.now(|stretch| stretch.contacts.values().any(|contact| contact.phone == phone))?.then_some(())
        })
        .await;
    }

    /// What was heard.
    pub(crate) fn stretches(&self) -> Vec<Stretch> {
        std::mem::take(&mut self.stretches.lock().unwrap())
    }
}

/// Connects, and waits until the server has let it in.
async fn open(url: String, bearer: &str) -> Option<(Client, Signals)> {
    let (signals_in, mut signals) = mpsc::unbounded_channel();
    let report = |signal: fn() -> Signal| {
        let signals = signals_in.clone();
        move |_: Payload, _: Client| {
            let _ = signals.send(signal());
            async {}.boxed()
        }
    };
    let heard = signals_in.clone();
    let connecting = ClientBuilder::new(url)
        .auth(json!({ "token": bearer }))
        .transport_type(TransportType::Websocket)
        .reconnect(false)
        .reconnect_on_disconnect(false)
        .on(Event::Connect, report(|| Signal::Accepted))
        .on(Event::Close, report(|| Signal::Over))
        .on(Event::Error, report(|| Signal::Over))
        .on_any(move |event, payload, _| {
            if let (Event::Custom(name), Some(data)) = (event, first(payload)) {
                let _ = heard.send(Signal::Heard(name, data));
            }
            async {}.boxed()
        })
        .connect();
    // The callbacks alone keep the senders: when the library drops them, the receiver hears of it.
    drop(signals_in);
    let client = timeout(PATIENCE, connecting).await.ok()?.ok()?;
    let accepted = timeout(PATIENCE, signals.recv()).await;
    matches!(accepted, Ok(Some(Signal::Accepted))).then_some((client, signals))
}

fn read<T: serde::de::DeserializeOwned>(row: &Value) -> T {
    T::deserialize(row).unwrap_or_else(|error| panic!("an event carries a row that cannot be read ({error}): {row}"))
}

/// The first value of a payload. An ack's values come wrapped in one more array.
fn first(payload: Payload) -> Option<Value> {
    let Payload::Text(values) = payload else { return None };
    match values.into_iter().next()? {
        Value::Array(values) => values.into_iter().next(),
        value => Some(value),
    }
}
