//! A text is about to go out: its row is stored first, under our own id, with the gate asked in the same transaction.
//!
//! Called by the server's sender (and by a desktop that works directly) before Twilio is asked. What happens to it afterwards
//! is in `sends`. Never asks Twilio.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{
    gate::Refusal,
    ids::{ContactId, MessageId, UserId, WorkspaceId},
    message::MessageRow,
};

use crate::{Error, Send, Store};

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
    /// The time.
    pub now: DateTime<Utc>,
    /// How long the caller may take for one attempt. Longer than Twilio's timeout: afterwards somebody else looks it up.
    pub lease: Duration,
}

/// What to do now.
#[derive(Clone, Debug)]
pub enum Outbound {
    /// Stored, and claimed for the caller, who must send it now.
    Claimed(Box<Send>),
    /// Stored. Earlier texts to this contact are still on their way out; [`Store::claim_due`] hands it out after them.
    Behind(Box<MessageRow>),
    /// Seen before, as it stands now: send nothing.
    Repeat(Box<MessageRow>),
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// No such contact in this workspace.
    #[error("Contact not found")]
    ContactNotFound,
    /// No checked Twilio account.
    #[error("Twilio not configured for this workspace")]
    NotConfigured,
    /// An account without numbers.
    #[error("No Twilio numbers available for this workspace")]
    NoNumbers,
    /// The gate said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A client id of more than 200 characters, or with a NUL in it.
    #[error("clientId must be a text of 1 to 200 characters")]
    BadClientId,
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
        todo!()
    }
}
