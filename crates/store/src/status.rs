//! A status callback came: what became of an outbound text.
//!
//! Called by `/twilio/status` once the signature is checked, and by the reconciler. Callbacks come late, twice, out of order and
//! before Twilio's own answer; every one is kept in the ledger, and the text only moves forward.

use chrono::{DateTime, Utc};
use deskline_domain::{delivery::DeliveryStatus, ids::MessageId, message::MessageRow};
use serde_json::Value;
use sqlx::PgConnection;

use crate::{
    Result, Store, consent,
    ledger::{Entry, LedgerKind},
    locks,
    rows::{self, has_nul, storable, storable_json},
    sends,
    store::retry,
};

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
    /// When it came: the same report with the same time is the same callback, told again, and stands in the ledger once.
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
        if has_nul(&report.message_sid) || has_nul(&report.account_sid) {
            return Ok(StatusOutcome::UnknownMessage);
        }
        retry(|| self.store_status(report)).await
    }

    async fn store_status(&self, report: &StatusReport) -> Result<StatusOutcome> {
        let mut tx = self.pool.begin().await?;
        lock_sids(&mut tx, &[&report.message_sid]).await?;
        let progress = Progress::lock_reported(&mut tx, report).await?;
        let given_up = match &progress {
            Some(_) => None,
            None => given_up(&mut tx, &report.account_sid, &report.message_sid).await?,
        };
        let entry = Entry {
            message: progress.as_ref().map(|progress| progress.message.id).or(given_up),
            account_sid: Some(&report.account_sid),
            kind: LedgerKind::Callback,
            status: report.status,
            sid: Some(&report.message_sid),
            code: report.error_code,
            explanation: report.explanation.as_deref(),
            by: None,
            raw: Some(&report.raw),
            at: report.received_at,
        };
        // Whether a commit happened whose answer was lost, nobody knows, and so the same callback may be told again.
        if !is_kept(&mut tx, report).await? {
            entry.append(&mut tx).await?;
        }

        let outcome = match progress {
            None if given_up.is_some() => StatusOutcome::Unchanged,
            None => StatusOutcome::UnknownMessage,
            Some(mut progress) => {
                let before = progress.message.clone();
                progress.report(report.status, report.error_code, report.explanation.as_deref());
                let after = progress.save(&mut tx, Some(&report.message_sid), report.received_at).await?;
                if after == before { StatusOutcome::Unchanged } else { StatusOutcome::Applied(Box::new(after)) }
            }
        };
        tx.commit().await?;
        Ok(outcome)
    }
}

/// Whatever concerns one SID happens one after the other. Otherwise a callback could find no text with its SID while Twilio's
/// answer finds no callback.
pub(crate) async fn lock_sids(tx: &mut PgConnection, sids: &[&str]) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(1, key) from (select distinct hashtext(sid) as key from unnest($1::text[]) sid order by 1) keys",
        sids as &[&str],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether this very callback stands in the ledger already. Another one that says the same came at another time.
async fn is_kept(tx: &mut PgConnection, report: &StatusReport) -> Result<bool> {
    let kept = sqlx::query_scalar!(
        r#"select exists (select from delivery_events
                          where message_sid = $1 and kind = 'callback' and status = $2 and received_at = $3 and raw = $4) as "kept!""#,
        report.message_sid,
        report.status.as_str(),
        report.received_at,
        storable_json(&report.raw),
    )
    .fetch_one(tx)
    .await?;
    Ok(kept)
}

/// The text that had this SID before somebody retried it: what is reported of that attempt is kept, and moves it no longer.
async fn given_up(tx: &mut PgConnection, account_sid: &str, sid: &str) -> Result<Option<MessageId>> {
    let id = sqlx::query_scalar!(
        r#"select e.message_id as "id!" from delivery_events e
           where e.message_sid = $1 and e.kind = 'retried' and e.account_sid = $2 and e.message_id is not null limit 1"#,
        sid,
        account_sid,
    )
    .fetch_optional(tx)
    .await?;
    Ok(id.map(MessageId))
}

