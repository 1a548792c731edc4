//! A text is about to go out: its row is stored first, under our own id, with the gate asked in the same transaction.
//!
//! Called by the server's sender (and by a desktop that works directly) before Twilio is asked. What happens to it afterwards
//! is in `sends`, or in `scheduled` when it is to leave later. Never asks Twilio.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    gate::{self, Outgoing, Refusal},
    ids::{ContactId, MessageId, UserId, WorkspaceId},
    message::{Media, MessageRow},
};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Error, Result, Send, SendFrom, Store, TwilioAccount, files, locks,
    rows::{self, has_nul, stored_at},
    scheduled,
    senders::choose,
    sends::{Place, segments_of},
    store::retry,
};

const MAX_CLIENT_ID: usize = 200;
/// Nothing is scheduled further ahead.
const FURTHEST: TimeDelta = TimeDelta::days(366);

/// A text that somebody wants to send.
#[derive(Clone, Debug)]
pub struct NewOutbound {
    /// The message's id, unless `client_id` is a UUID that is still free: then that is.
    pub id: MessageId,
    /// Who sends.
    pub workspace_id: WorkspaceId,
    /// Whom to.
    pub contact_id: ContactId,
    /// The text.
    pub content: String,
    /// Public addresses of files.
    pub media_urls: Vec<String>,
    /// The sender's own id, up to 200 characters, unique in the workspace.
    pub client_id: Option<String>,
    /// The agent who wrote it.
    pub sent_by: Option<UserId>,
    /// For a text that is to leave later.
    pub later: Option<Later>,
    /// The time.
    pub now: DateTime<Utc>,
    /// How long the caller may take for one attempt. Longer than Twilio's timeout: afterwards somebody else looks it up.
    pub lease: Duration,
}

/// When a text is to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    /// In the future, and not more than a year ahead.
    pub send_at: DateTime<Utc>,
    /// Whether it is called off when the contact writes first.
    pub cancel_on_reply: bool,
}

