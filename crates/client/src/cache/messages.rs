//! Messages in the cache: stretches of a thread, and the newest of each.

use std::collections::{HashMap, HashSet};

use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{ContactId, MessageId, UserId},
    message::{Direction, Media},
};
use sqlx::{FromRow, QueryBuilder, Row, Sqlite, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Cache, json_ids};
use crate::{Result, database::bad_cell, inbox::page::Place};

/// A message as the cache keeps it. Times are microseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CachedMessage {
    pub(crate) id: MessageId,
    pub(crate) contact_id: ContactId,
    pub(crate) content: String,
    pub(crate) direction: Direction,
    pub(crate) status: DeliveryStatus,
    pub(crate) has_sid: bool,
    pub(crate) in_doubt: bool,
    pub(crate) media: Vec<Media>,
    /// Of those files that are pictures of known size; empty until somebody asks.
    pub(crate) dimensions: Vec<Option<(u32, u32)>>,
    pub(crate) error_code: Option<i32>,
    pub(crate) error_message: Option<String>,
    pub(crate) sent_by: Option<Uuid>,
    pub(crate) created_at: i64,
    /// For a text for later.
    pub(crate) send_at: Option<i64>,
}

/// `m` is the table.
const COLUMNS: &str = "m.id, m.contact_id, m.content, m.direction, m.status, m.has_sid, m.in_doubt, m.media, m.error_code, \
                       m.error_message, m.sent_by, m.created_at, m.send_at";

impl FromRow<'_, SqliteRow> for CachedMessage {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get::<&str, _>("id")?.parse().map_err(bad_cell("id"))?,
            contact_id: row.try_get::<&str, _>("contact_id")?.parse().map_err(bad_cell("contact_id"))?,
            content: row.try_get("content")?,
            direction: direction(row.try_get("direction")?),
            status: row.try_get::<&str, _>("status")?.parse().map_err(bad_cell("status"))?,
            has_sid: row.try_get("has_sid")?,
            in_doubt: row.try_get("in_doubt")?,
            media: serde_json::from_str(row.try_get("media")?).map_err(bad_cell("media"))?,
            dimensions: Vec::new(),
            error_code: row.try_get("error_code")?,
            error_message: row.try_get("error_message")?,
            sent_by: row
                .try_get::<Option<&str>, _>("sent_by")?
                .map(Uuid::parse_str)
                .transpose()
                .map_err(bad_cell("sent_by"))?,
            created_at: row.try_get("created_at")?,
            send_at: row.try_get("send_at")?,
        })
    }
}

fn direction(word: &str) -> Direction {
    if word == "inbound" { Direction::Inbound } else { Direction::Outbound }
}

/// The statement for a stretch of a thread, newest first. Apart from running it, so that a test can look at its plan.
pub(crate) fn page_statement(contact_id: ContactId, before: Option<Place>, limit: i64) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from messages m where m.contact_id = "));
    sql.push_bind(contact_id.to_string());
    if let Some(before) = before {
        sql.push(" and (m.created_at, m.id) < (").push_bind(before.at).push(", ");
        sql.push_bind(before.id.to_string()).push(")");
    }
    sql.push(" order by m.created_at desc, m.id desc limit ").push_bind(limit);
    sql
}

/// The statement for a stretch of a thread after a place, oldest first.
pub(crate) fn page_after_statement(contact_id: ContactId, after: Place, limit: i64) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from messages m where m.contact_id = "));
    sql.push_bind(contact_id.to_string());
    sql.push(" and (m.created_at, m.id) > (").push_bind(after.at).push(", ").push_bind(after.id.to_string()).push(")");
    sql.push(" order by m.created_at, m.id limit ").push_bind(limit);
    sql
}

/// The statement for the newest messages of a thread that have files. Of a long thread, only the newest texts are looked through: what
/// is further back is found by `has:media`.
pub(crate) fn with_files_statement(contact_id: ContactId) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from (select * from messages where contact_id = "));
    sql.push_bind(contact_id.to_string());
    sql.push(" order by created_at desc, id desc limit 5000) m where m.media <> '[]' order by m.created_at desc, m.id desc limit 24");
    sql
}

/// The statement for the texts of a thread that wait on the server for their time, the next one first.
pub(crate) fn scheduled_statement(contact_id: ContactId) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from messages m where m.contact_id = "));
    sql.push_bind(contact_id.to_string());
    sql.push(
        " and m.status = 'scheduled' and m.send_at is not null and m.has_sid = 0 order by m.send_at, m.id limit 100",
    );
    sql
}

/// The statement for the newest message of each of the contacts.
pub(crate) fn newest_statement(contacts: &[ContactId]) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from json_each("));
    sql.push_bind(json_ids(contacts)).push(
        ") c join messages m on m.id = (select n.id from messages n where n.contact_id = c.value \
         order by n.created_at desc, n.id desc limit 1)",
    );
    sql
}

/// The statement for the status of the newest outbound message of each of the contacts.
pub(crate) const NEWEST_OUTBOUND: &str = "select c.value as contact_id, (select n.status from messages n \
     where n.contact_id = c.value and n.direction = 'outbound' order by n.created_at desc, n.id desc limit 1) as status \
     from json_each(?) c";

/// The statement for whether anybody but the agent wrote after a place in a thread: the contact, and somebody else.
pub(crate) const WRITTEN_AFTER: &str = "select exists (select 1 from messages where contact_id = ?1 and direction = 'inbound' and (created_at, id) > (?2, ?3)), \
     exists (select 1 from messages where contact_id = ?1 and direction = 'outbound' and (created_at, id) > (?2, ?3) \
     and sent_by is not ?4)";

