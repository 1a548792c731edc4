//! Whether a text that was handed out may still be sent, and from what: the gate, its account, its number, and what others did to it.
//!
//! Called by `sends` for what it hands out, and by the server's sender right before it asks Twilio. Never asks Twilio.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{delivery::DeliveryStatus, ids::MessageId, message::MessageRow};
use sqlx::PgConnection;

use crate::{
    Error, Result, Send, SendFrom, Store, TwilioAccount, senders,
    sends::{ask_gate, postpone},
    status::Progress,
    store::retry,
};

/// When a text is looked at again that cannot be handed out: somebody has to repair its account, or its row.
const BROKEN_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// For a text that may have left through an account that is no longer the workspace's: its list is closed to us.
const OTHER_ACCOUNT: &str = "Nobody can say whether this text has left: the workspace's Twilio account was replaced before Twilio had answered. \
     Look for it in the account that it was sent with, and send it again if it is not there.";

/// A text that was handed out just now, as the line knows it.
pub(crate) struct Claim {
    pub(crate) id: MessageId,
    pub(crate) attempt: i32,
    pub(crate) lease_until: DateTime<Utc>,
    /// Whether an earlier attempt may have reached Twilio.
    pub(crate) started_before: bool,
    /// Whether it was looked up since, and is not there.
    pub(crate) looked_up: bool,
    /// The account that this attempt, or the one in doubt, is made with.
    pub(crate) account_sid: Option<String>,
}

impl Store {
    /// Asks everybody about a text that was claimed. `None` when it is not handed out.
    pub(crate) async fn complete(&self, claim: Claim, now: DateTime<Utc>) -> Result<Option<Send>> {
        let (message, contact) = match self.message_and_contact(claim.id).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            Err(error @ Error::BadRow { .. }) => {
                tracing::error!(message = %claim.id, %error, "a text that is to be sent cannot be read");
                self.hand_back(claim.id, claim.attempt, now + BROKEN_PAUSE, claim.started_before).await?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        // One in doubt is looked up first, whatever they call it: it may have a SID to be followed by.
        if message.twilio_sid.is_some() || !claim.started_before && is_decided(&message) {
            self.let_go(claim.id, claim.attempt, now).await?;
            return Ok(None);
        }
        if !claim.started_before
            && let Err(refusal) = ask_gate(&message, &contact)
        {
            self.refuse(claim.id, claim.attempt, refusal, now).await?;
            return Ok(None);
        }
        self.hand_out(message, claim, now).await
    }

    /// Completes a claim. One whose account is broken is put back, so that it holds up nobody else's. One that is to be sent goes
    /// out from another number when its own was removed meanwhile; one that is looked up keeps what it may have left from.
    pub(crate) async fn hand_out(
        &self,
        mut message: MessageRow,
        claim: Claim,
        now: DateTime<Utc>,
    ) -> Result<Option<Send>> {
        let Claim { id, attempt, lease_until, started_before, looked_up, account_sid } = claim;
        let account = self.twilio_account(message.workspace_id).await;
        let usable = match account {
            Ok(account) => account.filter(TwilioAccount::can_send),
            Err(Error::Key(error)) => {
                tracing::error!(message = %id, %error, "a text waits because its account's token cannot be opened");
                None
            }
            Err(error) => return Err(error),
        };
        if let Some(account) = &usable
            && account_sid.as_ref() != Some(&account.account_sid)
        {
            if started_before || looked_up {
                self.give_up_in_doubt(id, attempt, now).await?;
            } else {
                // Replaced at this very moment, and nobody was asked yet.
                self.hand_back(id, attempt, now, false).await?;
            }
            return Ok(None);
        }
        let chosen = message.from_number.clone().map(SendFrom::from_column);
        let from = match &usable {
            Some(account) if !started_before => {
                let mut tx = self.pool.begin().await?;
                let from = senders::choose_again(&mut tx, id, chosen, account.messaging_service_sid.as_deref()).await?;
                tx.commit().await?;
                from
            }
            _ => chosen,
        };
        let Some((account, from)) = usable.zip(from) else {
            self.hand_back(id, attempt, now + BROKEN_PAUSE, started_before).await?;
            return Ok(None);
        };
        message.from_number = Some(from.as_str().to_owned());
        Ok(Some(Send { message, from, account, attempt, lease_until, started_before }))
    }

    /// Gives a hand-out that took long another `lease`, right before Twilio is asked. False when the text is somebody else's by now, or
    /// has left the line: then do nothing.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn renew(&self, id: MessageId, attempt: i32, now: DateTime<Utc>, lease: Duration) -> Result<bool> {
        let done = sqlx::query!(
            "update sends set lease_until = $3 where message_id = $1 and attempt = $2 and state = 'sending'",
            id.0,
            attempt,
            now + lease,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Whether a text waits in the line and nobody is sending it at this moment.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn is_kept(&self, id: MessageId) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from sends where message_id = $1 and state <> 'sending') as "kept!""#,
            id.0
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Takes a text out of the line that another program has decided about. What it shows stays.
    pub(crate) async fn let_go(&self, id: MessageId, attempt: i32, now: DateTime<Utc>) -> Result<()> {
        retry(|| async move {
            let mut tx = self.pool.begin().await?;
            if let Some(progress) = Progress::lock(&mut tx, id).await?
                && is_at(&mut tx, id, attempt).await?
            {
                tracing::warn!(message = %id, "another program has decided about a text that waited to be sent; it is let go");
                progress.save(&mut tx, None, now).await?;
                tx.commit().await?;
            }
            Ok(())
        })
        .await
    }

    /// Fails a text in doubt whose account cannot be asked any more: unknown outcomes are looked up, and not repeated elsewhere.
    pub(crate) async fn give_up_in_doubt(&self, id: MessageId, attempt: i32, now: DateTime<Utc>) -> Result<MessageRow> {
        tracing::warn!(message = %id, "a text in doubt cannot be looked up: the workspace has another account by now");
        self.record_refused(id, attempt, None, OTHER_ACCOUNT, now).await
    }

    /// Gives a hand-out back, to come up again at a time.
    pub(crate) async fn hand_back(
        &self,
        id: MessageId,
        attempt: i32,
        again_at: DateTime<Utc>,
        in_doubt: bool,
    ) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        postpone(&mut tx, id, attempt, again_at, in_doubt).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether another program has decided about a text that is in the line: whatever we put there is queued, and has no SID.
pub(crate) fn is_decided(message: &MessageRow) -> bool {
    message.twilio_sid.is_some() || message.status != DeliveryStatus::Queued
}

/// Whether this is the text's latest hand-out, and it is in the line.
pub(crate) async fn is_at(tx: &mut PgConnection, id: MessageId, attempt: i32) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from sends where message_id = $1 and attempt = $2) as "ours!""#,
        id.0,
        attempt,
    )
    .fetch_one(tx)
    .await?)
}
