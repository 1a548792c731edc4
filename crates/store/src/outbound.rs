//! A text is about to go out: its row is stored first, under our own id, with the gate asked in the same transaction.
//!
//! Called by the server's sender (and by a desktop that works directly) before Twilio is asked. What happens to it afterwards
//! is in `sends`, or in `scheduled` when it is to leave later. Never asks Twilio.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    gate::Refusal,
    ids::{ContactId, MessageId, UserId, WorkspaceId},
    message::MessageRow,
};
use futures_util::FutureExt;

use crate::{
    Error, Result, Send, Store,
    store::{all_or_each, retry, rounds},
};

mod store;

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
        self.record_outbound_all(std::slice::from_ref(outbound))
            .await
            .pop()
            .unwrap_or(Err(OutboundError::ContactNotFound))
    }

    /// Stores any number of texts in one transaction, each as [`Store::record_outbound`] does and answered as if it had come alone.
    /// Texts to one contact get their places in the order of the slice.
    pub async fn record_outbound_all(&self, texts: &[NewOutbound]) -> Vec<Result<Outbound, OutboundError>> {
        let stored = all_or_each(self, texts, |store, texts| store.store_outbound(texts).boxed()).await;
        stored.into_iter().map(|stored| stored.map_err(OutboundError::from)?).collect()
    }

    async fn store_outbound(&self, texts: &[NewOutbound]) -> Result<Vec<Result<Outbound, OutboundError>>> {
        let workspaces: Vec<WorkspaceId> = texts.iter().map(|text| text.workspace_id).collect();
        let accounts = self.twilio_accounts(&workspaces).await?;
        let mut outcomes: Vec<Option<Result<Outbound, OutboundError>>> = texts.iter().map(|_| None).collect();
        // A text that repeats another one of the slice finds it stored.
        for round in rounds(texts, |text| (text.workspace_id, text.client_id.clone().ok_or(text.id))) {
            let of_round: Vec<&NewOutbound> = round.iter().map(|index| &texts[*index]).collect();
            let stored = retry(|| async {
                let mut tx = self.pool.begin().await?;
                let stored = store::all(&mut tx, &of_round, &accounts).await?;
                tx.commit().await?;
                Ok(stored)
            })
            .await?;
            for (index, outcome) in round.into_iter().zip(stored) {
                outcomes[index] = Some(outcome);
            }
        }
        Ok(outcomes.into_iter().flatten().collect())
    }
}

/// Whether a text may be scheduled for this time.
pub(crate) fn can_wait_until(send_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    send_at > now && send_at - now <= FURTHEST
}
