//! Texts that Twilio handed over and no workspace could take: kept, listed, and routed by an admin.
//!
//! Called by the webhook and the audit (to keep), and by the dead-letter routes and commands (to list and route). A routed letter
//! becomes a text through [`Store::record_inbound`] like any other; its row stays, with who routed it and where to.

use chrono::{DateTime, Utc};
use deskline_domain::ids::UserId;
use serde_json::Value;

use crate::{
    NewInbound, Recorded, Result, Store,
    rows::{has_nul, storable, storable_json},
};

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

/// What became of a letter that was routed.
#[derive(Clone, Debug, PartialEq)]
pub enum Routed {
    /// It is a text of the workspace, now or since before.
    There(Box<Recorded>),
    /// Another workspace has it.
    Elsewhere,
}

impl Store {
    /// Keeps a text that no workspace claims. False when it was kept before.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_dead_letter(&self, letter: &DeadLetter) -> Result<bool> {
        let done = sqlx::query!(
            "insert into dead_letters (twilio_sid, account_sid, from_number, to_number, raw, received_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (twilio_sid) do nothing",
            storable(&letter.twilio_sid),
            storable(&letter.account_sid),
            storable(&letter.from),
            storable(&letter.to),
            storable_json(&letter.raw),
            letter.received_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The dead letters of an account that nobody has routed, oldest first.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn dead_letters(&self, account_sid: &str) -> Result<Vec<DeadLetter>> {
        Ok(sqlx::query_as!(
            DeadLetter,
            r#"select account_sid, twilio_sid, from_number as "from", to_number as "to", raw, received_at
               from dead_letters where account_sid = $1 and routed_at is null order by received_at, twilio_sid"#,
            account_sid,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// A dead letter by the text's SID, routed or not.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn dead_letter(&self, twilio_sid: &str) -> Result<Option<DeadLetter>> {
        if has_nul(twilio_sid) {
            return Ok(None);
        }
        Ok(sqlx::query_as!(
            DeadLetter,
            r#"select account_sid, twilio_sid, from_number as "from", to_number as "to", raw, received_at
               from dead_letters where twilio_sid = $1"#,
            twilio_sid,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Makes a letter a text of a workspace, once. `by` is missing for the command line.
    ///
    /// Two transactions: when the second one is lost, the letter is still listed, and routing it again finds its text.
    ///
    /// # Errors
    /// As of [`Store::record_inbound`].
    pub async fn route_dead_letter(
        &self,
        letter: &NewInbound,
        by: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Result<Routed> {
        let recorded = self.record_inbound(letter).await?;
        sqlx::query!(
            "update dead_letters set routed_at = $2, routed_to = $3, routed_by = $4
             where twilio_sid = $1 and routed_at is null",
            letter.twilio_sid,
            now,
            recorded.message.workspace_id.0,
            by.map(|user| user.0),
        )
        .execute(&self.pool)
        .await?;
        if recorded.message.workspace_id == letter.workspace_id {
            Ok(Routed::There(Box::new(recorded)))
        } else {
            Ok(Routed::Elsewhere)
        }
    }
}
