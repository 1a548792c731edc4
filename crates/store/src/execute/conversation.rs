//! Where a conversation stands, and who sees to it.

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::ConversationStatus,
    ids::{ContactId, MessageId, UserId},
};
use sqlx::PgConnection;

use super::{Deed, NO_CONTACT, Verdict, if_there, lock_contact, reading::wrote_since};
use crate::Result;

pub(super) async fn assign(tx: &mut PgConnection, deed: Deed, contact: ContactId, user: UserId) -> Result<Verdict> {
    // Held until the transaction ends, so that nobody is removed between this look and the assignment.
    let member = sqlx::query_scalar!(
        "select user_id from workspace_members where workspace_id = $1 and user_id = $2 for key share",
        deed.workspace.0,
        user.0,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if member.is_none() {
        return Ok(Err("Whom you assign this conversation to is not a member of this workspace.".into()));
    }
    set_assignee(tx, deed, contact, Some(user)).await
}

pub(super) async fn unassign(tx: &mut PgConnection, deed: Deed, contact: ContactId) -> Result<Verdict> {
    set_assignee(tx, deed, contact, None).await
}

async fn set_assignee(tx: &mut PgConnection, deed: Deed, contact: ContactId, user: Option<UserId>) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set assigned_to = $3 where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
        user.map(|user| user.0),
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}

/// A trigger forgets the time of a snooze that ends here.
pub(super) async fn set_status(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    status: ConversationStatus,
) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set conversation_status = $3 where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
        status.as_str(),
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}

/// Closes it as the agent saw it. The contact may have written since: then somebody has to look.
pub(super) async fn close(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    seen: Option<MessageId>,
) -> Result<Verdict> {
    if let Err(refusal) = lock_contact(tx, deed, contact).await? {
        return Ok(Err(refusal));
    }
    if wrote_since(tx, deed, contact, seen).await? {
        return Ok(Err(
            "The contact has written something that you had not seen, so the conversation stays open.".into()
        ));
    }
    set_status(tx, deed, contact, ConversationStatus::Closed).await
}

/// A time that has passed is no mistake of the agent, who may have been offline: `wake_snoozed` opens it right away.
pub(super) async fn snooze(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    until: DateTime<Utc>,
) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set conversation_status = 'Snoozed', snoozed_until = $3 where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
        until,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}
