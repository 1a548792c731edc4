//! Sending a failed text once more: a new attempt on the same text, with the old one kept in the ledger.
//!
//! Called by the server's sender for `POST /messages/{id}/retry`, and for an agent's command to send it again. The text passes the gate again, goes out from the sender that
//! would be chosen now, and waits behind the contact's texts that are on their way. Never asks Twilio.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{MessageId, UserId, WorkspaceId},
    message::{Direction, MessageRow},
};
use sqlx::PgConnection;

use crate::{
    Outbound, OutboundError, Result, Send, SendFrom, Store, TwilioAccount,
    ledger::{Entry, LedgerKind},
    locks, rows,
    senders::choose,
    sends::{Place, ask_gate, segments_of},
    status::lock_sids,
    store::retry,
};

/// A failed text that somebody wants to be sent again.
#[derive(Clone, Copy, Debug)]
pub struct Resend {
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Which.
    pub id: MessageId,
    /// Who asks.
    pub by: UserId,
    /// The time.
    pub now: DateTime<Utc>,
    /// As of [`crate::NewOutbound::lease`].
    pub lease: Duration,
}

impl Store {
    /// Puts a failed text into the line again. Of two that ask at once, one is told that it is on its way.
    ///
    /// # Errors
    /// [`OutboundError::WrongState`] for a text that did not fail; otherwise as of [`Store::record_outbound`]. Nothing is changed then.
    pub async fn resend(&self, resend: &Resend) -> Result<Outbound, OutboundError> {
        let account = self.twilio_account(resend.workspace_id).await?.filter(TwilioAccount::can_send);
        retry(|| self.store_resend(resend, account.as_ref())).await?
    }

    async fn store_resend(
        &self,
        resend: &Resend,
        account: Option<&TwilioAccount>,
    ) -> Result<Result<Outbound, OutboundError>> {
        let Resend { workspace_id, id, by, now, lease } = *resend;
        let mut tx = self.pool.begin().await?;
        let outcome = put_into_line(&mut tx, workspace_id, id, by, now, Some(lease), account).await?;
        if outcome.is_ok() {
            tx.commit().await?;
        }
        Ok(outcome)
    }
}

/// Puts a failed text into the line again, in a transaction of the caller's. Without a lease it waits there for the worker. What is
/// refused has written nothing.
pub(crate) async fn put_into_line(
    tx: &mut PgConnection,
    workspace: WorkspaceId,
    id: MessageId,
    by: UserId,
    now: DateTime<Utc>,
    lease: Option<Duration>,
    account: Option<&TwilioAccount>,
) -> Result<Result<Outbound, OutboundError>> {
    let before =
        sqlx::query_scalar!("select twilio_sid from messages where id = $1 and workspace_id = $2", id.0, workspace.0)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(old_sid) = before else { return Ok(Err(OutboundError::MessageNotFound)) };
    // The SID first, as everybody locks: a callback of the old attempt is either in the ledger by now, or finds it given up.
    if let Some(sid) = &old_sid {
        lock_sids(tx, &[sid]).await?;
    }
    let Some((contact, message)) = locks::text(tx, workspace, id).await? else {
        return Ok(Err(OutboundError::MessageNotFound));
    };
    if let Some(why_not) = why_not(&message) {
        return Ok(Err(OutboundError::WrongState(why_not)));
    }
    // What another program calls failed may be on its way all the same.
    let on_its_way =
        sqlx::query_scalar!(r#"select exists (select from sends where message_id = $1) as "on_its_way!""#, id.0)
            .fetch_one(&mut *tx)
            .await?;
    if on_its_way || message.twilio_sid != old_sid {
        return Ok(Err(OutboundError::WrongState(ON_ITS_WAY)));
    }
    let Some(account) = account else { return Ok(Err(OutboundError::NotConfigured)) };
    let service = account.messaging_service_sid.as_deref();
    let Some(from) = choose(tx, workspace, contact.id, service).await? else {
        return Ok(Err(OutboundError::NoNumbers));
    };
    if let Err(refusal) = ask_gate(&message, &contact) {
        return Ok(Err(refusal.into()));
    }

    let (message, attempts) = renew(tx, &message, by, &from, &contact.phone, now).await?;
    let place = Place {
        id,
        workspace,
        contact: contact.id,
        account_sid: &account.account_sid,
        from: &from,
        segments: segments_of(&message.content, message.media.len()),
        attempts,
        now,
        lease,
    };
    let mine = place.take(tx).await?;
    Ok(Ok(match lease {
        Some(lease) if mine => {
            let (account, attempt, lease_until) = (account.clone(), attempts + 1, now + lease);
            Outbound::Claimed(Box::new(Send { message, from, account, attempt, lease_until, started_before: false }))
        }
        _ => Outbound::Behind(Box::new(message)),
    }))
}

/// Notes that the old attempt was given up, and makes the text what it was before it. Answers how many attempts there were.
async fn renew(
    tx: &mut PgConnection,
    old: &MessageRow,
    by: UserId,
    from: &SendFrom,
    to: &str,
    now: DateTime<Utc>,
) -> Result<(MessageRow, i32)> {
    let entry = Entry {
        sid: old.twilio_sid.as_deref(),
        by: Some(by),
        ..Entry::new(old.id, LedgerKind::Retried, DeliveryStatus::Queued, now)
    };
    entry.append(&mut *tx).await?;
    let renewed = sqlx::query!(
        r#"
        update messages m
        set status = 'queued', twilio_sid = null, error_code = null, error_message = null, in_doubt = false,
            from_number = $2, to_number = $3
        where m.id = $1
        returning to_jsonb(m) as "row!",
                  (select coalesce(max(e.attempt), 0) from delivery_events e where e.message_id = m.id) as "attempts!"
        "#,
        old.id.0,
        from.as_str(),
        to,
    )
    .fetch_one(tx)
    .await?;
    Ok((rows::message(renewed.row)?, renewed.attempts))
}

const ON_ITS_WAY: &str = "This text is on its way. It can be sent again only if it fails.";

/// Why a text is not sent again, for the agent who asked; `None` for one that failed.
const fn why_not(message: &MessageRow) -> Option<&'static str> {
    if matches!(message.direction, Direction::Inbound) {
        return Some("The contact sent this text. Only texts of the team can be sent again.");
    }
    match message.status {
        DeliveryStatus::Undelivered | DeliveryStatus::Failed => None,
        DeliveryStatus::Scheduled => Some("This text is scheduled and has not left yet. Change its time instead."),
        DeliveryStatus::Canceled => Some("This text was called off. Write it again to send it."),
        DeliveryStatus::Queued | DeliveryStatus::Accepted | DeliveryStatus::Sending => Some(ON_ITS_WAY),
        DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Read | DeliveryStatus::Received => {
            Some("This text did not fail. Write a new one to say it again.")
        }
    }
}
