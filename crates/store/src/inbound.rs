//! A text came in.
//!
//! Called by the webhook once signature and form are checked. One transaction, idempotent on Twilio's SID: when it returns,
//! the text is durable and Twilio may be told 200. Never decides whether a sender may write.

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::ContactRow,
    ids::{ContactId, MessageId, WorkspaceId},
    keyword::Keyword,
    message::{Media, MessageRow},
    phone::Sender,
};
use serde_json::Value;

use crate::{Result, Store};

/// A text from a contact, as the webhook read it.
#[derive(Clone, Debug)]
pub struct NewInbound {
    /// The message's id, if it is new.
    pub id: MessageId,
    /// The contact's id, if the contact is new.
    pub contact_id: ContactId,
    /// Whose number it came to.
    pub workspace_id: WorkspaceId,
    /// Who wrote it.
    pub from: Sender,
    /// Our number, or the Messaging Service (`MG…`) where Twilio named no number.
    pub to: String,
    /// `SM…` or `MM…`
    pub twilio_sid: String,
    /// The text; empty where an MMS has none.
    pub body: String,
    /// Every file, in Twilio's order.
    pub media: Vec<Media>,
    /// What [`Keyword::read`] found.
    pub keyword: Option<Keyword>,
    /// The form as it came, for the ledger.
    pub raw: Value,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What [`Store::record_inbound`] stored, or had stored before.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The text.
    pub message: MessageRow,
    /// Its contact, as it stands now.
    pub contact: ContactRow,
    /// False when this SID was stored before: nothing was stored or counted now.
    pub fresh: bool,
}

/// A well-signed text that no workspace claims.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// The account that signed it.
    pub account_sid: String,
    /// `SM…` or `MM…`; a second letter with it is not kept.
    pub twilio_sid: String,
    /// Who wrote it.
    pub from: String,
    /// The number, or the Messaging Service, that nobody has.
    pub to: String,
    /// The form as it came.
    pub raw: Value,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

impl Store {
    /// Stores an inbound text, its contact if that is new, one more unread text, and what a keyword asks for.
    ///
    /// # Errors
    /// [`crate::Error::UnknownWorkspace`]; [`crate::Error::Database`]. Nothing is stored then.
    pub async fn record_inbound(&self, inbound: &NewInbound) -> Result<Recorded> {
        todo!()
    }

    /// Keeps a text that no workspace claims. False when it was kept before.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_dead_letter(&self, letter: &DeadLetter) -> Result<bool> {
        todo!()
    }

    /// The dead letters of an account that nobody has routed, oldest first.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn dead_letters(&self, account_sid: &str) -> Result<Vec<DeadLetter>> {
        todo!()
    }
}
