//! Puts rows of the server into the cache: one statement for all rows of a kind, never one a row.
//!
//! Called by [`super::apply`] inside its transaction, and by nobody else.

use chrono::{DateTime, Utc};
use deskline_domain::{
    change::BadRow,
    contact::ContactRow,
    ids::WorkspaceId,
    message::{Direction, MessageRow},
    row::RawRow,
    team::AuditRow,
};
use serde_json::{Value, json};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::{
    Result,
    cache::json_ids,
    database::{bad_cell, micros},
};

/// A row that could not be read, with what arrived.
#[derive(Debug)]
pub(crate) struct Bad {
    pub(crate) error: BadRow,
    pub(crate) row: Option<RawRow>,
}

pub(crate) async fn put_contacts(tx: &mut SqliteConnection, rows: &[ContactRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let cells = Value::from_iter(rows.iter().map(|row| {
        json!([
            row.id,
            row.workspace_id,
            row.name,
            row.phone,
            row.unread_count,
            row.conversation_status,
            row.opted_out_at.is_some(),
            row.last_message_at.map(micros),
            micros(row.last_message_at.unwrap_or(row.created_at)),
            micros(row.created_at),
            micros(row.updated_at),
            row.assigned_to,
            json!(row.labels).to_string(),
            json!(row.attributes).to_string(),
            row.snoozed_until.map(micros),
            row.blocked_at.map(micros),
            json!(row.other_phones).to_string(),
        ])
    }))
    .to_string();
    sqlx::query(
        "insert into contacts (id, workspace_id, name, phone, unread_count, conversation_status, opted_out, \
         last_message_at, sort_at, created_at, updated_at, assigned_to, labels, attributes, snoozed_until, blocked_at, \
         other_phones) \
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, \
         value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15, \
         value ->> 16 from json_each(?) where true \
         on conflict (id) do update set workspace_id = excluded.workspace_id, name = excluded.name, \
         phone = excluded.phone, unread_count = excluded.unread_count, \
         conversation_status = excluded.conversation_status, opted_out = excluded.opted_out, \
         last_message_at = excluded.last_message_at, sort_at = excluded.sort_at, created_at = excluded.created_at, \
         updated_at = excluded.updated_at, assigned_to = excluded.assigned_to, labels = excluded.labels, \
         attributes = excluded.attributes, snoozed_until = excluded.snoozed_until, blocked_at = excluded.blocked_at, \
         other_phones = excluded.other_phones",
    )
    .bind(&cells)
    .execute(&mut *tx)
    .await?;
    put_labels_of(tx, rows).await?;
    release(tx, "contact", rows.iter().map(|row| row.id.to_string())).await
}

/// Which contacts a label is on, in the order of the list: see [`crate::cache::contacts::ListQuery`].
async fn put_labels_of(tx: &mut SqliteConnection, rows: &[ContactRow]) -> Result<()> {
    sqlx::query("delete from contact_labels where contact_id in (select value from json_each(?))")
        .bind(json_ids(rows.iter().map(|row| row.id)))
        .execute(&mut *tx)
        .await?;
    let places: Vec<Value> = rows
        .iter()
        .flat_map(|row| row.labels.iter().map(move |label_id| (label_id, row)))
        .map(|(label_id, row)| json!([label_id, micros(row.last_message_at.unwrap_or(row.created_at)), row.id]))
        .collect();
    if places.is_empty() {
        return Ok(());
    }
    // A program that is not ours may have put a label on twice.
    sqlx::query(
        "insert or ignore into contact_labels (label_id, sort_at, contact_id) \
         select value ->> 0, value ->> 1, value ->> 2 from json_each(?)",
    )
    .bind(Value::from(places).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// So many texts go into one statement, which is prepared once. What is left goes into a shorter one.
const TEXTS: usize = 50;

pub(crate) async fn put_messages(tx: &mut SqliteConnection, rows: &[MessageRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    // In the order in which they lie in the file: each page of it is then looked for once.
    let mut ordered: Vec<&MessageRow> = rows.iter().collect();
    ordered.sort_by_key(|row| (row.contact_id, row.created_at, row.id));
    for rows in ordered.chunks(TEXTS) {
        put_texts(tx, rows).await?;
    }
    release(tx, "message", rows.iter().map(|row| row.id.to_string())).await
}

async fn put_texts(tx: &mut SqliteConnection, rows: &[&MessageRow]) -> Result<()> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "insert into messages (id, workspace_id, contact_id, content, direction, status, has_sid, in_doubt, media, from_number, \
         error_code, error_message, sent_by, created_at, updated_at, send_at, to_number) ",
    );
    let media = rows
        .iter()
        .map(|row| serde_json::to_string(&row.media))
        .collect::<Result<Vec<_>, _>>()
        .map_err(bad_cell("media"))?;
    sql.push_values(rows.iter().zip(media), |mut cells, (row, media)| {
        cells
            .push_bind(row.id.to_string())
            .push_bind(row.workspace_id.to_string())
            .push_bind(row.contact_id.to_string())
            .push_bind(&row.content)
            .push_bind(row.direction.as_str())
            .push_bind(row.status.as_str())
            .push_bind(row.twilio_sid.is_some())
            .push_bind(row.in_doubt)
            .push_bind(media)
            .push_bind(&row.from_number)
            .push_bind(row.error_code)
            .push_bind(&row.error_message)
            .push_bind(row.sent_by.map(|by| by.to_string()))
            .push_bind(micros(row.created_at))
            .push_bind(micros(row.updated_at))
            .push_bind(row.send_at.map(micros))
            .push_bind(row.to_number.as_ref().filter(|_| row.direction == Direction::Inbound));
    });
    sql.push(
        " on conflict (id) do update set workspace_id = excluded.workspace_id, contact_id = excluded.contact_id, \
         content = excluded.content, direction = excluded.direction, status = excluded.status, \
         has_sid = excluded.has_sid, in_doubt = excluded.in_doubt, media = excluded.media, from_number = excluded.from_number, \
         error_code = excluded.error_code, error_message = excluded.error_message, sent_by = excluded.sent_by, \
         created_at = excluded.created_at, updated_at = excluded.updated_at, send_at = excluded.send_at, \
         to_number = excluded.to_number",
    );
    sql.build().persistent(rows.len() == TEXTS).execute(tx).await?;
    Ok(())
}

pub(crate) async fn put_audits(tx: &mut SqliteConnection, rows: &[AuditRow]) -> Result<()> {
    for row in rows {
        sqlx::query(
            "insert into audits (workspace_id, twilio, here, checked_at) values (?, ?, ?, ?) \
             on conflict (workspace_id) do update set twilio = excluded.twilio, here = excluded.here, \
             checked_at = excluded.checked_at",
        )
        .bind(row.workspace_id.to_string())
        .bind(row.twilio)
        .bind(row.here)
        .bind(micros(row.checked_at))
        .execute(&mut *tx)
        .await?;
    }
    release(tx, "audit", rows.iter().map(|row| row.id.to_string())).await
}

pub(crate) async fn delete_audits<T: ToString>(
    tx: &mut SqliteConnection,
    ids: impl IntoIterator<Item = T>,
) -> Result<()> {
    sqlx::query("delete from audits where workspace_id in (select value from json_each(?))")
        .bind(json_ids(ids))
        .execute(tx)
        .await?;
    Ok(())
}

/// A contact that went to another team is gone from this one, and may be here for the other one.
pub(crate) async fn delete_contacts(tx: &mut SqliteConnection, workspace_id: WorkspaceId, ids: &[Uuid]) -> Result<()> {
    sqlx::query(
        "delete from contact_labels where contact_id in (select id from contacts where workspace_id = ? \
         and id in (select value from json_each(?)))",
    )
    .bind(workspace_id.to_string())
    .bind(json_ids(ids))
    .execute(&mut *tx)
    .await?;
    sqlx::query("delete from contacts where workspace_id = ? and id in (select value from json_each(?))")
        .bind(workspace_id.to_string())
        .bind(json_ids(ids))
        .execute(tx)
        .await?;
    Ok(())
}

/// As of [`delete_contacts`].
pub(crate) async fn delete_messages(tx: &mut SqliteConnection, workspace_id: WorkspaceId, ids: &[Uuid]) -> Result<()> {
    sqlx::query("delete from messages where workspace_id = ? and id in (select value from json_each(?))")
        .bind(workspace_id.to_string())
        .bind(json_ids(ids))
        .execute(tx)
        .await?;
    Ok(())
}

/// Keeps rows that could not be read, to be looked at. A later change of the same row that can be read takes them out.
pub(crate) async fn quarantine(
    tx: &mut SqliteConnection,
    workspace_id: WorkspaceId,
    bad: &[Bad],
    now: DateTime<Utc>,
) -> Result<()> {
    for Bad { error, row } in bad {
        sqlx::query(
            "insert or replace into quarantine (entity, entity_id, workspace_id, seq, reason, row, at) \
             values (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&error.entity)
        .bind(error.id.to_string())
        .bind(workspace_id.to_string())
        .bind(error.seq)
        .bind(error.source.to_string())
        .bind(row.as_ref().map_or("null", RawRow::as_json))
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Rows that can be read are quarantined no longer.
pub(super) async fn release(tx: &mut SqliteConnection, entity: &str, ids: impl Iterator<Item = String>) -> Result<()> {
    // There is hardly ever one.
    let any: bool = sqlx::query_scalar("select exists (select 1 from quarantine where entity = ?)")
        .bind(entity)
        .fetch_one(&mut *tx)
        .await?;
    if !any {
        return Ok(());
    }
    sqlx::query("delete from quarantine where entity = ? and entity_id in (select value from json_each(?))")
        .bind(entity)
        .bind(json_ids(ids))
        .execute(tx)
        .await?;
    Ok(())
}
