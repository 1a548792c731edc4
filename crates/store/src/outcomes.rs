//! How an attempt to hand a text to Twilio ended: taken, refused, or put back into the line.
//!
//! Called by the server's sender and reconciler, once for each text that the line handed out. Each is one transaction with a row
//! in the ledger, and one that carries an old attempt's number changes nothing.

use chrono::{DateTime, Utc};
use deskline_domain::{delivery::DeliveryStatus, ids::MessageId, message::MessageRow};

use crate::{
    Error, Result, Store,
    claims::is_at,
    ledger::{Entry, LedgerKind},
    sends::postpone,
    status::{Progress, lock_sid},
    store::retry,
};

/// Why a text goes back into the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// Too many requests; certainly not taken.
    RateLimited,
    /// Too many texts wait at Twilio to leave from this sender; certainly not taken.
    QueueFull,
    /// Nobody was there; certainly not taken.
    Unreachable,
    /// Nobody can say whether it was taken: it is looked up before it is sent again, and shown as in doubt.
    Unknown,
}

impl Setback {
    /// As the ledger and the metrics call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.kind().as_str()
    }

    const fn kind(self) -> LedgerKind {
        match self {
            Self::RateLimited => LedgerKind::RateLimited,
            Self::QueueFull => LedgerKind::QueueFull,
            Self::Unreachable => LedgerKind::Unreachable,
            Self::Unknown => LedgerKind::Unknown,
        }
    }
}

/// An attempt that neither succeeded nor failed for good.
#[derive(Clone, Copy, Debug)]
pub struct PutBack<'a> {
    /// The text.
    pub id: MessageId,
    /// The attempt's number, as it was handed out.
    pub attempt: i32,
    /// Why.
    pub why: Setback,
    /// Twilio's code, where there was one.
    pub code: Option<i32>,
    /// The same in plain words.
    pub explanation: &'a str,
    /// The time.
    pub now: DateTime<Utc>,
    /// When it comes up again.
    pub again_at: DateTime<Utc>,
}

impl Store {
    /// Twilio has the text, and says how far it is and, if it has failed by now, why: its code, and the same in plain words. Status
    /// callbacks that came before this answer are taken into account.
    ///
    /// # Errors
    /// [`crate::Error::UnknownMessage`]; [`crate::Error::Database`].
    pub async fn record_accepted(
        &self,
        id: MessageId,
        sid: &str,
        status: DeliveryStatus,
        failure: Option<(i32, &str)>,
        now: DateTime<Utc>,
    ) -> Result<MessageRow> {
        retry(|| async move {
            let mut tx = self.pool.begin().await?;
            lock_sid(&mut tx, sid).await?;
            let mut progress = Progress::lock(&mut tx, id).await?.ok_or(Error::UnknownMessage)?;
            let entry = Entry {
                sid: Some(sid),
                code: failure.map(|(code, _)| code),
                explanation: failure.map(|(_, words)| words),
                ..Entry::new(id, LedgerKind::Accepted, status, now)
            };
            // A program that watches the same account may have stored a row of its own under this SID; then that one keeps it.
            let whose = sqlx::query!(
                r#"select exists (select from messages where twilio_sid = $1 and id <> $2) as "taken!",
                          exists (select from delivery_events where message_sid = $1 and kind = 'retried') as "given_up!""#,
                sid,
                id.0,
            )
            .fetch_one(&mut *tx)
            .await?;
            if whose.given_up {
                // A callback was faster, said that this attempt failed, and somebody has asked for another one since.
                entry.append(&mut tx).await?;
                tx.commit().await?;
                return Ok(progress.into_message());
            }
            progress.ended(&mut tx, entry).await?;
            progress.report_early_callbacks(&mut tx, sid).await?;
            if whose.taken {
                tracing::warn!(message = %id, "another row has this text's SID already");
            }
            let message = progress.save(&mut tx, (!whose.taken).then_some(sid), now).await?;
            tx.commit().await?;
            Ok(message)
        })
        .await
    }

    /// Twilio, or the gate, refused the text for good: it is stored as failed, with the reason. Changes nothing when `attempt` is
    /// out of date or a callback has shown that the text left. Answers the text as it stands.
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
        retry(|| async move {
            let mut tx = self.pool.begin().await?;
            let mut progress = Progress::lock(&mut tx, id).await?.ok_or(Error::UnknownMessage)?;
            if !is_at(&mut tx, id, attempt).await? || progress.has_left() {
                return Ok(progress.into_message());
            }
            let entry = Entry {
                code,
                explanation: Some(explanation),
                ..Entry::new(id, LedgerKind::Refused, DeliveryStatus::Failed, now)
            };
            progress.ended(&mut tx, entry).await?;
            let message = progress.save(&mut tx, None, now).await?;
            tx.commit().await?;
            Ok(message)
        })
        .await
    }

    /// The text goes back into the line, to be sent again or looked up. False when the attempt is out of date.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn put_back(&self, back: &PutBack<'_>) -> Result<bool> {
        let mut tx = self.pool.begin().await?;
        let done = postpone(&mut tx, back.id, back.attempt, back.again_at, back.why == Setback::Unknown).await?;
        if done {
            let entry = Entry {
                code: back.code,
                explanation: Some(back.explanation),
                ..Entry::new(back.id, back.why.kind(), DeliveryStatus::Queued, back.now)
            };
            entry.append(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(done)
    }
}