/// What to do now.
#[derive(Clone, Debug)]
pub enum Outbound {
    /// Stored, and claimed for the caller, who must send it now.
    Claimed(Box<Send>),
    /// Stored. Earlier texts to this contact are still on their way out, or its sender has to wait; [`Store::claim_due`] hands it
    /// out when it is its turn.
    Behind(Box<MessageRow>),
    /// Stored, to leave at its time.
    Scheduled(Box<MessageRow>),
    /// Seen before, as it stands now: send nothing.
    Repeat(Box<MessageRow>),
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// No such contact in this workspace.
    #[error("Contact not found")]
    ContactNotFound,
    /// No such text in this workspace.
    #[error("Message not found")]
    MessageNotFound,
    /// No checked Twilio account.
    #[error("Twilio not configured for this workspace")]
    NotConfigured,
    /// An account without numbers.
    #[error("No Twilio numbers available for this workspace")]
    NoNumbers,
    /// The gate said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The text is in no state in which this can be done with it. The sentence says why.
    #[error("{0}")]
    WrongState(&'static str),
    /// A client id of more than 200 characters, or with a NUL in it.
    #[error("clientId must be a text of 1 to 200 characters")]
    BadClientId,
    /// A time that is over, or more than a year ahead.
    #[error("sendAt must be in the future, and not more than a year ahead")]
    BadTime,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Store {
    /// Stores a text to be sent, unless it is a repeat.
    ///
    /// # Errors
    /// See [`OutboundError`]. Nothing is stored then.
    pub async fn record_outbound(&self, outbound: &NewOutbound) -> Result<Outbound, OutboundError> {
        if let Some(id) = &outbound.client_id
            && (id.is_empty() || has_nul(id) || id.chars().count() > MAX_CLIENT_ID)
        {
            return Err(OutboundError::BadClientId);
        }
        if outbound.media_urls.iter().any(|url| has_nul(url)) {
            return Err(Refusal::Unsendable.into());
        }
        let account = self.twilio_account(outbound.workspace_id).await?.filter(TwilioAccount::can_send);
        retry(|| self.store_outbound(outbound, account.as_ref())).await?
    }

    async fn store_outbound(
        &self,
        outbound: &NewOutbound,
        account: Option<&TwilioAccount>,
    ) -> Result<Result<Outbound, OutboundError>> {
        let mut tx = self.pool.begin().await?;
        let Some(contact) = locks::contact(&mut tx, outbound.workspace_id, outbound.contact_id).await? else {
            // It may have been merged into another one since: the same text again is the same text all the same.
            let known = repeat_of(&mut tx, outbound).await?;
            return Ok(known.map(|known| Outbound::Repeat(Box::new(known))).ok_or(OutboundError::ContactNotFound));
        };

        // Looked for under the contact's lock: whoever stored the same text a moment ago has let go of it.
        if let Some(known) = repeat_of(&mut tx, outbound).await? {
            return Ok(Ok(Outbound::Repeat(Box::new(known))));
        }
        let Some(account) = account else { return Ok(Err(OutboundError::NotConfigured)) };
        let (workspace, service) = (outbound.workspace_id, account.messaging_service_sid.as_deref());
        let Some(from) = choose(&mut tx, workspace, outbound.contact_id, service).await? else {
            return Ok(Err(OutboundError::NoNumbers));
        };
        let outgoing = Outgoing {
            to: &contact.phone,
            content: &outbound.content,
            media: outbound.media_urls.len(),
            opted_out: contact.opted_out_at.is_some(),
        };
        if let Err(refusal) = gate::check(outgoing) {
            return Ok(Err(refusal.into()));
        }
        if outbound.later.is_some_and(|later| !can_wait_until(later.send_at, outbound.now)) {
            return Ok(Err(OutboundError::BadTime));
        }
        let media = files::attached(&mut tx, outbound.workspace_id, &outbound.media_urls).await?;
        if let Err(refusal) = gate::check_files(media.iter().filter_map(|file| file.size).map(u64::from).sum()) {
            return Ok(Err(refusal.into()));
        }

        let created_at = stored_at(outbound.now, contact.last_message_at);
        let Some(message) = insert_message(&mut tx, outbound, &media, &from, &contact.phone, created_at).await? else {
            // The same client id, for another contact, at the same moment.
            return match repeat_of(&mut tx, outbound).await? {
                Some(known) => Ok(Ok(Outbound::Repeat(Box::new(known)))),
                None => Err(Error::IdTaken),
            };
        };
        files::attach(&mut tx, message.id, &media).await?;
        if let Some(later) = &outbound.later {
            scheduled::add(&mut tx, &message, later).await?;
            tx.commit().await?;
            return Ok(Ok(Outbound::Scheduled(Box::new(message))));
        }
        let place = Place {
            id: message.id,
            workspace,
            contact: outbound.contact_id,
            account_sid: &account.account_sid,
            from: &from,
            segments: segments_of(&outbound.content, outbound.media_urls.len()),
            attempts: 0,
            now: outbound.now,
            lease: Some(outbound.lease),
        };
        let mine = place.take(&mut tx).await?;
        tx.commit().await?;

        Ok(Ok(if mine {
            let (account, lease_until) = (account.clone(), outbound.now + outbound.lease);
            Outbound::Claimed(Box::new(Send { message, from, account, attempt: 1, lease_until, started_before: false }))
        } else {
            Outbound::Behind(Box::new(message))
        }))
    }
}

/// Whether a text may be scheduled for this time.
pub(crate) fn can_wait_until(send_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    send_at > now && send_at - now <= FURTHEST
}

/// The text that this one repeats: by its client id, or for a text without one by its own id.
async fn repeat_of(tx: &mut PgConnection, outbound: &NewOutbound) -> Result<Option<MessageRow>> {
    let row = sqlx::query_scalar!(
        r#"select to_jsonb(m) as "row!" from messages m
           where m.workspace_id = $1 and (m.client_id = $2 or ($2::text is null and m.id = $3 and m.direction = 'outbound'))"#,
        outbound.workspace_id.0,
        outbound.client_id,
        outbound.id.0,
    )
    .fetch_optional(tx)
    .await?;
    row.map(rows::message).transpose()
}

/// Stores the row under the id that its writer gave it, or under our own when that one is not free. `None` when the client id is taken.
async fn insert_message(
    tx: &mut PgConnection,
    outbound: &NewOutbound,
    media: &[Media],
    from: &SendFrom,
    to: &str,
    created_at: DateTime<Utc>,
) -> Result<Option<MessageRow>> {
    let wished = outbound.client_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    for id in wished.into_iter().chain([outbound.id.0]) {
        let row = sqlx::query_scalar!(
            r#"
            insert into messages as m (id, workspace_id, contact_id, content, direction, status, message_type, media,
                                       from_number, to_number, sent_by, client_id, created_at, send_at)
            values ($1, $2, $3, $4, 'outbound', case when $12::timestamptz is null then 'queued' else 'scheduled' end,
                    $5, $6, $7, $8, $9, $10, $11, $12)
            on conflict do nothing
            returning to_jsonb(m) as "row!"
            "#,
            id,
            outbound.workspace_id.0,
            outbound.contact_id.0,
            outbound.content,
            if media.is_empty() { "text" } else { "media" },
            json!(media),
            from.as_str(),
            to,
            outbound.sent_by.map(|user| user.0),
            outbound.client_id,
            created_at,
            outbound.later.map(|later| later.send_at),
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(row) = row {
            return rows::message(row).map(Some);
        }
    }
    Ok(None)
}
