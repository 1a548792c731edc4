//! Puts what a team does beside texting into the cache: notes, labels, canned replies and members.
//!
//! Called by [`super::apply`] inside its transaction, and by nobody else; as [`super::rows`], which does it for texts.

use std::collections::BTreeMap;

use deskline_domain::{
    ids::{ContactId, NoteId, WorkspaceId},
    team::{CannedReplyRow, LabelRow, MemberRow, NoteRow},
};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::rows::release;
use crate::{Result, cache::json_ids, database::micros};

/// What a page brings of it.
#[derive(Debug, Default)]
pub(super) struct TeamRows {
    pub(super) notes: Vec<NoteRow>,
    pub(super) labels: Vec<LabelRow>,
    pub(super) canned_replies: Vec<CannedReplyRow>,
    pub(super) members: Vec<MemberRow>,
    pub(super) gone_notes: Vec<Uuid>,
    pub(super) gone_labels: Vec<Uuid>,
    pub(super) gone_canned_replies: Vec<Uuid>,
    /// Users.
    pub(super) gone_members: Vec<Uuid>,
}

impl TeamRows {
    /// Whether labels, canned replies or members are other ones afterwards.
    pub(super) const fn concern_the_team(&self) -> bool {
        !(self.labels.is_empty()
            && self.canned_replies.is_empty()
            && self.members.is_empty()
            && self.gone_labels.is_empty()
            && self.gone_canned_replies.is_empty()
            && self.gone_members.is_empty())
    }
}

/// Which notes of which threads change. Asked before they do: one that goes, or moves to another contact, leaves its old thread.
pub(super) async fn notes_touched(
    tx: &mut SqliteConnection,
    rows: &TeamRows,
) -> Result<BTreeMap<ContactId, Vec<NoteId>>> {
    let mut touched: BTreeMap<ContactId, Vec<NoteId>> = BTreeMap::new();
    let ids = rows.notes.iter().map(|row| row.id.0).chain(rows.gone_notes.iter().copied());
    let here = sqlx::query("select contact_id, id from notes where id in (select value from json_each(?))")
        .bind(json_ids(ids))
        .fetch_all(tx)
        .await?;
    let here =
        here.iter().filter_map(|row| Some((row.get::<&str, _>(0).parse().ok()?, row.get::<&str, _>(1).parse().ok()?)));
    for (contact_id, id) in rows.notes.iter().map(|row| (row.contact_id, row.id)).chain(here) {
        let notes = touched.entry(contact_id).or_default();
        if !notes.contains(&id) {
            notes.push(id);
        }
    }
    Ok(touched)
}

/// Writes all of it.
pub(super) async fn put(tx: &mut SqliteConnection, workspace_id: WorkspaceId, rows: &TeamRows) -> Result<()> {
    put_notes(tx, &rows.notes).await?;
    put_labels(tx, &rows.labels).await?;
    put_canned_replies(tx, &rows.canned_replies).await?;
    put_members(tx, &rows.members).await?;
    for (sql, gone) in [
        ("delete from notes where workspace_id = ? and id in (select value from json_each(?))", &rows.gone_notes),
        ("delete from labels where workspace_id = ? and id in (select value from json_each(?))", &rows.gone_labels),
        (
            "delete from canned_replies where workspace_id = ? and id in (select value from json_each(?))",
            &rows.gone_canned_replies,
        ),
        (
            "delete from members where workspace_id = ? and user_id in (select value from json_each(?))",
            &rows.gone_members,
        ),
    ] {
        if !gone.is_empty() {
            sqlx::query(sql).bind(workspace_id.to_string()).bind(json_ids(gone)).execute(&mut *tx).await?;
        }
    }
    Ok(())
}

async fn put_notes(tx: &mut SqliteConnection, rows: &[NoteRow]) -> Result<()> {
    let cells = rows.iter().map(|row| {
        json!([
            row.id,
            row.workspace_id,
            row.contact_id,
            row.author_id,
            row.content,
            json!(row.mentions).to_string(),
            row.edited_at.map(micros),
            micros(row.created_at),
            micros(row.updated_at),
        ])
    });
    let sql = "insert into notes (id, workspace_id, contact_id, author_id, content, mentions, edited_at, created_at, updated_at) \
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, \
         value ->> 8 from json_each(?) where true \
         on conflict (id) do update set workspace_id = excluded.workspace_id, contact_id = excluded.contact_id, \
         author_id = excluded.author_id, content = excluded.content, mentions = excluded.mentions, \
         edited_at = excluded.edited_at, created_at = excluded.created_at, updated_at = excluded.updated_at";
    put_rows(tx, sql, cells, "note", rows.iter().map(|row| row.id.0)).await
}

async fn put_labels(tx: &mut SqliteConnection, rows: &[LabelRow]) -> Result<()> {
    let cells = rows.iter().map(|row| {
        json!([row.id, row.workspace_id, row.name, row.color, micros(row.created_at), micros(row.updated_at)])
    });
    let sql = "insert into labels (id, workspace_id, name, color, created_at, updated_at) \
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 from json_each(?) where true \
         on conflict (id) do update set workspace_id = excluded.workspace_id, name = excluded.name, \
         color = excluded.color, created_at = excluded.created_at, updated_at = excluded.updated_at";
    put_rows(tx, sql, cells, "label", rows.iter().map(|row| row.id.0)).await
}

async fn put_canned_replies(tx: &mut SqliteConnection, rows: &[CannedReplyRow]) -> Result<()> {
    let cells = rows.iter().map(|row| {
        json!([row.id, row.workspace_id, row.name, row.content, micros(row.created_at), micros(row.updated_at)])
    });
    let sql = "insert into canned_replies (id, workspace_id, name, content, created_at, updated_at) \
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 from json_each(?) where true \
         on conflict (id) do update set workspace_id = excluded.workspace_id, name = excluded.name, \
         content = excluded.content, created_at = excluded.created_at, updated_at = excluded.updated_at";
    put_rows(tx, sql, cells, "canned_reply", rows.iter().map(|row| row.id.0)).await
}

async fn put_members(tx: &mut SqliteConnection, rows: &[MemberRow]) -> Result<()> {
    let cells = rows.iter().map(|row| {
        json!([
            row.workspace_id,
            row.user_id,
            row.role,
            row.name,
            row.email,
            micros(row.created_at),
            micros(row.updated_at),
        ])
    });
    let sql = "insert into members (workspace_id, user_id, role, name, email, created_at, updated_at) \
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 \
         from json_each(?) where true \
         on conflict (workspace_id, user_id) do update set role = excluded.role, name = excluded.name, \
         email = excluded.email, created_at = excluded.created_at, updated_at = excluded.updated_at";
    put_rows(tx, sql, cells, "member", rows.iter().map(|row| row.id.0)).await
}

/// One statement for all rows of a kind, which are quarantined no longer.
async fn put_rows(
    tx: &mut SqliteConnection,
    sql: &'static str,
    cells: impl Iterator<Item = Value>,
    entity: &str,
    ids: impl Iterator<Item = Uuid>,
) -> Result<()> {
    let cells: Vec<Value> = cells.collect();
    if cells.is_empty() {
        return Ok(());
    }
    sqlx::query(sql).bind(Value::from(cells).to_string()).execute(&mut *tx).await?;
    release(tx, entity, ids.map(|id| id.to_string())).await
}
