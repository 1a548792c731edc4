//! One attempt to hand one claimed text to Twilio, and writing down what came of it.
//!
//! Run by the sender for a fresh text and by the worker for a due one. Whatever happens, the text's row in the work list says
//! afterwards what to do next; if this process dies on the way, the lease runs out and the text is looked up.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::MessageId,
    message::{Media, MessageRow},
};
use deskline_store::{Accepted, Again, PutBack, Send, SendFrom, Setback};
use deskline_twilio::{From, Message, NewMessage, RetryKind, explain};
use url::Url;

use super::{HeldUp, Sender, reconcile};
use crate::{auth::time_delta, edge, metrics::Metrics, together::Panicked};

/// What came of an attempt.
pub(super) enum Attempt {
    /// Twilio took it or refused it: the row says which.
    Settled(Box<MessageRow>),
    /// It is kept for later.
    Later(Later),
    /// Somebody else has it.
    Gone,
}

/// A text that is kept.
pub(super) struct Later {
    pub(super) why: Setback,
    pub(super) code: Option<i32>,
    pub(super) explanation: String,
}

impl Later {
    /// Whether the wait is one that a request stays for: Twilio said how long, or that it is only a matter of time.
    pub(super) const fn is_waited_out(&self) -> bool {
        matches!(self.why, Setback::RateLimited | Setback::QueueFull)
    }
}

impl Sender {
    /// Looks the text up if it may have left before, sends it otherwise, and records the outcome.
    pub(super) async fn run_attempt(&self, send: Send) -> deskline_store::Result<Attempt> {
        let (contact, id) = (send.message.contact_id, send.message.id);
        let outcome = self.look_or_send(send).await;
        {
            let mut held_up = self.held_up.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match &outcome {
                Ok(Attempt::Later(later)) if !later.is_waited_out() => {
                    held_up.insert(contact, HeldUp { id, code: later.code, explanation: later.explanation.clone() });
                }
                _ => drop(held_up.remove(&contact)),
            }
        }
        // Nobody waiting is no error.
        let _ = self.moved.send(contact);
        self.due.notify_one();
        outcome
    }

    async fn look_or_send(&self, send: Send) -> deskline_store::Result<Attempt> {
        let send = if send.started_before {
            match reconcile::look(&self.store, &self.clients.of(&send.account), &send, self.timers.retry_base).await? {
                reconcile::Found::Taken(message) => return self.accepted(send.message.id, &message, "found").await,
                reconcile::Found::NotThere => {
                    match self.store.claim_again(send.message.id, send.attempt, self.now(), self.timers.lease()).await?
                    {
                        Again::Send(again) => *again,
                        Again::Refused(message) => return Ok(Attempt::Settled(message)),
                        Again::Gone => return Ok(Attempt::Gone),
                    }
                }
                reconcile::Found::CannotTell(error) => return self.failed(&send, &error, true).await,
            }
        } else {
            send
        };
        let request = self.request(&send).await?;
        if !self.is_in_time(&send).await? {
            return Ok(Attempt::Gone);
        }
        match self.clients.of(&send.account).create_message(&request).await {
            Ok(message) => self.accepted(send.message.id, &message, "accepted").await,
            Err(error) => self.failed(&send, &error, false).await,
        }
    }

    /// Whether Twilio's answer will be here while the text is ours. It may have taken long to come so far: a lock that somebody held, a
    /// database under load, a machine that slept. Then another process may be about to send it.
    async fn is_in_time(&self, send: &Send) -> deskline_store::Result<bool> {
        let now = self.now();
        if send.lease_until - now >= time_delta(self.timers.twilio_timeout) {
            return Ok(true);
        }
        self.store.renew(send.message.id, send.attempt, now, self.timers.lease()).await
    }

    async fn request(&self, send: &Send) -> deskline_store::Result<NewMessage> {
        Ok(NewMessage {
            to: send.message.to_number.clone().unwrap_or_default(),
            from: match &send.from {
                SendFrom::Number(number) => From::Number(number.clone()),
                SendFrom::MessagingService(sid) => From::MessagingService(sid.clone()),
            },
            body: send.message.content.clone(),
            media_urls: self.media_urls(&send.message).await?,
            status_callback: Url::parse(&format!("{}/twilio/status?message={}", self.public_url, send.message.id)).ok(),
        })
    }

