//! Searching real files and memory: what is found, in what order, and how the index comes back.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::{ContactId, LabelId, MessageId, UserId, WorkspaceId};
use proptest::prelude::*;
use rstest::rstest;
use sqlx::{AssertSqlSafe, Row, SqlSafeStr};
use tempfile::TempDir;
use uuid::Uuid;

use super::{query::Query, statements, terms::Terms};
use crate::{
    cache::Cache,
    credentials::FileKey,
    database::Place,
    inbox::Inbox,
    options::Dice,
    outbox::Outbox,
    view::search::{SearchPage, SearchQuery},
};

mod finding;
mod keeping;
mod team;

const TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(9));
const ME: UserId = UserId(Uuid::from_u128(8));
const VIP: LabelId = LabelId(Uuid::from_u128(7));
const LATE: LabelId = LabelId(Uuid::from_u128(6));
const ANN: ContactId = ContactId(Uuid::from_u128(0xa));
const BOB: ContactId = ContactId(Uuid::from_u128(0xb));

/// Thursday noon.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_694_400, 0).unwrap()
}

/// A cache with an index that is complete.
struct Desk {
    inbox: Inbox,
    written: std::cell::Cell<u128>,
}

impl Desk {
    async fn open(place: &Place) -> Self {
        let key = FileKey::roll(&Dice::new(|bytes| bytes.fill(7)));
        let (cache, _) = Cache::open(place, &key, now()).await.unwrap();
        let (outbox, _) = Outbox::open(&Place::Memory, &key, now()).await.unwrap();
        Self { inbox: Inbox { cache, outbox }, written: std::cell::Cell::new(0x1000) }
    }

    /// Ann and Bob, in memory.
    async fn new() -> Self {
        let desk = Self::open(&Place::Memory).await;
        desk.contact(ANN, "Ann Müller", "+15550100001").await;
        desk.contact(BOB, "Bob 田中", "+442079460000").await;
        desk
    }

    fn cache(&self) -> &Cache {
        &self.inbox.cache
    }

    async fn execute(&self, statement: impl Into<String>) {
        sqlx::query(AssertSqlSafe(statement.into()).into_sql_str()).execute(&self.cache().pool).await.unwrap();
    }

    async fn contact(&self, id: ContactId, name: &str, phone: &str) {
        sqlx::query(
            "insert into contacts (id, workspace_id, name, phone, unread_count, conversation_status, opted_out, sort_at, \
             created_at, updated_at) values (?, ?, ?, ?, 0, 'Open', 0, 0, 0, 0)",
        )
        .bind(id.to_string())
        .bind(TEAM.to_string())
        .bind(name)
        .bind(phone)
        .execute(&self.cache().pool)
        .await
        .unwrap();
    }

    /// A text of so many minutes ago. Ann's are inbound, all others mine.
    async fn text(&self, contact: ContactId, minutes: i64, content: &str) -> MessageId {
        self.text_at(contact, now() - TimeDelta::minutes(minutes), content).await
    }

    async fn text_at(&self, contact: ContactId, at: DateTime<Utc>, content: &str) -> MessageId {
        self.written.set(self.written.get() + 1);
        let id = MessageId(Uuid::from_u128(self.written.get()));
        let (direction, author) = if contact == ANN { ("inbound", None) } else { ("outbound", Some(ME.to_string())) };
        sqlx::query(
            "insert into messages (id, workspace_id, contact_id, content, direction, status, has_sid, in_doubt, media, \
             sent_by, created_at, updated_at) values (?, ?, ?, ?, ?, 'delivered', 1, 0, '[]', ?, ?, 0)",
        )
        .bind(id.to_string())
        .bind(TEAM.to_string())
        .bind(contact.to_string())
        .bind(content)
        .bind(direction)
        .bind(author)
        .bind(at.timestamp_micros())
        .execute(&self.cache().pool)
        .await
        .unwrap();
        id
    }

    async fn index(&self) {
        self.cache().prepare_index().await.unwrap();
        while self.cache().note_old_rows().await.unwrap() {}
        while self.cache().index_some(100).await.unwrap() > 0 {}
    }

    async fn page(&self, text: &str, page: Option<String>, limit: u32) -> SearchPage {
        self.index().await;
        let query = SearchQuery { text: text.to_owned(), page, limit, ..SearchQuery::default() };
        self.inbox.search(&query, ME, now()).await.unwrap()
    }

    async fn search(&self, text: &str) -> SearchPage {
        self.page(text, None, 50).await
    }

    /// The texts that a search finds, best first.
    async fn texts(&self, text: &str) -> Vec<String> {
        self.search(text).await.messages.into_iter().map(|message| message.excerpt.text).collect()
    }

    async fn names(&self, text: &str) -> Vec<String> {
        self.search(text).await.contacts.into_iter().map(|contact| contact.name.text).collect()
    }
}