/// A locked text, and how far it has come.
pub(crate) struct Progress {
    message: MessageRow,
}

impl Progress {
    /// Locks a text by its id.
    pub(crate) async fn lock(tx: &mut PgConnection, id: MessageId) -> Result<Option<Self>> {
        Ok(locks::message(tx, id).await?.map(|message| Self { message }))
    }

    /// Takes up a text that is locked already.
    pub(crate) const fn of(message: MessageRow) -> Self {
        Self { message }
    }

    /// Locks the text that a callback is about: the one with its SID, or the one with our id that has no SID yet. Only texts of
    /// workspaces with the callback's account count, since that account's token is all that the signature proves.
    async fn lock_reported(tx: &mut PgConnection, report: &StatusReport) -> Result<Option<Self>> {
        let row = sqlx::query_scalar!(
            r#"
            select to_jsonb(m) as "row!"
            from messages m
            where (m.twilio_sid = $1
                   or (m.id = $2 and m.twilio_sid is null
                       and not exists (select from delivery_events e where e.message_sid = $1 and e.kind = 'retried')))
              and m.direction = 'outbound'
              and exists (select from workspace_twilio_config c where c.workspace_id = m.workspace_id and c.account_sid = $3)
            order by m.twilio_sid
            limit 1
            for no key update of m
            "#,
            report.message_sid,
            report.message_id.map(|id| id.0),
            report.account_sid,
        )
        .fetch_optional(tx)
        .await?;
        row.map(rows::message).transpose().map(|found| found.map(|message| Self { message }))
    }

    /// Whether Twilio certainly has, or had, the text.
    pub(crate) const fn has_left(&self) -> bool {
        self.message.twilio_sid.is_some()
    }

    /// Takes a report into account. An error code is only ever replaced by that of a report that moves the text on.
    pub(crate) fn report(&mut self, status: DeliveryStatus, code: Option<i32>, explanation: Option<&str>) {
        let next = self.message.status.advance(status);
        let moved = next != self.message.status;
        self.message.status = next;
        if code.is_some() && (moved || self.message.error_code.is_none()) {
            self.message.error_code = code;
            self.message.error_message = explanation.map(storable);
        } else if moved && self.message.error_code.is_none() && explanation.is_some() {
            self.message.error_message = explanation.map(storable);
        }
    }

    /// The same for the end of an attempt of ours, and for what somebody decided. The ledger keeps it too.
    pub(crate) async fn ended(&mut self, tx: &mut PgConnection, entry: Entry<'_>) -> Result<()> {
        self.report(entry.status, entry.code, entry.explanation);
        entry.append(tx).await
    }

    /// Writes it down, with the SID if the text has none yet, and takes the text off the work list.
    pub(crate) async fn save(self, tx: &mut PgConnection, sid: Option<&str>, now: DateTime<Utc>) -> Result<MessageRow> {
        let message = self.write(tx, sid).await?;
        sends::leave(tx, message.id, now).await?;
        // Locks the contact after the text: rare, and run again when it meets somebody who locks them in order.
        consent::learn(tx, &message).await?;
        Ok(message)
    }

    /// Writes it down alone.
    pub(crate) async fn write(self, tx: &mut PgConnection, sid: Option<&str>) -> Result<MessageRow> {
        let message = self.message;
        let row = sqlx::query_scalar!(
            r#"
            update messages m
            set status = $2, error_code = $3, error_message = $4, twilio_sid = coalesce(m.twilio_sid, $5), in_doubt = false
            where m.id = $1
            returning to_jsonb(m) as "row!"
            "#,
            message.id.0,
            message.status.as_str(),
            message.error_code,
            message.error_message,
            sid,
        )
        .fetch_one(tx)
        .await?;
        rows::message(row)
    }

    /// The text as it was found, and as it stays.
    pub(crate) fn into_message(self) -> MessageRow {
        self.message
    }
}
