//! Applying the feed: pages of changes that are there already, over HTTP, into a cache with a history.
//!
//! What answers is as small as can be, and its pages are made beforehand, so that what is measured is the desktop: asking, reading, and
//! writing rows and index in one transaction a page. Both share the machine.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use deskline_domain::protocol::PROTOCOL;
use deskline_e2e::history::{History, ME, NEWEST, TEAM};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

const CHANGES: usize = 50_000;

/// Changes in the order of their numbers, the first of which is 2, and when the first and the last were asked for.
struct Feed {
    changes: Vec<String>,
    first: Mutex<Option<Instant>>,
    took: watch::Sender<Option<Duration>>,
}

/// A desktop that was away: new texts, texts whose status changed, and their contacts.
pub(crate) async fn run(history: &History) {
    let feed = Arc::new(Feed { changes: changes(history), first: Mutex::default(), took: watch::Sender::new(None) });
    let router = Router::new().route("/session", get(session)).route("/sync", get(sync)).with_state(Arc::clone(&feed));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    history.work_at(&format!("http://{address}"));
    let client = history.open().await;
    let mut took = feed.took.subscribe();
    let took = took.wait_for(Option::is_some).await.map(|took| took.unwrap_or_default()).unwrap_or_default();
    client.shutdown().await;
    server.abort();

    println!(
        "### Applying the feed\n\n{CHANGES} changes: {:.2} s, {:.0} a second.\n",
        took.as_secs_f64(),
        CHANGES as f64 / took.as_secs_f64()
    );
}

async fn session() -> Response {
    axum::Json(json!({
        "user": { "id": ME, "email": "ann@example.com" }, "protocol": PROTOCOL, "server_version": "0",
        "serverVersion": "0", "workspaces": [{ "id": TEAM, "name": "Team", "role": "agent" }],
    }))
    .into_response()
}

#[derive(serde::Deserialize)]
struct Asked {
    after: Option<usize>,
    limit: Option<usize>,
}

async fn sync(State(feed): State<Arc<Feed>>, Query(asked): Query<Asked>) -> Response {
    let done = asked.after.unwrap_or_default().saturating_sub(1).min(CHANGES);
    let mut first = feed.first.lock().expect("nobody panics with it");
    let began = *first.get_or_insert_with(Instant::now);
    if done == CHANGES {
        feed.took.send_if_modified(|took| took.is_none() && took.replace(began.elapsed()).is_none());
    }
    let end = (done + asked.limit.unwrap_or(500)).min(CHANGES);
    let page = format!(
        r#"{{"workspaceId":"{TEAM}","feed":"{TEAM}","after":{},"upTo":{},"head":{},"changes":[{}]}}"#,
        done + 1,
        end + 1,
        CHANGES + 1,
        feed.changes[done..end].join(",")
    );
    ([("content-type", "application/json")], page).into_response()
}

fn changes(history: &History) -> Vec<String> {
    let mut dice = StdRng::seed_from_u64(5);
    let mut recent: Vec<(Uuid, Uuid)> = Vec::new();
    (0..CHANGES).map(|place| change(history, place + 2, &mut recent, &mut dice).to_string()).collect()
}

/// Six of ten are new texts, two are texts of a moment ago with another status, two are contacts.
fn change(history: &History, seq: usize, recent: &mut Vec<(Uuid, Uuid)>, dice: &mut StdRng) -> Value {
    let at = chrono::DateTime::from_timestamp_micros(NEWEST + i64::try_from(seq).unwrap_or_default() * 1_000);
    let contact = History::contact(dice.random_range(0..history.contacts()));
    let kind = dice.random_range(0..10);
    if kind < 2 {
        let row = json!({
            "id": contact, "workspace_id": TEAM, "name": "Somebody", "phone": "+15551234567", "phone_number": "+15551234567",
            "unread_count": dice.random_range(0..3), "conversation_status": "Open", "last_message_at": at, "created_at": at,
            "updated_at": at,
        });
        return json!({ "seq": seq, "entity": "contact", "id": contact, "created": false, "row": row });
    }
    let again = (kind < 4 && !recent.is_empty())
        .then(|| recent[recent.len() - 1 - dice.random_range(0..recent.len().min(200))]);
    let (id, contact) = again.unwrap_or_else(|| {
        let milliseconds = u128::try_from(NEWEST / 1_000).unwrap_or_default() + seq as u128;
        let random: u128 = dice.random();
        (Uuid::from_u128((milliseconds << 80) | (7 << 76) | (random & 0xfff) << 64 | 2 << 62 | (random >> 66)), contact)
    });
    if again.is_none() {
        recent.push((id, contact));
    }
    let row = json!({
        "id": id, "workspace_id": TEAM, "contact_id": contact, "content": history.words.text(dice), "direction": "outbound",
        "status": if again.is_some() { "delivered" } else { "sent" }, "twilio_sid": format!("SM{}", id.simple()),
        "message_type": "text", "media_url": null, "media_type": null, "media": [], "from_number": "+15550001111",
        "to_number": "+15551234567", "client_id": id, "created_at": at, "updated_at": at,
    });
    json!({ "seq": seq, "entity": "message", "id": id, "created": again.is_none(), "row": row })
}
