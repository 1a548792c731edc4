//! How an attempt to hand a text to Twilio ended: taken, refused, or put back into the line.
//!
//! Called by the server's sender and reconciler, once for each text that the line handed out. Each is one transaction with a row
//! in the ledger, and one that carries an old attempt's number changes nothing.

use chrono::{DateTime, Utc};
use deskline_domain::{delivery::DeliveryStatus, ids::MessageId, message::MessageRow};
use futures_util::FutureExt;

use crate::{
    Error, Result, Store,
    claims::is_at,
    ledger::{Entry, LedgerKind},
    sends::postpone,
    status::Progress,
    store::{all_or_each, retry, rounds},
};

mod accepted;

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

/// An attempt that succeeded.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The text.
    pub id: MessageId,
    /// What Twilio calls it.
    pub sid: String,
    /// How far Twilio says that it is.
    pub status: DeliveryStatus,
    /// Twilio's code and the same in plain words, for a text that has failed by the time that it is found.
    pub failure: Option<(i32, String)>,
    /// The time.
    pub now: DateTime<Utc>,
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
        let failure = failure.map(|(code, words)| (code, words.to_owned()));
        let accepted = Accepted { id, sid: sid.to_owned(), status, failure, now };
        self.record_accepted_all(&[accepted]).await.pop().unwrap_or(Err(Error::UnknownMessage))
    }

    /// Writes any number of them down in one transaction, each answered as if it had come alone.
    pub async fn record_accepted_all(&self, accepted: &[Accepted]) -> Vec<Result<MessageRow>> {
        all_or_each(self, accepted, |store, accepted| store.store_accepted(accepted).boxed()).await
    }

    async fn store_accepted(&self, accepted: &[Accepted]) -> Result<Vec<MessageRow>> {
        let mut rows: Vec<Option<MessageRow>> = accepted.iter().map(|_| None).collect();
        for round in rounds(accepted, |one| one.id) {
            let of_round: Vec<&Accepted> = round.iter().map(|index| &accepted[*index]).collect();
            let stored = retry(|| async {
                let mut tx = self.pool.begin().await?;
                let stored = accepted::all(&mut tx, &of_round).await?;
                tx.commit().await?;
                Ok(stored)
            })
            .await?;
            for (index, row) in round.into_iter().zip(stored) {
                rows[index] = Some(row);
            }
        }
        Ok(rows.into_iter().flatten().collect())
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
