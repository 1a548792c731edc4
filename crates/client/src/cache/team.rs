//! What belongs to a team as a whole: its labels, canned replies and members, all of them at once. There are few.

use deskline_domain::ids::{CannedReplyId, LabelId, UserId, WorkspaceId};
use sqlx::{FromRow, Row, sqlite::SqliteRow};

use super::Cache;
use crate::{Result, database::bad_cell};

/// A label as the cache keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CachedLabel {
    pub(crate) id: LabelId,
    pub(crate) name: String,
    pub(crate) color: String,
}

/// A canned reply as the cache keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CachedReply {
    pub(crate) id: CannedReplyId,
    pub(crate) name: String,
    pub(crate) content: String,
}

/// A member as the cache keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CachedMember {
    pub(crate) user_id: UserId,
    pub(crate) role: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
}

/// All of it, each in no particular order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CachedTeam {
    pub(crate) labels: Vec<CachedLabel>,
    pub(crate) canned_replies: Vec<CachedReply>,
    pub(crate) members: Vec<CachedMember>,
}

impl FromRow<'_, SqliteRow> for CachedLabel {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get::<&str, _>("id")?.parse().map_err(bad_cell("id"))?,
            name: row.try_get("name")?,
            color: row.try_get("color")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for CachedReply {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get::<&str, _>("id")?.parse().map_err(bad_cell("id"))?,
            name: row.try_get("name")?,
            content: row.try_get("content")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for CachedMember {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            user_id: row.try_get::<&str, _>("user_id")?.parse().map_err(bad_cell("user_id"))?,
            role: row.try_get("role")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
        })
    }
}

pub(crate) const LABELS: &str = "select id, name, color from labels where workspace_id = ?";
pub(crate) const REPLIES: &str = "select id, name, content from canned_replies where workspace_id = ?";
pub(crate) const MEMBERS: &str = "select user_id, role, name, email from members where workspace_id = ?";

impl Cache {
    /// What a team has.
    pub(crate) async fn team(&self, workspace_id: WorkspaceId) -> Result<CachedTeam> {
        let id = workspace_id.to_string();
        Ok(CachedTeam {
            labels: sqlx::query_as(LABELS).bind(&id).fetch_all(&self.pool).await?,
            canned_replies: sqlx::query_as(REPLIES).bind(&id).fetch_all(&self.pool).await?,
            members: sqlx::query_as(MEMBERS).bind(&id).fetch_all(&self.pool).await?,
        })
    }
}
