//! Calling off a text that has not left: one that waits for its time, or in the line.
//!
//! Called by members through the server. Whoever takes a text's row out of `scheduled` or `sends` decides about it: what is called
//! off is never handed out, and what was handed out may have left and is not called off. Never asks Twilio.

use chrono::{DateTime, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{MessageId, UserId, WorkspaceId},
    message::{Direction, MessageRow},
};
use sqlx::PgConnection;

use crate::{
    OutboundError, Result, Store,
    ledger::{Entry, LedgerKind},
    locks, scheduled,
    status::Progress,
    store::retry,
};

impl Store {
    /// Calls a text off that has not left. One that was called off before is answered as it stands.
    ///
    /// # Errors
    /// [`OutboundError::WrongState`] for a text that has left, or may have; [`OutboundError::MessageNotFound`],
    /// [`OutboundError::Store`]. Nothing is changed then.
    pub async fn cancel(
        &self,
        workspace: WorkspaceId,
        id: MessageId,
        by: UserId,
        now: DateTime<Utc>,
    ) -> Result<MessageRow, OutboundError> {
        retry(|| async move {
            let mut tx = self.pool.begin().await?;
            let Some((_, message)) = locks::text(&mut tx, workspace, id).await? else {
                return Ok(Err(OutboundError::MessageNotFound));
            };
            if message.status == DeliveryStatus::Canceled {
                return Ok(Ok(message));
            }
            let waits = match message.status {
                DeliveryStatus::Scheduled => scheduled::take_out(&mut tx, id, None).await?,
                DeliveryStatus::Queued => waits_in_line(&mut tx, id).await?,
                _ => false,
            };
            if !waits {
                return Ok(Err(OutboundError::WrongState(why_not(&message))));
            }
            let entry = Entry { by: Some(by), ..Entry::new(id, LedgerKind::Canceled, DeliveryStatus::Canceled, now) };
            let mut progress = Progress::of(message);
            progress.ended(&mut tx, entry).await?;
            let message = progress.write(&mut tx, None).await?;
            // It does not leave the line as one that Twilio has answered: its sender is in as much trouble as before.
            sqlx::query!("delete from sends where message_id = $1", id.0).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(Ok(message))
        })
        .await?
    }
}

/// Whether the text is in the line and with nobody, who from here on waits until it is decided. One that was handed out and came back
/// is here again only once it is certain that Twilio does not have it.
async fn waits_in_line(tx: &mut PgConnection, id: MessageId) -> Result<bool> {
    let state = sqlx::query_scalar!("select state from sends where message_id = $1 for update", id.0)
        .fetch_optional(tx)
        .await?;
    Ok(state.is_some_and(|state| state == "queued"))
}

/// Why a text cannot be called off, for the agent who asked.
const fn why_not(message: &MessageRow) -> &'static str {
    if matches!(message.direction, Direction::Inbound) {
        return "The contact sent this text. Only texts of the team can be called off.";
    }
    match message.status {
        DeliveryStatus::Scheduled => scheduled::NOT_OURS,
        DeliveryStatus::Undelivered | DeliveryStatus::Failed => "This text has failed. There is nothing to call off.",
        DeliveryStatus::Queued if message.in_doubt => {
            "Nobody can say yet whether this text has left. It is being looked up, and cannot be called off meanwhile."
        }
        _ => "This text cannot be called off any more: it has left, or is leaving at this moment.",
    }
}
