//! Commands that wait: what the agent did, shown here at once and told to the server by [`super::courier`].
//!
//! `untold → done (the server carried it out) → gone once the cache shows it`, or `untold → refused → gone once the agent has
//! seen why`. A command that was refused changes nothing on screen any more.

use chrono::{DateTime, Utc};
use deskline_domain::{
    command::{Action, Command},
    ids::{CommandId, ContactId, MessageId, WorkspaceId},
};
use sqlx::{FromRow, Row, sqlite::SqliteRow};

use super::{Outbox, order::Untold};
use crate::{
    Result,
    cache::json_ids,
    database::{bad_cell, from_micros, micros},
};

/// A command and the conversation that it belongs to, which for a changed note is not told by the command itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    pub(crate) command: Command,
    pub(crate) contact_id: Option<ContactId>,
    /// Why it was not carried out.
    pub(crate) refused: Option<String>,
}

impl FromRow<'_, SqliteRow> for Kept {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            command: serde_json::from_str(row.try_get("command")?).map_err(bad_cell("command"))?,
            contact_id: row.try_get::<&str, _>("contact_id")?.parse().ok(),
            refused: row.try_get("refused")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Untold {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            command: serde_json::from_str(row.try_get("command")?).map_err(bad_cell("command"))?,
            next_at: from_micros(row.try_get("next_at")?),
            attempt: row.try_get("attempt")?,
        })
    }
}

/// One that cannot be read holds up no other.
fn readable<T: for<'r> FromRow<'r, SqliteRow>>(rows: &[SqliteRow]) -> Vec<T> {
    rows.iter().filter_map(|row| T::from_row(row).ok()).collect()
}

impl Outbox {
    /// Queues a command; from here on it cannot be lost. `contact_id` is the conversation in which it shows. What was read
    /// before goes: reading up to here includes it.
    pub(crate) async fn push_command(&self, command: &Command, contact_id: Option<ContactId>) -> Result<()> {
        let json = serde_json::to_string(command).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let contact_id = contact_id.map(|id| id.to_string()).unwrap_or_default();
        let mut tx = self.pool.begin_with("begin immediate").await?;
        if matches!(command.action, Action::MarkRead { .. }) {
            sqlx::query(
                "delete from commands where contact_id = ? and refused is null \
                 and json_extract(command, '$.action.type') = 'markRead'",
            )
            .bind(&contact_id)
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query("insert into commands (id, workspace_id, contact_id, command, next_at) values (?, ?, ?, ?, ?)")
            .bind(command.id.to_string())
            .bind(command.workspace_id.to_string())
            .bind(&contact_id)
            .bind(json)
            .bind(micros(command.at))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Commands that the server has not answered, in the order in which they were given.
    pub(crate) async fn untold(&self) -> Result<Vec<Untold>> {
        let rows = sqlx::query(
            "select command, next_at, attempt from commands where done_at_seq is null and refused is null order by seq",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(readable(&rows))
    }

    /// How many they are, but for what was only read: nobody would miss that.
    pub(crate) async fn untold_count(&self) -> Result<u32> {
        Ok(sqlx::query_scalar(
            "select count(*) from commands where done_at_seq is null and refused is null \
             and json_extract(command, '$.action.type') <> 'markRead'",
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Every command whose effect the cache may not show yet, in order.
    pub(crate) async fn commands(&self) -> Result<Vec<Kept>> {
        let rows = sqlx::query("select command, contact_id, refused from commands where refused is null order by seq")
            .fetch_all(&self.pool)
            .await?;
        Ok(readable(&rows))
    }

    /// Those of them that show in one conversation.
    pub(crate) async fn commands_in(&self, contact_id: ContactId) -> Result<Vec<Kept>> {
        self.commands_at(&contact_id.to_string()).await
    }

    /// Those of them that show in no conversation: about labels, canned replies and members.
    pub(crate) async fn team_commands(&self) -> Result<Vec<Kept>> {
        self.commands_at("").await
    }

    async fn commands_at(&self, contact_id: &str) -> Result<Vec<Kept>> {
        let rows = sqlx::query(
            "select command, contact_id, refused from commands where contact_id = ? and refused is null order by seq",
        )
        .bind(contact_id)
        .fetch_all(&self.pool)
        .await?;
        Ok(readable(&rows))
    }

    /// Commands that were refused and that the agent has not seen, oldest first.
    pub(crate) async fn refused_commands(&self) -> Result<Vec<Kept>> {
        let rows =
            sqlx::query("select command, contact_id, refused from commands where refused is not null order by seq")
                .fetch_all(&self.pool)
                .await?;
        Ok(readable(&rows))
    }

    /// A text is not to be sent once more after all. Answers whether it still waited: one that the server has carried out is none of
    /// this machine's business any more.
    pub(crate) async fn drop_resend(&self, id: MessageId) -> Result<bool> {
        let done = sqlx::query(
            "delete from commands where json_extract(command, '$.action.type') = 'resend' \
             and json_extract(command, '$.action.messageId') = ? and done_at_seq is null and refused is null",
        )
        .bind(id.to_string())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The server carried it out; the feed shows it from `seq` on.
    pub(crate) async fn mark_command_done(&self, id: CommandId, seq: i64) -> Result<()> {
        sqlx::query("update commands set done_at_seq = ? where id = ?")
            .bind(seq)
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// They will be told again.
    pub(crate) async fn mark_commands_retry(&self, ids: &[CommandId], at: DateTime<Utc>) -> Result<()> {
        sqlx::query(
            "update commands set attempt = attempt + 1, next_at = ? where id in (select value from json_each(?))",
        )
        .bind(micros(at))
        .bind(json_ids(ids))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The server will never carry it out: as if it had not been done. Answers it, if it was still here. Having read is not kept:
    /// nobody asked for it in so many words.
    pub(crate) async fn refuse_command(&self, id: CommandId, reason: &str) -> Result<Option<Kept>> {
        let read: Option<Kept> = sqlx::query_as(
            "delete from commands where id = ? and json_extract(command, '$.action.type') = 'markRead' \
             returning command, contact_id, refused",
        )
        .bind(id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        if read.is_some() {
            return Ok(read);
        }
        Ok(sqlx::query_as("update commands set refused = ? where id = ? returning command, contact_id, refused")
            .bind(reason)
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?)
    }

    /// The agent has seen why it was refused.
    pub(crate) async fn drop_refused(&self, id: CommandId) -> Result<()> {
        sqlx::query("delete from commands where id = ? and refused is not null")
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets what the cache shows by now: every change up to `seq` is in its rows. Answers what it was: what shows without it may
    /// look different from what showed with it.
    pub(crate) async fn forget_commands(&self, workspace_id: WorkspaceId, seq: i64) -> Result<Vec<Kept>> {
        let rows = sqlx::query(
            "delete from commands where workspace_id = ? and done_at_seq <= ? returning command, contact_id, refused",
        )
        .bind(workspace_id.to_string())
        .bind(seq)
        .fetch_all(&self.pool)
        .await?;
        Ok(readable(&rows))
    }

    /// Forgets what was carried out in a feed that is no more.
    pub(crate) async fn forget_done_commands(&self, workspace_id: WorkspaceId) -> Result<()> {
        sqlx::query("delete from commands where workspace_id = ? and done_at_seq is not null")
            .bind(workspace_id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
