//! How long a workspace keeps what was said, and forgetting the rest.
//!
//! Set by an admin command; carried out in batches by a loop of every server process. Contacts stay, with their names and consent:
//! only what was said goes, and what was noted and done at the time. Deletions reach desktops through the feed as any other change.
//! What Twilio reported and no workspace has is nobody's to set, and goes after [`STRAYS_KEPT`], as does what is left of a draft that was
//! sent.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::WorkspaceId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Error, Result, Store, error::violates, store::retry};

/// How long a text that no workspace could take is kept for somebody to route it, and a callback about a text that nobody knows.
pub const STRAYS_KEPT: TimeDelta = TimeDelta::days(90);

/// A workspace that forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Which.
    pub workspace_id: WorkspaceId,
    /// After how many days.
    pub days: i32,
}

impl Retention {
    /// What was said before this is to go.
    #[must_use]
    pub fn cutoff(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - TimeDelta::days(self.days.into())
    }
}

/// Why a retention cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// Too short or too long.
    #[error("a workspace keeps its texts for 30 to 36,500 days, or for ever")]
    BadDays,
    /// See [`Error`].
    #[error(transparent)]
    Store(#[from] Error),
}

impl Store {
    /// Sets after how many days a workspace forgets; `None` for never.
    ///
    /// # Errors
    /// [`RetentionError::BadDays`]; [`Error::UnknownWorkspace`]; [`Error::Database`].
    pub async fn set_retention(&self, workspace: WorkspaceId, days: Option<i32>) -> Result<(), RetentionError> {
        let done = sqlx::query!("update workspaces set retention_days = $2 where id = $1", workspace.0, days)
            .execute(&self.pool)
            .await
            .map_err(|error| match error {
                error if violates(&error, "workspaces_retention_long_enough") => RetentionError::BadDays,
                error => Error::from(error).into(),
            })?;
        if done.rows_affected() > 0 { Ok(()) } else { Err(Error::UnknownWorkspace.into()) }
    }

    /// After how many days a workspace forgets; `None` for never.
    ///
    /// # Errors
    /// [`Error::UnknownWorkspace`]; [`Error::Database`].
    pub async fn retention(&self, workspace: WorkspaceId) -> Result<Option<i32>> {
        sqlx::query_scalar!("select retention_days from workspaces where id = $1", workspace.0)
            .fetch_optional(&self.pool)
            .await?
            .ok_or(Error::UnknownWorkspace)
    }

    /// Every workspace that forgets.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn retentions(&self) -> Result<Vec<Retention>> {
        let rows = sqlx::query!(
            r#"select id, retention_days as "days!" from workspaces where retention_days is not null order by id"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| Retention { workspace_id: WorkspaceId(row.id), days: row.days }).collect())
    }

    /// Deletes texts, notes, commands, drafts and routed dead letters from before `cutoff`, at most `limit` of each, the oldest first, and
    /// answers how many. A text that has not left yet stays.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn forget(&self, workspace: WorkspaceId, cutoff: DateTime<Utc>, limit: i64) -> Result<u64> {
        retry(|| async {
            let mut tx = self.pool.begin().await?;
            let mut gone = forget_messages(&mut tx, workspace, cutoff, limit).await?;
            gone += sqlx::query!(
                "delete from notes where id in (
                   select id from notes where workspace_id = $1 and created_at < $2 order by created_at, id limit $3
                 )",
                workspace.0,
                cutoff,
                limit,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            gone += sqlx::query!(
                "delete from commands where id in (
                   select id from commands where workspace_id = $1 and executed_at < $2 order by executed_at, id limit $3
                 )",
                workspace.0,
                cutoff,
                limit,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            gone += sqlx::query!(
                "delete from dead_letters where twilio_sid in (
                   select twilio_sid from dead_letters where routed_to = $1 and received_at < $2 order by received_at limit $3
                 )",
                workspace.0,
                cutoff,
                limit,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            gone += sqlx::query!(
                "delete from drafts where (user_id, contact_id) in (
                   select user_id, contact_id from drafts where workspace_id = $1 and edited_at < $2 order by edited_at limit $3
                 )",
                workspace.0,
                cutoff,
                limit,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
            tx.commit().await?;
            Ok(gone)
        })
        .await
    }

    /// Deletes dead letters that nobody has routed, or whose workspace is gone, and callbacks about texts that nobody knows, from before
    /// `cutoff`, at most `limit` of each, and answers how many.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn forget_strays(&self, cutoff: DateTime<Utc>, limit: i64) -> Result<u64> {
        let letters = sqlx::query!(
            "delete from dead_letters where twilio_sid in (
               select d.twilio_sid from dead_letters d
               where d.received_at < $1 and not exists (select from workspaces w where w.id = d.routed_to)
               order by d.received_at limit $2
             )",
            cutoff,
            limit,
        )
        .execute(&self.pool)
        .await?;
        let callbacks = sqlx::query!(
            "delete from delivery_events where id in (
               select id from delivery_events where message_id is null and received_at < $1 order by id limit $2
             )",
            cutoff,
            limit,
        )
        .execute(&self.pool)
        .await?;
        // No desktop that was away for so long brings an older version of it back: its lease is over.
        let sent = sqlx::query!(
            "delete from drafts where (user_id, contact_id) in (
               select user_id, contact_id from drafts where content is null and files = '[]' and reply = '{}' and edited_at < $1 limit $2
             )",
            cutoff,
            limit,
        )
        .execute(&self.pool)
        .await?;
        Ok(letters.rows_affected() + callbacks.rows_affected() + sent.rows_affected())
    }
}

/// Contacts are locked before their texts, as everywhere. What is unread is never more than what is there.
async fn forget_messages(
    tx: &mut PgConnection,
    workspace: WorkspaceId,
    cutoff: DateTime<Utc>,
    limit: i64,
) -> Result<u64> {
    let old = sqlx::query!(
        "select m.id, m.contact_id from messages m
         where m.workspace_id = $1 and m.created_at < $2 and m.status <> 'scheduled'
           and not exists (select from sends s where s.message_id = m.id)
         order by m.created_at, m.id
         limit $3",
        workspace.0,
        cutoff,
        limit,
    )
    .fetch_all(&mut *tx)
    .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let (messages, contacts): (Vec<Uuid>, Vec<Uuid>) = old.into_iter().map(|row| (row.id, row.contact_id)).unzip();
    sqlx::query!("select id from contacts where id = any($1) order by id for no key update", &contacts)
        .fetch_all(&mut *tx)
        .await?;
    let done = sqlx::query!(
        "delete from messages m where m.id = any($1) and not exists (select from sends s where s.message_id = m.id)",
        &messages,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update contacts c
         set unread_count = least(c.unread_count, (select count(*) from messages m where m.contact_id = c.id and m.direction = 'inbound'))
         where c.id = any($1) and c.unread_count > 0",
        &contacts,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}
