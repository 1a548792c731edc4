//! Leaving the line for good, or coming up in it again later.
//!
//! Called by `outcomes`, `claims` and `status`, within their transactions. Knows nothing of why.

use chrono::{DateTime, Utc};
use deskline_domain::ids::MessageId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// Takes a text out of the line, whatever became of it. Its sender is no longer in trouble, and the contact's next text comes up
/// now, behind whoever has waited longer.
pub(crate) async fn leave(tx: &mut PgConnection, id: MessageId, now: DateTime<Utc>) -> Result<()> {
    leave_all(tx, &[id.0], now).await
}

/// The same for several texts.
pub(crate) async fn leave_all(tx: &mut PgConnection, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        r#"
        with gone as (
          delete from sends where message_id = any($1) returning workspace_id, contact_id, sender
        ), relieved as (
          update senders p set holds = 0
          from gone join workspace_twilio_config c on c.workspace_id = gone.workspace_id
          where p.account_sid = c.account_sid and p.sender = gone.sender and p.holds > 0
        )
        update sends s set next_at = greatest(s.next_at, $2)
        where s.message_id in (
          select distinct on (next.contact_id) next.message_id
          from sends next
          where next.contact_id in (select contact_id from gone) and next.message_id <> all($1)
          order by next.contact_id, next.position
        )
        "#,
        ids,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives a text that was handed out its place back, to come up again at a time: to be sent, or in doubt and to be looked up. False,
/// and nothing changed, when the attempt is out of date.
pub(crate) async fn postpone(
    tx: &mut PgConnection,
    id: MessageId,
    attempt: i32,
    again_at: DateTime<Utc>,
    in_doubt: bool,
) -> Result<bool> {
    // The text before its place in the line: everybody locks them in this order.
    show_doubt(tx, id, attempt, in_doubt).await?;
    let done = sqlx::query!(
        "update sends set state = case when $4 then 'unknown' else 'queued' end, next_at = $3, lease_until = null
         where message_id = $1 and attempt = $2",
        id.0,
        attempt,
        again_at,
        in_doubt,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Tells every desktop whether a text is in doubt, as long as the attempt that found out is the latest.
pub(super) async fn show_doubt(tx: &mut PgConnection, id: MessageId, attempt: i32, in_doubt: bool) -> Result<()> {
    sqlx::query!(
        "update messages m set in_doubt = $3
         where m.id = $1 and m.in_doubt <> $3 and m.twilio_sid is null
           and exists (select from sends s where s.message_id = m.id and s.attempt = $2)",
        id.0,
        attempt,
        in_doubt,
    )
    .execute(tx)
    .await?;
    Ok(())
}
