//! The line of texts on their way out: taking a place in it, being handed out, and leaving it.
//!
//! Driven by the server's sender; how an attempt ended is in `outcomes`. A row exists from [`Store::record_outbound`] (or a retry,
//! or a set time that came) until Twilio took or refused the text. Only the oldest row of a contact is ever handed out, so texts
//! leave in the order in which they were written; the next one's turn starts when it has left, so that a contact with many texts
//! holds up nobody else's. Each hand-out has a number (`attempt`), and a verb that carries an old number changes nothing.

mod leave;
mod place;

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::ContactRow,
    gate::{self, Outgoing, Refusal},
    ids::MessageId,
    message::MessageRow,
};

use crate::{
    Result, SendFrom, Store, TwilioAccount,
    claims::{Claim, is_decided},
    rows::{self, has_nul},
};

use leave::show_doubt;

pub(crate) use leave::{leave, leave_all, postpone};
pub(crate) use place::{Place, segments_of, take_all};

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
    /// Until when it is the caller's. Whoever cannot be done with it by then asks [`Store::renew`] before asking Twilio.
    pub lease_until: DateTime<Utc>,
    /// Whether an earlier attempt may have reached Twilio. Then look it up first, and if it is not there ask
    /// [`Store::claim_again`] before sending.
    pub started_before: bool,
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
    /// Hands out texts that are due, at most one a contact, and of a sender with a limit or that comes back from a hold at most one a
    /// call: those to be sent, and those to be looked up. Call it until it hands out nothing. A text whose lease ended comes back as one
    /// to be looked up. Texts whose contact opted out meanwhile are stored as failed and not handed out; so are texts in doubt whose
    /// account was replaced.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn claim_due(&self, now: DateTime<Utc>, lease: Duration, limit: i64) -> Result<Vec<Send>> {
        loop {
            // A workspace without a working account keeps its texts until it has one. A sender's pace is taken from its row in
            // the same statement, so that two processes never take the same place in it.
            let claims = sqlx::query!(
                r#"
                with line as (
                  select l.message_id, l.account_sid, l.sender, l.segments, l.paced, l.paced or l.one_by_one as in_turn,
                         row_number() over (partition by l.account_sid, l.sender, l.state order by l.next_at, l.position) as turn
                  from sends_in_line l
                  where l.due_at <= $1
                ), due as (
                  select s.message_id
                  from sends s join line on line.message_id = s.message_id
                  where (not line.in_turn or line.turn = 1) and s.next_at <= $1 and (s.lease_until is null or s.lease_until <= $1)
                  order by s.next_at, s.position
                  limit $3
                  for update of s skip locked
                ), paced as (
                  update senders p
                  set free_at = greatest(p.free_at, $1 - interval '200 ms') + make_interval(secs => line.segments / p.segments_per_second)
                  from due join line on line.message_id = due.message_id
                  where line.paced and p.account_sid = line.account_sid and p.sender = line.sender and p.free_at <= $1
                  returning due.message_id
                )
                update sends s
                set attempt = s.attempt + 1, lease_until = $2, state = case s.state when 'queued' then 'sending' else 'unknown' end,
                    account_sid = case s.state when 'queued' then line.account_sid else s.account_sid end
                from due join line on line.message_id = due.message_id
                where s.message_id = due.message_id
                  and (not line.paced or exists (select from paced where paced.message_id = due.message_id))
                returning s.message_id, s.attempt, s.account_sid, s.state = 'unknown' as "started_before!"
                "#,
                now,
                now + lease,
                limit,
            )
            .fetch_all(&self.pool)
            .await?;

            let nothing_is_due = claims.is_empty();
            let mut sends = Vec::with_capacity(claims.len());
            for claim in claims {
                let claim = Claim {
                    id: MessageId(claim.message_id),
                    attempt: claim.attempt,
                    lease_until: now + lease,
                    started_before: claim.started_before,
                    looked_up: false,
                    account_sid: claim.account_sid,
                };
                sends.extend(self.complete(claim, now).await?);
            }
            if nothing_is_due || !sends.is_empty() {
                return Ok(sends);
            }
        }
    }

    /// When somebody will next have something to do: [`Store::claim_due`], or [`Store::start_scheduled`]. `None` when nothing waits.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(sqlx::query_scalar!(
            "select least((select min(due_at) from sends_in_line), (select min(send_at) from scheduled))"
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
        if is_decided(&message) {
            self.let_go(id, attempt, now).await?;
            return Ok(Again::Gone);
        }
        if let Err(refusal) = ask_gate(&message, &contact) {
            let message = self.refuse(id, attempt, refusal, now).await?;
            return Ok(if message.status.is_failure() { Again::Refused(Box::new(message)) } else { Again::Gone });
        }
        let mut tx = self.pool.begin().await?;
        show_doubt(&mut tx, id, attempt, false).await?;
        let again = sqlx::query!(
            "update sends set attempt = attempt + 1, state = 'sending', lease_until = $3
             where message_id = $1 and attempt = $2
             returning attempt, account_sid",
            id.0,
            attempt,
            now + lease,
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        let Some(again) = again else { return Ok(Again::Gone) };
        let claim = Claim {
            id,
            attempt: again.attempt,
            lease_until: now + lease,
            started_before: false,
            looked_up: true,
            account_sid: again.account_sid,
        };
        let send = self.hand_out(message, claim, now).await?;
        Ok(send.map_or(Again::Gone, |send| Again::Send(Box::new(send))))
    }

    /// Which of these SIDs belong to a stored text, or did before it was retried. A text that is looked up is never taken for one
    /// that is known already.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn known_sids(&self, sids: &[String]) -> Result<HashSet<String>> {
        let sids: Vec<String> = sids.iter().filter(|sid| !has_nul(sid)).cloned().collect();
        let known = sqlx::query_scalar!(r#"select sid as "sid!" from sids_known($1) sid"#, &sids,)
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

    pub(crate) async fn message_and_contact(&self, id: MessageId) -> Result<Option<(MessageRow, ContactRow)>> {
        let row = sqlx::query!(
            r#"select to_jsonb(m) as "message!", to_jsonb(c) as "contact!"
               from messages m join contacts c on c.id = m.contact_id where m.id = $1"#,
            id.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| Ok((rows::message(row.message)?, rows::contact(row.contact)?))).transpose()
    }

    pub(crate) async fn refuse(
        &self,
        id: MessageId,
        attempt: i32,
        refusal: Refusal,
        now: DateTime<Utc>,
    ) -> Result<MessageRow> {
        self.record_refused(id, attempt, refusal.twilio_code(), &refusal.to_string(), now).await
    }
}

pub(crate) fn ask_gate(message: &MessageRow, contact: &ContactRow) -> Result<(), Refusal> {
    gate::check(Outgoing {
        to: &contact.phone,
        content: &message.content,
        media: message.media.len(),
        opted_out: contact.opted_out_at.is_some(),
    })
}
