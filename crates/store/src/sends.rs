//! The work list of texts on their way out: a table and its verbs (claim, accepted, refused, retry, unknown).
//!
//! Driven by the server's sender and reconciler. A row exists from [`Store::record_outbound`] until Twilio took or refused the
//! text; only the oldest row of a contact is ever handed out, so texts leave in the order in which they were written.
//! Each hand-out has a number (`attempt`), and a verb that carries an old number changes nothing.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::MessageId,
    message::MessageRow,
};

use crate::{Result, Store, TwilioAccount};

/// A text that the caller has to see to, until its lease ends.
#[derive(Clone, Debug)]
pub struct Send {
    /// The stored text: `to_number`, `content` and `media` are what to send.
    pub message: MessageRow,
    /// What to send it from.
    pub from: SendFrom,
    /// The account to send it with.
    pub account: TwilioAccount,
    /// The number of this hand-out, from 1 on.
    pub attempt: i32,
    /// Whether an earlier attempt may have reached Twilio. Then look it up first, and if it is not there ask
    /// [`Store::claim_again`] before sending.
    pub started_before: bool,
}

/// What a text is sent from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendFrom {
    /// One of our numbers.
    Number(String),
    /// `MG…`
    MessagingService(String),
}

/// Whether a looked-up text may be sent again.
#[derive(Clone, Debug)]
pub enum Again {
    /// Send it now, under the new lease and number.
    Send(Box<Send>),
    /// The gate says no by now: it is stored as failed.
    Refused(Box<MessageRow>),
    /// Somebody else has it by now, or it is settled: do nothing.
    Gone,
}

impl Store {
    /// Hands out texts that are due, at most one a contact: those to be sent, and those to be looked up.
    /// A text whose lease ended comes back as one to be looked up. Texts whose contact opted out meanwhile are stored as failed and not handed out.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn claim_due(&self, now: DateTime<Utc>, lease: Duration, limit: i64) -> Result<Vec<Send>> {
        todo!()
    }

    /// When [`Store::claim_due`] will next have something to hand out; `None` when nothing waits.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        todo!()
    }

    /// The text was looked up and Twilio does not have it: may it be sent now? Asks the gate again.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn claim_again(&self, id: MessageId, attempt: i32, now: DateTime<Utc>, lease: Duration) -> Result<Again> {
        todo!()
    }

    /// Twilio has the text. Status callbacks that came before this answer are taken into account.
    ///
    /// # Errors
    /// [`crate::Error::UnknownMessage`]; [`crate::Error::Database`].
    pub async fn record_accepted(
        &self,
        id: MessageId,
        sid: &str,
        status: DeliveryStatus,
        now: DateTime<Utc>,
    ) -> Result<MessageRow> {
        todo!()
    }

    /// Twilio refused the text for good: it is stored as failed, with the reason. Changes nothing when `attempt` is out of date
    /// or a callback has shown that the text left. Answers the text as it stands.
    ///
    /// # Errors
    /// [`crate::Error::UnknownMessage`]; [`crate::Error::Database`].
    pub async fn record_refused(
        &self,
        id: MessageId,
        attempt: i32,
        code: Option<i32>,
        explanation: &str,
        now: DateTime<Utc>,
    ) -> Result<MessageRow> {
        todo!()
    }

    /// Twilio certainly did not take the text: hand it out again at `at`. False when `attempt` is out of date.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_retry(&self, id: MessageId, attempt: i32, at: DateTime<Utc>) -> Result<bool> {
        todo!()
    }

    /// Nobody can say whether Twilio took the text: hand it out at `look_at` to be looked up. False when `attempt` is out of date.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_unknown(&self, id: MessageId, attempt: i32, look_at: DateTime<Utc>) -> Result<bool> {
        todo!()
    }

    /// Which of these SIDs belong to a stored text. A text that is looked up is never taken for one that is known already.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn known_sids(&self, sids: &[String]) -> Result<HashSet<String>> {
        todo!()
    }

    /// How many texts are on their way out.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn sends_waiting(&self) -> Result<i64> {
        todo!()
    }
}
