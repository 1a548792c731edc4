//! Carrying out what an agent did.
//!
//! Called by `POST /commands` (and by a desktop that works directly). Idempotent by the command's id. Asks for the user's
//! membership itself.

use chrono::{DateTime, Utc};
use deskline_domain::{
    command::{Action, Command},
    ids::{ContactId, MessageId, UserId},
    protocol::CommandOutcome,
};
use serde_json::json;
use sqlx::PgConnection;

use crate::{Result, Store, store::retry};

/// Why a command will never be carried out, as the agent reads it.
type Verdict = Result<(), &'static str>;

impl Store {
    /// Carries a command out, once.
    ///
    /// # Errors
    /// [`crate::Error::Database`]: try again. What will never succeed is [`CommandOutcome::Refused`].
    pub async fn execute(&self, user: UserId, command: &Command, now: DateTime<Utc>) -> Result<CommandOutcome> {
        if self.role_of(command.workspace_id, user).await?.is_none() {
            return Ok(refused("You are not a member of this workspace."));
        }
        if let Some(refusal) = retry(|| self.execute_once(user, command, now)).await? {
            return Ok(CommandOutcome::Refused { reason: refusal });
        }
        // Its own change has been numbered by now, at the head or below it.
        Ok(CommandOutcome::Done { seq: self.head(command.workspace_id).await?.seq, at: now })
    }

    /// The reason, if it is refused.
    async fn execute_once(&self, user: UserId, command: &Command, now: DateTime<Utc>) -> Result<Option<String>> {
        let mut tx = self.pool.begin().await?;
        // Whoever carries out the same command at this moment is waited for here.
        let first = sqlx::query!(
            "insert into commands (id, workspace_id, user_id, action, executed_at) values ($1, $2, $3, $4, $5)
             on conflict (id) do nothing",
            command.id.0,
            command.workspace_id.0,
            user.0,
            json!(command.action),
            now,
        )
        .execute(&mut *tx)
        .await?
        .rows_affected()
            > 0;
        if !first {
            return recall(&mut tx, user, command).await;
        }

        let verdict = match &command.action {
            Action::MarkRead { contact_id, up_to } => mark_read(&mut tx, command, *contact_id, *up_to, now).await?,
        };
        let refusal = verdict.err();
        if refusal.is_some() {
            sqlx::query!("update commands set refused = $2 where id = $1", command.id.0, refusal)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(refusal.map(str::to_owned))
    }
}

fn refused(reason: &str) -> CommandOutcome {
    CommandOutcome::Refused { reason: reason.to_owned() }
}

/// What became of a command that was carried out before.
async fn recall(tx: &mut PgConnection, user: UserId, command: &Command) -> Result<Option<String>> {
    let before = sqlx::query!("select workspace_id, user_id, refused from commands where id = $1", command.id.0)
        .fetch_one(tx)
        .await?;
    if (before.workspace_id, before.user_id) == (command.workspace_id.0, user.0) {
        Ok(before.refused)
    } else {
        Ok(Some("Another command has this id.".to_owned()))
    }
}

/// Leaves as unread what came after `up_to`, which may have arrived while the agent was reading. Never adds to the count:
/// a dashboard may have set it lower.
async fn mark_read(
    tx: &mut PgConnection,
    command: &Command,
    contact: ContactId,
    up_to: Option<MessageId>,
    now: DateTime<Utc>,
) -> Result<Verdict> {
    let there = sqlx::query_scalar!(
        "select id from contacts where workspace_id = $1 and id = $2 for no key update",
        command.workspace_id.0,
        contact.0,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if there.is_none() {
        return Ok(Err("This contact is no longer there."));
    }
    // A text that was removed meanwhile is replaced by the time at which the agent saw it.
    sqlx::query!(
        r#"
        with seen as (
          select coalesce(m.created_at, case when $3::uuid is null then '-infinity'::timestamptz else least($4, $5::timestamptz) end) as at,
                 coalesce(m.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
          from (select) nothing left join messages m on m.id = $3 and m.contact_id = $2
        )
        update contacts c
        set unread_count = least(c.unread_count, (
          select count(*) from messages m, seen
          where m.contact_id = c.id and m.direction = 'inbound' and (m.created_at, m.id) > (seen.at, seen.id)
        ))
        where c.workspace_id = $1 and c.id = $2
        "#,
        command.workspace_id.0,
        contact.0,
        up_to.map(|id| id.0),
        command.at,
        now,
    )
    .execute(&mut *tx)
    .await?;
    Ok(Ok(()))
}
