//! A status callback came: what became of an outbound text.
//!
//! Called by `/twilio/status` once the signature is checked, and by the reconciler. Callbacks come late, twice, out of order and
//! before Twilio's own answer; every one is kept in the ledger, and the text only moves forward.

use chrono::{DateTime, Utc};
use deskline_domain::{delivery::DeliveryStatus, ids::MessageId, message::MessageRow};
use serde_json::Value;

use crate::{Result, Store};

/// A callback as the form spelled it.
#[derive(Clone, Debug)]
pub struct StatusReport {
    /// The account that signed it. A text of a workspace with another account is not touched.
    pub account_sid: String,
    /// `SM…` or `MM…`
    pub message_sid: String,
    /// Our id, from `?message=` of the callback's address.
    pub message_id: Option<MessageId>,
    /// What it says.
    pub status: DeliveryStatus,
    /// Twilio's code, if something went wrong.
    pub error_code: Option<i32>,
    /// The same in plain words.
    pub explanation: Option<String>,
    /// The form as it came.
    pub raw: Value,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What a callback did.
#[derive(Clone, Debug, PartialEq)]
pub enum StatusOutcome {
    /// The text moved on.
    Applied(Box<MessageRow>),
    /// It was known, or older than what is known.
    Unchanged,
    /// No text of this account has this SID. It is kept, and counts as soon as one does.
    UnknownMessage,
}

impl Store {
    /// Takes a callback into account.
    ///
    /// # Errors
    /// [`crate::Error::Database`]. Nothing is stored then.
    pub async fn record_status(&self, report: &StatusReport) -> Result<StatusOutcome> {
        todo!()
    }
}
