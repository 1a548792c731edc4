//! Commands that wait: what the agent did, applied here at once and told to the server by [`super::courier`].

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use deskline_domain::{
    command::{Action, Command},
    ids::{CommandId, ContactId, MessageId, WorkspaceId},
};

use super::Outbox;
use crate::{
    Result,
    database::{from_micros, micros},
};

impl Outbox {
    /// Queues a command. An earlier one of the same contact that says less goes: reading up to here includes it.
    pub(crate) async fn push_command(&self, command: &Command) -> Result<()> {
        let json = serde_json::to_string(command).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let contact_id = command.action.contact_id().map(|id| id.to_string()).unwrap_or_default();
        let mut tx = self.pool.begin_with("begin immediate").await?;
        if matches!(command.action, Action::MarkRead { .. }) {
            sqlx::query(
                "delete from commands where contact_id = ? and json_extract(command, '$.action.type') = 'markRead'",
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

    /// Commands that may be told now, in order.
    pub(crate) async fn due_commands(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<Command>> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "select command from commands where done_at_seq is null and next_at <= ? order by seq limit ?",
        )
        .bind(micros(now))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().filter_map(|(json,)| serde_json::from_str(&json).ok()).collect())
    }

    /// When the next command falls due.
    pub(crate) async fn next_command_time(&self) -> Result<Option<DateTime<Utc>>> {
        let at: Option<i64> = sqlx::query_scalar("select min(next_at) from commands where done_at_seq is null")
            .fetch_one(&self.pool)
            .await?;
        Ok(at.map(from_micros))
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

    /// It will be told again. Answers how often it was tried.
    pub(crate) async fn mark_commands_retry(&self, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("update commands set attempt = attempt + 1, next_at = ? where done_at_seq is null")
            .bind(micros(at))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The server will never carry it out: as if it had not been done.
    pub(crate) async fn drop_command(&self, id: CommandId) -> Result<()> {
        sqlx::query("delete from commands where id = ?").bind(id.to_string()).execute(&self.pool).await?;
        Ok(())
    }

    /// Forgets what the cache shows by now: its cursor stands at `seq`.
    pub(crate) async fn forget_commands(&self, workspace_id: WorkspaceId, seq: i64) -> Result<()> {
        sqlx::query("delete from commands where workspace_id = ? and done_at_seq <= ?")
            .bind(workspace_id.to_string())
            .bind(seq)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets what was carried out in a feed that is no more.
    pub(crate) async fn forget_done_commands(&self, workspace_id: WorkspaceId) -> Result<()> {
        sqlx::query("delete from commands where workspace_id = ? and done_at_seq is not null")
            .bind(workspace_id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Up to where the agent read each contact, as far as the cache does not show it yet.
    pub(crate) async fn read_marks(&self) -> Result<HashMap<ContactId, Option<MessageId>>> {
        let rows: Vec<(String,)> =
            sqlx::query_as("select command from commands order by seq").fetch_all(&self.pool).await?;
        Ok(rows
            .into_iter()
            .filter_map(|(json,)| serde_json::from_str::<Command>(&json).ok())
            .filter_map(|command| match command.action {
                Action::MarkRead { contact_id, up_to } => Some((contact_id, up_to)),
                _ => None,
            })
            .collect())
    }
}
