//! What was read, and what somebody should look at again.

use deskline_domain::ids::{ContactId, MessageId};
use sqlx::PgConnection;

use super::{Deed, NO_CONTACT, Verdict, if_there, lock_contact};
use crate::Result;

/// Leaves as unread what came after `up_to`, which may have arrived while the agent was reading. Never adds to the count:
/// a dashboard may have set it lower.
pub(super) async fn mark_read(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    up_to: Option<MessageId>,
) -> Result<Verdict> {
    if let Err(refusal) = lock_contact(tx, deed, contact).await? {
        return Ok(Err(refusal));
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
        deed.workspace.0,
        contact.0,
        up_to.map(|id| id.0),
        deed.at,
        deed.now,
    )
    .execute(&mut *tx)
    .await?;
    Ok(Ok(()))
}

/// Whether the contact has written after the newest text that the agent could see. A blocked contact's texts change nothing.
pub(super) async fn wrote_since(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    seen: Option<MessageId>,
) -> Result<bool> {
    // As above: a text that was removed meanwhile is replaced by the time at which the agent saw it.
    Ok(sqlx::query_scalar!(
        r#"
        with seen as (
          select coalesce(m.created_at, case when $3::uuid is null then '-infinity'::timestamptz else least($4, $5::timestamptz) end) as at,
                 coalesce(m.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
          from (select) nothing left join messages m on m.id = $3 and m.contact_id = $2
        )
        select exists (
          select from messages m join contacts c on c.id = m.contact_id, seen
          where c.workspace_id = $1 and c.id = $2 and c.blocked_at is null
            and m.direction = 'inbound' and (m.created_at, m.id) > (seen.at, seen.id)
        ) as "wrote!"
        "#,
        deed.workspace.0,
        contact.0,
        seen.map(|id| id.0),
        deed.at,
        deed.now,
    )
    .fetch_one(tx)
    .await?)
}

/// At least one text counts as unread, as long as nobody reads.
pub(super) async fn mark_unread(tx: &mut PgConnection, deed: Deed, contact: ContactId) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set unread_count = greatest(unread_count, 1) where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}
