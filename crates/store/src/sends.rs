//! The work list of texts on their way out: a table and its verbs (claim, accepted, refused, retry, unknown).
//!
//! Driven by the server's sender and reconciler. A row exists from [`Store::record_outbound`] until Twilio took or refused the
//! text; only the oldest row of a contact is ever handed out, so texts leave in the order in which they were written.
//! Each hand-out has a number (`attempt`), and a verb that carries an old number changes nothing.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    contact::ContactRow,
    delivery::DeliveryStatus,
    gate::{self, Outgoing, Refusal},
    ids::MessageId,
    message::MessageRow,
};
use sqlx::PgConnection;

use crate::{
    Error, Result, Store, TwilioAccount,
    rows::{self, has_nul},
    status::{Progress, lock_sid},
    store::retry,
};

/// When a text is looked at again whose account's token cannot be opened: somebody has to repair the configuration.
const BROKEN_ACCOUNT_PAUSE: TimeDelta = TimeDelta::minutes(1);

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

impl SendFrom {
    /// As `messages.from_number` keeps it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(text) | Self::MessagingService(text) => text,
        }
    }

    fn from_column(text: String) -> Self {
        if text.starts_with("MG") { Self::MessagingService(text) } else { Self::Number(text) }
    }
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
        // A workspace without a working account keeps its texts until it has one.
        let claims = sqlx::query!(
            r#"
            with due as (
              select s.message_id
              from sends s
              where s.next_at <= $1
                and (s.lease_until is null or s.lease_until <= $1)
                and not exists (select from sends earlier where earlier.contact_id = s.contact_id and earlier.position < s.position)
                and exists (select from workspace_twilio_config c where c.workspace_id = s.workspace_id and c.is_configured)
              order by s.next_at, s.position
              limit $3
              for update of s skip locked
            )
            update sends s
            set attempt = s.attempt + 1, lease_until = $2, state = case s.state when 'queued' then 'sending' else 'unknown' end
            from due
            where s.message_id = due.message_id
            returning s.message_id, s.attempt, s.state = 'unknown' as "started_before!"
            "#,
            now,
            now + lease,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;

        let mut sends = Vec::with_capacity(claims.len());
        for claim in claims {
            let id = MessageId(claim.message_id);
            let Some((message, contact)) = self.message_and_contact(id).await? else { continue };
            if !claim.started_before
                && let Err(refusal) = ask_gate(&message, &contact)
            {
                self.refuse(id, claim.attempt, refusal, now).await?;
            } else if let Some(send) = self.hand_out(message, claim.attempt, claim.started_before, now).await? {
                sends.push(send);
            }
        }
        Ok(sends)
    }

    /// When [`Store::claim_due`] will next have something to hand out; `None` when nothing waits.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(sqlx::query_scalar!(
            "select min(greatest(s.next_at, s.lease_until))
             from sends s
             where not exists (select from sends earlier where earlier.contact_id = s.contact_id and earlier.position < s.position)
               and exists (select from workspace_twilio_config c where c.workspace_id = s.workspace_id and c.is_configured)"
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The text was looked up and Twilio does not have it: may it be sent now? Asks the gate again.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn claim_again(&self, id: MessageId, attempt: i32, now: DateTime<Utc>, lease: Duration) -> Result<Again> {
        let Some((message, contact)) = self.message_and_contact(id).await? else { return Ok(Again::Gone) };
        if message.twilio_sid.is_some() {
            return Ok(Again::Gone);
        }
        if let Err(refusal) = ask_gate(&message, &contact) {
            let message = self.refuse(id, attempt, refusal, now).await?;
            return Ok(if message.status.is_failure() { Again::Refused(Box::new(message)) } else { Again::Gone });
        }
        let mut tx = self.pool.begin().await?;
        show_doubt(&mut tx, id, attempt, false).await?;
        let again = sqlx::query_scalar!(
            "update sends set attempt = attempt + 1, state = 'sending', lease_until = $3
             where message_id = $1 and attempt = $2
             returning attempt",
            id.0,
            attempt,
            now + lease,
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        let Some(attempt) = again else { return Ok(Again::Gone) };
        let send = self.hand_out(message, attempt, false, now).await?;
        Ok(send.map_or(Again::Gone, |send| Again::Send(Box::new(send))))
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
        retry(|| self.store_accepted(id, sid, status, now)).await
    }

    async fn store_accepted(
        &self,
        id: MessageId,
        sid: &str,
        status: DeliveryStatus,
        now: DateTime<Utc>,
    ) -> Result<MessageRow> {
        let mut tx = self.pool.begin().await?;
        lock_sid(&mut tx, sid).await?;
        let mut progress = Progress::lock(&mut tx, id).await?.ok_or(Error::UnknownMessage)?;
        progress.answered(&mut tx, Some(sid), status, None, None, now).await?;
        progress.report_early_callbacks(&mut tx, sid).await?;

        // A program that watches the same account may have stored a row of its own under this SID; then that one keeps it.
        let taken = sqlx::query_scalar!(
            r#"select exists (select from messages where twilio_sid = $1 and id <> $2) as "taken!""#,
            sid,
            id.0,
        )
        .fetch_one(&mut *tx)
        .await?;
        if taken {
            tracing::warn!(message = %id, "another row has this text's SID already");
        }
        let message = progress.save(&mut tx, (!taken).then_some(sid)).await?;
        tx.commit().await?;
        Ok(message)
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
        retry(|| self.store_refused(id, attempt, code, explanation, now)).await
    }

    async fn store_refused(
        &self,
        id: MessageId,
        attempt: i32,
        code: Option<i32>,
        explanation: &str,
        now: DateTime<Utc>,
    ) -> Result<MessageRow> {
        let mut tx = self.pool.begin().await?;
        let mut progress = Progress::lock(&mut tx, id).await?.ok_or(Error::UnknownMessage)?;
        let ours = sqlx::query_scalar!(
            r#"select exists (select from sends where message_id = $1 and attempt = $2) as "ours!""#,
            id.0,
            attempt,
        )
        .fetch_one(&mut *tx)
        .await?;
        if !ours || progress.has_left() {
            return Ok(progress.into_message());
        }
        progress.answered(&mut tx, None, DeliveryStatus::Failed, code, Some(explanation), now).await?;
        let message = progress.save(&mut tx, None).await?;
        tx.commit().await?;
        Ok(message)
    }

    /// Twilio certainly did not take the text: hand it out again at `at`. False when `attempt` is out of date.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_retry(&self, id: MessageId, attempt: i32, at: DateTime<Utc>) -> Result<bool> {
        self.put_back(id, attempt, at, false).await
    }

    /// Nobody can say whether Twilio took the text: hand it out at `look_at` to be looked up, and show it as in doubt.
    /// False when `attempt` is out of date.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_unknown(&self, id: MessageId, attempt: i32, look_at: DateTime<Utc>) -> Result<bool> {
        self.put_back(id, attempt, look_at, true).await
    }

    async fn put_back(&self, id: MessageId, attempt: i32, at: DateTime<Utc>, in_doubt: bool) -> Result<bool> {
        let mut tx = self.pool.begin().await?;
        // The text before its place in the work list: everybody locks them in this order.
        show_doubt(&mut tx, id, attempt, in_doubt).await?;
        let done = sqlx::query!(
            "update sends set state = case when $4 then 'unknown' else 'queued' end, next_at = $3, lease_until = null
             where message_id = $1 and attempt = $2",
            id.0,
            attempt,
            at,
            in_doubt,
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Which of these SIDs belong to a stored text. A text that is looked up is never taken for one that is known already.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn known_sids(&self, sids: &[String]) -> Result<HashSet<String>> {
        let sids: Vec<String> = sids.iter().filter(|sid| !has_nul(sid)).cloned().collect();
        let known =
            sqlx::query_scalar!(r#"select twilio_sid as "sid!" from messages where twilio_sid = any ($1)"#, &sids,)
                .fetch_all(&self.pool)
                .await?;
        Ok(known.into_iter().collect())
    }

    /// How many texts are on their way out.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn sends_waiting(&self) -> Result<i64> {
        Ok(sqlx::query_scalar!(r#"select count(*) as "waiting!" from sends"#).fetch_one(&self.pool).await?)
    }

    async fn message_and_contact(&self, id: MessageId) -> Result<Option<(MessageRow, ContactRow)>> {
        let row = sqlx::query!(
            r#"select to_jsonb(m) as "message!", to_jsonb(c) as "contact!"
               from messages m join contacts c on c.id = m.contact_id where m.id = $1"#,
            id.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| Ok((rows::message(row.message)?, rows::contact(row.contact)?))).transpose()
    }

    async fn refuse(&self, id: MessageId, attempt: i32, refusal: Refusal, now: DateTime<Utc>) -> Result<MessageRow> {
        self.record_refused(id, attempt, refusal.twilio_code(), &refusal.to_string(), now).await
    }

    /// Completes a claim. One whose account is broken is put back, so that it holds up nobody else's.
    async fn hand_out(
        &self,
        message: MessageRow,
        attempt: i32,
        started_before: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<Send>> {
        let id = message.id;
        let account = self.twilio_account(message.workspace_id).await;
        let usable = match account {
            Ok(account) => account.filter(TwilioAccount::can_send),
            Err(Error::Key(error)) => {
                tracing::error!(message = %id, %error, "a text waits because its account's token cannot be opened");
                None
            }
            Err(error) => return Err(error),
        };
        let Some((account, from)) = usable.zip(message.from_number.clone().map(SendFrom::from_column)) else {
            let later = now + BROKEN_ACCOUNT_PAUSE;
            if started_before {
                self.record_unknown(id, attempt, later).await?;
            } else {
                self.record_retry(id, attempt, later).await?;
            }
            return Ok(None);
        };
        Ok(Some(Send { message, from, account, attempt, started_before }))
    }
}

fn ask_gate(message: &MessageRow, contact: &ContactRow) -> Result<(), Refusal> {
    gate::check(Outgoing {
        to: &contact.phone,
        content: &message.content,
        media: message.media.len(),
        opted_out: contact.opted_out_at.is_some(),
    })
}

/// Tells every desktop whether a text is in doubt, as long as the attempt that found out is the latest.
async fn show_doubt(tx: &mut PgConnection, id: MessageId, attempt: i32, in_doubt: bool) -> Result<()> {
    sqlx::query!(
        "update messages m set in_doubt = $3
         where m.id = $1 and m.in_doubt <> $3 and m.twilio_sid is null
           and exists (select from sends s where s.message_id = m.id and s.attempt = $2)",
        id.0,
        attempt,
        in_doubt,
    )
    .execute(tx)
    .await?;
    Ok(())
}
