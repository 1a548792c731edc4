//! A Socket.IO client that keeps everything it hears, in order.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use super::SOON;

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// A connected client.
pub(crate) struct Socket {
    client: Client,
    ears: Arc<Ears>,
}

#[derive(Default)]
struct Ears {
    heard: Mutex<Vec<Heard>>,
    more: Notify,
}

impl Ears {
    fn hear(&self, name: &str, payload: Payload) {
        let data = match payload {
            Payload::Text(values) => values.into_iter().next().unwrap_or_default(),
            other => panic!("a payload of another kind: {other:?}"),
        };
        self.heard.lock().unwrap().push(Heard { name: name.to_owned(), data });
        self.more.notify_waiters();
    }
}

impl Socket {
    /// Connects, and waits until the server has let it in.
    pub(crate) async fn connect(url: &str, token: &str) -> Self {
        let socket = Self::knock(url, json!({ "token": token })).await;
        socket.wait_for("connect", |_| true).await;
        socket
    }

    /// Knocks, and waits for the reason why it is not let in.
    pub(crate) async fn refused(url: &str, auth: Value) -> String {
        let socket = Self::knock(url, auth).await;
        socket.wait_for("error", |_| true).await.as_str().unwrap().to_owned()
    }

    async fn knock(url: &str, auth: Value) -> Self {
        let ears = Arc::new(Ears::default());
        let (all, errors, opened, closed) = (ears.clone(), ears.clone(), ears.clone(), ears.clone());
        let client = ClientBuilder::new(url)
            .auth(auth)
            .transport_type(TransportType::Websocket)
            .reconnect(false)
            .reconnect_on_disconnect(false)
            .on_any(move |event, payload, _| {
                if let Event::Custom(name) = event {
                    all.hear(&name, payload);
                }
                async {}.boxed()
            })
            .on(Event::Error, move |payload, _| {
                errors.hear("error", payload);
                async {}.boxed()
            })
            .on(Event::Connect, move |_, _| {
                opened.hear("connect", Payload::Text(Vec::new()));
                async {}.boxed()
            })
            .on(Event::Close, move |_, _| {
                closed.hear("close", Payload::Text(Vec::new()));
                async {}.boxed()
            })
            .connect()
            .await
            .unwrap();
        Self { client, ears }
    }

    /// Emits without waiting for anything.
    pub(crate) async fn emit(&self, event: &str, data: Value) {
        self.client.emit(event, data).await.unwrap();
    }

    /// Emits and waits for the ack.
    pub(crate) async fn ask(&self, event: &str, data: Value) -> Value {
        let (answer, answered) = oneshot::channel();
        let answer = Mutex::new(Some(answer));
        self.client
            .emit_with_ack(event, data, SOON, move |payload, _| {
                if let (Some(answer), Payload::Text(mut values)) = (answer.lock().unwrap().take(), payload) {
                    // The ack's arguments arrive as one list.
                    let first = values.remove(0);
                    let _ = answer.send(match first {
                        Value::Array(mut arguments) if !arguments.is_empty() => arguments.remove(0),
                        other => other,
                    });
                }
                async {}.boxed()
            })
            .await
            .unwrap();
        tokio::time::timeout(SOON, answered).await.unwrap_or_else(|_| panic!("no ack to {event}")).unwrap()
    }

    /// Waits for an event, an earlier one too.
    pub(crate) async fn wait_for(&self, name: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.wait_until(&format!("a {name}"), |heard| {
            heard.iter().find(|heard| heard.name == name && is_it(&heard.data)).map(|heard| heard.data.clone())
        })
        .await
    }

    /// Waits until what was heard so far says so.
    pub(crate) async fn wait_until<T>(&self, what: &str, look: impl Fn(&[Heard]) -> Option<T>) -> T {
        let waited = tokio::time::timeout(SOON, async {
            loop {
                let more = self.ears.more.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                if let Some(found) = look(&self.ears.heard.lock().unwrap()) {
                    return found;
                }
                more.await;
            }
        });
        waited.await.unwrap_or_else(|_| {
            let mut names: Vec<String> = self.heard().into_iter().map(|heard| heard.name).collect();
            let count = names.len();
            names.dedup();
            panic!("{what} never came; heard {count} events, among them {names:?}")
        })
    }

    /// Everything so far, in order.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.ears.heard.lock().unwrap().clone()
    }

    /// The texts of the `new_message` events so far.
    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = self.heard().into_iter().filter(|heard| heard.name == "new_message");
        texts.map(|heard| heard.data["message"]["content"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn close(self) {
        let _ = self.client.disconnect().await;
    }
}