    /// Where Twilio finds the files. A link to one of ours may be over by now, and is made anew for the files that this text holds.
    async fn media_urls(&self, message: &MessageRow) -> deskline_store::Result<Vec<String>> {
        let ours = if message.media.iter().any(|file| self.links.leads_here(&file.url)) {
            self.store.files_of_message(message.id).await?
        } else {
            Vec::new()
        };
        let url = |(position, file): (i32, &Media)| match ours.iter().find(|(place, _)| *place == position) {
            Some((_, id)) if self.links.leads_here(&file.url) => self.links.for_twilio(*id, edge::now()).url,
            _ => file.url.clone(),
        };
        Ok((0..).zip(&message.media).map(url).collect())
    }

    /// Twilio has it. Written down with some patience: what is not written down has to be looked up.
    async fn accepted(&self, id: MessageId, message: &Message, how: &'static str) -> deskline_store::Result<Attempt> {
        Metrics::count(&self.metrics.outbound, how);
        let failure = message.error_code.map(|code| (code, explain(code).text.to_owned()));
        let mut wait = Duration::from_millis(100);
        loop {
            let accepted = Accepted {
                id,
                sid: message.sid.clone(),
                status: message.status,
                failure: failure.clone(),
                now: self.now(),
            };
            let written = match self.accepted.ask(accepted.clone()).await {
                Ok(written) => written,
                // Another text's fault, perhaps: once more without the others.
                Err(Panicked) => self.store.record_accepted_all(&[accepted]).await.remove(0),
            };
            match written {
                Ok(row) => return Ok(Attempt::Settled(Box::new(row))),
                Err(error) if error.is_unavailable() && wait < Duration::from_secs(10) => {
                    tracing::warn!(message = %id, "Twilio took a text, but the database cannot be reached to write that down");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn failed(
        &self,
        send: &Send,
        error: &deskline_twilio::Error,
        looking: bool,
    ) -> deskline_store::Result<Attempt> {
        let (id, now) = (send.message.id, self.now());
        let explanation = error.explanation().text;
        let (why, retry_after) = match error.retry_kind() {
            // Whatever went wrong while looking: the text itself is as unknown as before.
            RetryKind::Rate { retry_after } | RetryKind::QueueFull { retry_after } if looking => {
                (Setback::Unknown, retry_after)
            }
            _ if looking => (Setback::Unknown, None),
            RetryKind::Refused => {
                Metrics::count(&self.metrics.outbound, "refused");
                tracing::info!(message = %id, code = error.code(), "Twilio refused a text");
                let row = self.store.record_refused(id, send.attempt, error.code(), explanation, now).await?;
                return Ok(Attempt::Settled(Box::new(row)));
            }
            RetryKind::Rate { retry_after } => (Setback::RateLimited, retry_after),
            RetryKind::QueueFull { retry_after } => (Setback::QueueFull, retry_after),
            RetryKind::Transient => (Setback::Unreachable, None),
            RetryKind::Unknown => (Setback::Unknown, None),
        };
        Metrics::count(&self.metrics.outbound, why.as_str());
        let again_at = match why {
            // The whole sender waits, and the text keeps its place among the others.
            Setback::RateLimited | Setback::QueueFull => {
                self.hold(&send.account.account_sid, send.from.as_str(), why, retry_after).await?;
                now
            }
            Setback::Unreachable | Setback::Unknown => {
                let backoff = || self.backoff(send.attempt, edge::fraction());
                now + time_delta(retry_after.unwrap_or_else(backoff))
            }
        };
        tracing::warn!(message = %id, attempt = send.attempt, error = %error, why = why.as_str(), again = %again_at.format("%T%.3f"), "a text is kept for later");
        let back = PutBack { id, attempt: send.attempt, why, code: error.code(), explanation, now, again_at };
        self.store.put_back(&back).await?;
        Ok(Attempt::Later(Later { why, code: error.code(), explanation: explanation.to_owned() }))
    }

    /// Doubles with each attempt, up to a cap, with jitter so that texts that failed together do not come back together.
    pub(super) fn backoff(&self, attempt: i32, fraction: f64) -> Duration {
        let doublings = u32::try_from(attempt.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
        let wait = self.timers.retry_base.saturating_mul(1 << doublings).min(self.timers.retry_cap / 2);
        wait + wait.mul_f64(fraction)
    }
}

/// From when on Twilio may have taken a text that was first stored at this time. Their clock and ours may differ.
pub(super) fn earliest(stored_at: DateTime<Utc>) -> DateTime<Utc> {
    stored_at - chrono::TimeDelta::minutes(5)
}
