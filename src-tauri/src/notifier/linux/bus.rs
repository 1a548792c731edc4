//! The notification service as it is spoken to: one call a verb, and what it says by itself, in order.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use zbus::{Connection, MatchRule, Message, MessageStream, message::Type, names::OwnedUniqueName, zvariant::Value};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What a click on the notification itself invokes.
const DEFAULT: &str = "default";
/// What a service that knows it shows as a field to write in (KDE).
const REPLY: &str = "inline-reply";

/// What the service can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Abilities {
    /// Reads markup in bodies.
    pub(super) markup: bool,
    /// Has a field for an answer.
    pub(super) inline_reply: bool,
}

/// A notification to show.
pub(super) struct Wanted<'a> {
    /// The number of the one in whose place it comes, or 0.
    pub(super) replaces: u32,
    pub(super) title: &'a str,
    pub(super) body: String,
    pub(super) can_be_answered: bool,
    pub(super) silent: bool,
}

/// What the service says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Invoked(u32),
    Replied(u32, String),
    Closed(u32),
}

/// A connection to it.
pub(super) struct Bus {
    connection: Connection,
    signals: MessageStream,
    abilities: Option<Abilities>,
    /// Who answered the last call: nobody else is believed.
    service: Option<OwnedUniqueName>,
}

impl Bus {
    pub(super) async fn on(connection: Connection) -> zbus::Result<Self> {
        let rule = MatchRule::builder().msg_type(Type::Signal).interface(NAME)?.path(PATH)?.build();
        let signals = MessageStream::for_match_rule(rule, &connection, None).await?;
        Ok(Self { connection, signals, abilities: None, service: None })
    }

    /// Asked once for each service that answers on this connection.
    pub(super) async fn abilities(&mut self) -> zbus::Result<Abilities> {
        if let Some(known) = self.abilities {
            return Ok(known);
        }
        let answer = self.connection.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &()).await?;
        let words: Vec<String> = answer.body().deserialize()?;
        let has = |wanted: &str| words.iter().any(|word| word == wanted);
        Ok(*self.abilities.insert(Abilities { markup: has("body-markup"), inline_reply: has(REPLY) }))
    }

    /// Answers its number.
    pub(super) async fn show(&mut self, wanted: &Wanted<'_>) -> zbus::Result<u32> {
        let mut actions = vec![DEFAULT, "Open"];
        let mut hints = HashMap::from([
            ("category", Value::from("im.received")),
            ("desktop-entry", Value::from("Deskline")),
            ("suppress-sound", Value::from(wanted.silent)),
        ]);
        if wanted.can_be_answered {
            actions.extend([REPLY, "Reply"]);
            hints.insert("x-kde-reply-placeholder-text", Value::from("Write a reply"));
            hints.insert("x-kde-reply-submit-button-text", Value::from("Send"));
        }
        let icon = crate::place::IDENTIFIER;
        let asked =
            (crate::window::TITLE, wanted.replaces, icon, wanted.title, wanted.body.as_str(), actions, hints, -1_i32);
        let answer = self.connection.call_method(Some(NAME), PATH, Some(NAME), "Notify", &asked).await?;
        let service = sender(&answer);
        if self.service.is_some() && service != self.service {
            // Another service took its place, with other abilities.
            self.abilities = None;
        }
        self.service = service;
        answer.body().deserialize()
    }

    /// Closing what is gone is no error.
    pub(super) async fn close(&self, id: u32) {
        let closed = self.connection.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &id).await;
        if let Err(error) = closed {
            tracing::debug!(%error, "A notification could not be taken away");
        }
    }

    /// What it says next; `None` once the bus is gone.
    pub(super) async fn next(&mut self) -> Option<Signal> {
        loop {
            let message = self.signals.next().await?.ok()?;
            if sender(&message) == self.service
                && let Some(signal) = read(&message)
            {
                return Some(signal);
            }
        }
    }
}

fn sender(message: &Message) -> Option<OwnedUniqueName> {
    message.header().sender().map(|name| name.to_owned().into())
}

fn read(message: &Message) -> Option<Signal> {
    let header = message.header();
    let body = message.body();
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (id, action): (u32, String) = body.deserialize().ok()?;
            // A reply is told with its text, before or after this.
            (action != REPLY).then_some(Signal::Invoked(id))
        }
        "NotificationReplied" => body.deserialize().ok().map(|(id, text)| Signal::Replied(id, text)),
        "NotificationClosed" => body.deserialize().ok().map(|(id, _): (u32, u32)| Signal::Closed(id)),
        _ => None,
    }
}
