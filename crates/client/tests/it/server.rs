//! A team's server in memory: the routes that a desktop uses, one team, and faults on demand.

mod drafts;
mod routes;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::http::StatusCode;
use deskline_domain::ids::{ContactId, FeedId, MessageId};
use serde_json::{Value, json};
use socketioxide::SocketIo;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

pub(crate) use drafts::Drafts;
pub(crate) use state::State;

/// What goes wrong with the next request to a path.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is carried out, and the answer breaks off.
    LoseAnswer,
    /// It breaks off before anything is done.
    Break,
    /// It is not answered until the server ends.
    Hang,
    /// It is answered so, and nothing is done.
    Say(StatusCode, Value),
    /// Half of the answer's bytes arrive.
    CutBody,
}

/// A running server. It ends when this is dropped.
pub(crate) struct TeamServer {
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) url: String,
    io: SocketIo,
    _task: AbortOnDropHandle<()>,
}

impl TeamServer {
    /// With one member, `agent@example.com` / `open sesame`, and nothing else.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::new()));
        let (router, io) = routes::router(Arc::clone(&state));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { state, url, io, _task: AbortOnDropHandle::new(task) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A contact, as old as the order in which they are made.
    pub(crate) fn contact(&self, name: &str, phone: &str) -> ContactId {
        self.state().put_contact(name, phone)
    }

    /// A text comes in; sockets are told.
    pub(crate) async fn receives(&self, contact_id: ContactId, text: &str) -> MessageId {
        let id = self.state().put_inbound(contact_id, text);
        self.push().await;
        id
    }

    /// A picture comes in; sockets are told.
    pub(crate) async fn receives_picture(
        &self,
        contact_id: ContactId,
        content_type: &str,
        content: &[u8],
    ) -> MessageId {
        let id = self.state().put_picture(contact_id, content_type, content);
        self.push().await;
        id
    }

    /// Contents of the files of the newest text that was stored, in order.
    pub(crate) fn newest_files(&self) -> Vec<Vec<u8>> {
        let state = self.state();
        let (id, _) = state.sent.last().unwrap();
        let media = &state.row("message", id.parse().unwrap())["media"];
        let key = |file: &Value| file["key"].as_str().unwrap().parse().unwrap();
        media.as_array().into_iter().flatten().map(|file| state.files[&key(file)].2.clone()).collect()
    }

    /// Somebody else of the team answers; sockets are told.
    pub(crate) async fn colleague_answers(&self, contact_id: ContactId, text: &str) {
        self.state().put_answer(contact_id, text);
        self.push().await;
    }

    /// The server compares its texts with Twilio's; sockets are told.
    pub(crate) async fn audits(&self, twilio: i64, here: i64) {
        self.state().put_audit(twilio, here);
        self.push().await;
    }

    /// What any program may do to a row.
    pub(crate) async fn change_contact(&self, id: ContactId, change: impl FnOnce(&mut Value)) {
        self.state().change("contact", id.0, change);
        self.push().await;
    }

    /// What any program may do to a row.
    pub(crate) async fn change_message(&self, id: MessageId, change: impl FnOnce(&mut Value)) {
        self.state().change("message", id.0, change);
        self.push().await;
    }

    /// A text is gone for good, by retention or a dashboard.
    pub(crate) async fn deletes(&self, id: MessageId) {
        self.state().delete("message", id.0);
        self.push().await;
    }

    /// Tells sockets what came after the last time they were told.
    pub(crate) async fn push(&self) {
        let page = self.state().next_push();
        if let Some(page) = page {
            self.io.to("followers").emit("changes", &page).await.ok();
        }
    }

    /// The next request to `path` goes wrong.
    pub(crate) fn fault(&self, path: &str, fault: Fault) {
        self.state().faults.push((path.to_owned(), fault));
    }

    /// Every request breaks off from now on, or no longer.
    pub(crate) async fn set_down(&self, down: bool) {
        let ended = {
            let mut state = self.state();
            state.down = down;
            std::mem::replace(&mut state.end_of_hanging, CancellationToken::new())
        };
        if down {
            ended.cancel();
            self.io.disconnect().await.ok();
        }
    }

    /// Ends the sockets of now as a server does that stops.
    pub(crate) async fn close_sockets(&self) {
        self.io.close().await;
    }

    /// A restored backup: the same rows, another life of the feed.
    pub(crate) fn restore_backup(&self) {
        let mut state = self.state();
        state.feed = FeedId(Uuid::from_u128(0xfeed_0002));
    }

    /// Texts that were stored, oldest first, as `(client id, text)`.
    pub(crate) fn sent(&self) -> Vec<(String, String)> {
        self.state().sent.clone()
    }

    /// Texts that were stored, oldest first.
    pub(crate) fn sent_texts(&self) -> Vec<String> {
        self.sent().into_iter().map(|(_, text)| text).collect()
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.state().asked.iter().filter(|asked| *asked == path).count()
    }

    pub(crate) fn unread(&self, id: ContactId) -> i64 {
        self.state().row("contact", id.0)["unread_count"].as_i64().unwrap()
    }
}

/// An error as the contract words it.
pub(crate) fn error(text: &str) -> Value {
    json!({ "error": text })
}
