//! What the library calls when a socket says something, and how its payloads are read.
//!
//! Called by [`super::Live`] while it opens. Decides nothing: signals and pages go into its channels, the rest is heard at once.

use deskline_domain::protocol::event;
use futures_util::FutureExt;
use native_tls::TlsConnector;
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use url::Url;

use super::{Aside, Signal};
use crate::{network::relay::Relay, upstream::server::Caller};

pub(super) fn builder(
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
pub(super) fn socket_url(address: &str) -> Option<Url> {
    let mut url = Url::parse(address).ok()?;
    let path = format!("{}/socket.io/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Some(url)
}

/// The first value of a payload. An ack's values come wrapped in one more array.
pub(super) fn first(payload: Payload) -> Option<Value> {
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
    use rstest::rstest;

    use super::*;

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