/// The statement for the newest text of somebody else after a place in a thread.
pub(crate) fn answer_statement(contact_id: ContactId, after: Place, me: UserId) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from messages m where m.contact_id = "));
    sql.push_bind(contact_id.to_string());
    sql.push(" and (m.created_at, m.id) > (").push_bind(after.at).push(", ").push_bind(after.id.to_string()).push(")");
    sql.push(" and m.direction = 'outbound' and m.sent_by is not ").push_bind(me.to_string());
    sql.push(" order by m.created_at desc, m.id desc limit 1");
    sql
}

impl Cache {
    /// The newest messages of a thread that have files, newest first.
    pub(crate) async fn with_files(&self, contact_id: ContactId) -> Result<Vec<CachedMessage>> {
        Ok(with_files_statement(contact_id).build_query_as().fetch_all(&self.pool).await?)
    }

    /// The texts of a thread that wait on the server for their time, the next one first.
    pub(crate) async fn scheduled(&self, contact_id: ContactId) -> Result<Vec<CachedMessage>> {
        Ok(scheduled_statement(contact_id).build_query_as().fetch_all(&self.pool).await?)
    }

    /// Where the thread ends.
    pub(crate) async fn newest_place(&self, contact_id: ContactId) -> Result<Place> {
        let row: Option<(i64, String)> = sqlx::query_as(
            "select created_at, id from messages where contact_id = ? order by created_at desc, id desc limit 1",
        )
        .bind(contact_id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        let place = row.and_then(|(at, id)| Some(Place { at, id: Uuid::parse_str(&id).ok()? }));
        Ok(place.unwrap_or(Place { at: i64::MIN, id: Uuid::nil() }))
    }

    /// Whether the contact wrote after this place, and whether somebody other than `me` answered.
    pub(crate) async fn written_after(&self, contact_id: ContactId, after: Place, me: UserId) -> Result<(bool, bool)> {
        Ok(sqlx::query_as(WRITTEN_AFTER)
            .bind(contact_id.to_string())
            .bind(after.at)
            .bind(after.id.to_string())
            .bind(me.to_string())
            .fetch_one(&self.pool)
            .await?)
    }

    /// The newest text to the contact after this place that somebody other than `me` wrote.
    pub(crate) async fn answer_after(
        &self,
        contact_id: ContactId,
        after: Place,
        me: UserId,
    ) -> Result<Option<CachedMessage>> {
        Ok(answer_statement(contact_id, after, me).build_query_as().fetch_optional(&self.pool).await?)
    }

    /// At most `limit` messages older than `before`, newest first.
    pub(crate) async fn page(
        &self,
        contact_id: ContactId,
        before: Option<Place>,
        limit: i64,
    ) -> Result<Vec<CachedMessage>> {
        Ok(page_statement(contact_id, before, limit).build_query_as().fetch_all(&self.pool).await?)
    }

    /// At most `limit` messages newer than `after`, oldest first.
    pub(crate) async fn page_after(
        &self,
        contact_id: ContactId,
        after: Place,
        limit: i64,
    ) -> Result<Vec<CachedMessage>> {
        Ok(page_after_statement(contact_id, after, limit).build_query_as().fetch_all(&self.pool).await?)
    }

    /// Those of the messages that are here.
    pub(crate) async fn messages(&self, ids: &[MessageId]) -> Result<Vec<CachedMessage>> {
        let mut sql = QueryBuilder::<Sqlite>::new(format!(
            "select {COLUMNS} from messages m where m.id in (select value from json_each("
        ));
        sql.push_bind(json_ids(ids)).push("))");
        Ok(sql.build_query_as().fetch_all(&self.pool).await?)
    }

    /// One message.
    pub(crate) async fn message(&self, id: MessageId) -> Result<Option<CachedMessage>> {
        let mut sql = QueryBuilder::<Sqlite>::new(format!("select {COLUMNS} from messages m where m.id = "));
        sql.push_bind(id.to_string());
        Ok(sql.build_query_as().fetch_optional(&self.pool).await?)
    }

    /// The newest message of each of the contacts that has one.
    pub(crate) async fn newest(&self, contacts: &[ContactId]) -> Result<HashMap<ContactId, CachedMessage>> {
        let rows: Vec<CachedMessage> = newest_statement(contacts).build_query_as().fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|message| (message.contact_id, message)).collect())
    }

    /// Those of the contacts whose newest outbound message failed.
    pub(crate) async fn failed(&self, contacts: &[ContactId]) -> Result<HashSet<ContactId>> {
        let rows: Vec<(String, Option<String>)> =
            sqlx::query_as(NEWEST_OUTBOUND).bind(json_ids(contacts)).fetch_all(&self.pool).await?;
        Ok(rows
            .into_iter()
            .filter(|(_, status)| {
                status.as_deref().and_then(|word| word.parse().ok()).is_some_and(DeliveryStatus::is_failure)
            })
            .filter_map(|(id, _)| id.parse().ok())
            .collect())
    }

    /// Those of the messages that are here.
    pub(crate) async fn known(&self, ids: &[MessageId]) -> Result<HashSet<MessageId>> {
        let rows: Vec<(String,)> =
            sqlx::query_as("select id from messages where id in (select value from json_each(?))")
                .bind(json_ids(ids))
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().filter_map(|(id,)| id.parse().ok()).collect())
    }

    /// When the newest message of the contact was written, in microseconds.
    pub(crate) async fn newest_at(&self, contact_id: ContactId) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar("select max(created_at) from messages where contact_id = ?")
            .bind(contact_id.to_string())
            .fetch_one(&self.pool)
            .await?)
    }
}
