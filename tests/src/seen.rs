//! What a team's conversations look like: at a desktop, and as they stand in the shared database. At the end both are equal.
//!
//! Asked by the tests that let things go wrong in between (`e2e/convergence.rs`, `chaos/desktops`).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use deskline_client::{
    Client,
    view::{ConversationFilter, ConversationQuery, MessageQuery, MessageState},
};
use deskline_domain::{
    contact::ConversationStatus,
    ids::{ContactId, LabelId, UserId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// A conversation with its texts and notes, as everybody must see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The contact's.
    pub id: Uuid,
    /// What the contact is called.
    pub name: Option<String>,
    /// Unread texts.
    pub unread: i64,
    /// Open, closed, …
    pub status: ConversationStatus,
    /// Until when it sleeps.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Whose it is.
    pub assigned_to: Option<UserId>,
    /// In the order in which they were put on.
    pub labels: Vec<LabelId>,
    /// Whether nobody wants to hear of it.
    pub blocked: bool,
    /// One attribute of the contact.
    pub bike: Option<String>,
    /// Private notes, by id.
    pub notes: Vec<(Uuid, String)>,
    /// Texts in the order of the thread, with `received` or the word for how far they got.
    pub texts: Vec<(Uuid, String, String)>,
}

/// All of it at a desktop, by the contacts' ids.
pub async fn at(client: &Client) -> Vec<Seen> {
    let mut query = ConversationQuery { filter: ConversationFilter::All, limit: 500, ..ConversationQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = client.conversations(query.clone()).await.expect("the list can be read");
        for row in page.conversations {
            let (notes, texts) = thread(client, row.contact_id).await;
            seen.push(Seen {
                id: row.contact_id.0,
                name: Some(row.name),
                unread: row.unread_count,
                status: row.status,
                snoozed_until: row.snoozed_until,
                assigned_to: row.assigned_to,
                labels: row.labels,
                blocked: row.blocked,
                bike: row.attributes.get("bike").cloned(),
                notes,
                texts,
            });
        }
        query.page = page.next;
        if query.page.is_none() {
            break;
        }
    }
    seen.sort_by_key(|row| row.id);
    seen
}

async fn thread(client: &Client, contact_id: ContactId) -> (Vec<(Uuid, String)>, Vec<(Uuid, String, String)>) {
    let mut query = MessageQuery { contact_id, page: None, limit: 500 };
    let (mut notes, mut pages) = (Vec::new(), Vec::new());
    loop {
        let page = client.messages(query.clone()).await.expect("a thread can be read");
        notes.extend(page.notes.into_iter().map(|note| (note.id.0, note.content)));
        pages.push(page.messages.into_iter().map(|text| (text.id.0, text.content, word(text.state).to_owned())));
        query.page = page.older;
        if query.page.is_none() {
            break;
        }
    }
    notes.sort();
    (notes, pages.into_iter().rev().flatten().collect())
}

const fn word(state: MessageState) -> &'static str {
    match state {
        MessageState::Received => "received",
        MessageState::Waiting => "waiting here",
        MessageState::OnServer => "on the server",
        MessageState::Scheduled => "scheduled",
        MessageState::Accepted => "accepted",
        MessageState::Sent => "sent",
        MessageState::Delivered => "delivered",
        MessageState::Read => "read",
        MessageState::Unknown => "unknown",
        MessageState::Failed => "failed",
        MessageState::Parked => "parked here",
        MessageState::Held => "held here",
        MessageState::Canceled => "canceled",
    }
}

/// All of it in the shared database, by the contacts' ids.
pub async fn on_the_server(pool: &PgPool, workspace: WorkspaceId) -> Vec<Seen> {
    let notes = sqlx::query("select contact_id, id, content from notes where workspace_id = $1 order by id")
        .bind(workspace.0)
        .fetch_all(pool)
        .await
        .expect("notes can be read");
    let mut notes_of: HashMap<Uuid, Vec<(Uuid, String)>> = HashMap::new();
    for row in notes {
        notes_of.entry(row.get(0)).or_default().push((row.get(1), row.get(2)));
    }
    let texts = sqlx::query(
        "select contact_id, id, content, case direction when 'inbound' then 'received' else status end from messages \
         where workspace_id = $1 order by created_at, id",
    )
    .bind(workspace.0)
    .fetch_all(pool)
    .await
    .expect("texts can be read");
    let mut texts_of: HashMap<Uuid, Vec<(Uuid, String, String)>> = HashMap::new();
    for row in texts {
        texts_of.entry(row.get(0)).or_default().push((row.get(1), row.get(2), row.get(3)));
    }
    let contacts = sqlx::query(
        "select id, name, unread_count, conversation_status, snoozed_until, assigned_to, labels, blocked_at is not null, \
         attributes ->> 'bike' from contacts where workspace_id = $1 order by id",
    )
    .bind(workspace.0)
    .fetch_all(pool)
    .await
    .expect("contacts can be read");
    let seen = contacts.iter().map(|row| {
        let id: Uuid = row.get(0);
        Seen {
            id,
            name: row.get(1),
            unread: row.get::<i32, _>(2).into(),
            status: row.get::<&str, _>(3).parse().expect("a status is one of ours"),
            snoozed_until: row.get(4),
            assigned_to: row.get::<Option<Uuid>, _>(5).map(UserId),
            labels: row.get::<Vec<Uuid>, _>(6).into_iter().map(LabelId).collect(),
            blocked: row.get(7),
            bike: row.get(8),
            notes: notes_of.remove(&id).unwrap_or_default(),
            texts: texts_of.remove(&id).unwrap_or_default(),
        }
    });
    seen.collect()
}

/// What one has and the other has not, in words: whole conversations without their texts, and the texts that differ.
#[must_use]
pub fn differences(server: &[Seen], desktop: &[Seen]) -> Vec<String> {
    let mut differences = Vec::new();
    for (mine, theirs, whose) in [(server, desktop, "the server has"), (desktop, server, "the desktop shows")] {
        for row in mine {
            let other = theirs.iter().find(|other| other.id == row.id);
            let bare = |row: &Seen| Seen { texts: Vec::new(), ..row.clone() };
            if other.map(bare) != Some(bare(row)) {
                differences.push(format!("{whose} {:?}", bare(row)));
            }
            let known = other.map(|other| other.texts.as_slice()).unwrap_or_default();
            let texts = row.texts.iter().filter(|text| !known.contains(text));
            differences.extend(texts.map(|text| format!("{whose} {text:?} in the thread of {}", row.id)));
            if known.len() == row.texts.len() && known != row.texts && row.texts.iter().all(|text| known.contains(text))
            {
                differences.push(format!("{whose} the texts of {} in another order", row.id));
            }
        }
    }
    differences
}
