//! Private notes in the cache: those of a thread, a page at a time, in both directions.

use deskline_domain::ids::{ContactId, NoteId, UserId, WorkspaceId};
use sqlx::{FromRow, QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{Cache, json_ids};
use crate::{Result, database::bad_cell, inbox::page::Side};

/// A note as the cache keeps it. Times are microseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CachedNote {
    pub(crate) id: NoteId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) contact_id: ContactId,
    pub(crate) author_id: UserId,
    pub(crate) content: String,
    pub(crate) mentions: Vec<UserId>,
    pub(crate) edited_at: Option<i64>,
    pub(crate) created_at: i64,
}

const COLUMNS: &str = "id, workspace_id, contact_id, author_id, content, mentions, edited_at, created_at";

impl FromRow<'_, SqliteRow> for CachedNote {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get::<&str, _>("id")?.parse().map_err(bad_cell("id"))?,
            workspace_id: row.try_get::<&str, _>("workspace_id")?.parse().map_err(bad_cell("workspace_id"))?,
            contact_id: row.try_get::<&str, _>("contact_id")?.parse().map_err(bad_cell("contact_id"))?,
            author_id: row.try_get::<&str, _>("author_id")?.parse().map_err(bad_cell("author_id"))?,
            content: row.try_get("content")?,
            mentions: serde_json::from_str(row.try_get("mentions")?).map_err(bad_cell("mentions"))?,
            edited_at: row.try_get("edited_at")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

/// The statement for the notes of a stretch of a thread, the nearest to its place first. Apart from running it, so that a test can look at its plan.
pub(crate) fn page_statement(contact_id: ContactId, side: Side, limit: i64) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from notes where contact_id = "));
    sql.push_bind(contact_id.to_string());
    let (place, is, order) = match side {
        Side::Before(before) => (before, "<", "created_at desc, id desc"),
        Side::After(after) => (Some(after), ">", "created_at, id"),
    };
    if let Some(place) = place {
        sql.push(format!(" and (created_at, id) {is} (")).push_bind(place.at).push(", ");
        sql.push_bind(place.id.to_string()).push(")");
    }
    sql.push(format!(" order by {order} limit ")).push_bind(limit);
    sql
}

impl Cache {
    /// At most `limit` notes on one side of a place, the nearest first.
    pub(crate) async fn notes_page(&self, contact_id: ContactId, side: Side, limit: i64) -> Result<Vec<CachedNote>> {
        Ok(page_statement(contact_id, side, limit).build_query_as().fetch_all(&self.pool).await?)
    }

    /// Those of the notes that are here.
    pub(crate) async fn notes(&self, ids: &[NoteId]) -> Result<Vec<CachedNote>> {
        let mut sql = QueryBuilder::<Sqlite>::new(format!(
            "select {COLUMNS} from notes where id in (select value from json_each("
        ));
        sql.push_bind(json_ids(ids)).push("))");
        Ok(sql.build_query_as().fetch_all(&self.pool).await?)
    }
}
