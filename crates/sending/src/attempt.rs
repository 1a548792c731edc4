//! One attempt to hand one claimed text to Twilio, and writing down what came of it.
//!
//! Run for a fresh text and for one that the line handed out. Whatever happens, the text's row in the work list says afterwards what to do
//! next; if this process dies on the way, the lease runs out and the text is looked up.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{ids::MessageId, message::MessageRow};
use deskline_store::{Accepted, Again, Hold, PutBack, Result, Send, SendFrom, Setback};
use deskline_twilio::{Client, Error, From, Message, NewMessage, RetryKind, explain};

use crate::{Office, reconcile};

/// A text that another office has to send is left alone for so long.
const ELSEWHERE: TimeDelta = TimeDelta::minutes(1);

/// What came of an attempt.
#[derive(Debug)]
pub enum Attempt {
    /// Twilio took it or refused it: the row says which.
    Settled(Box<MessageRow>),
    /// It is kept for later.
    Later(Later),
    /// Somebody else has it.
    Gone,
}

/// A text that is kept.
#[derive(Clone, Debug)]
pub struct Later {
    /// Why.
    pub why: Setback,
    /// Twilio's code, where there was one.
    pub code: Option<i32>,
    /// The same in plain words.
    pub explanation: String,
}

impl Later {
    /// Whether the wait is one that a request stays for: Twilio said how long, or that it is only a matter of time.
    #[must_use]
    pub const fn is_waited_out(&self) -> bool {
        matches!(self.why, Setback::RateLimited | Setback::QueueFull)
    }
}

/// Looks the text up if it may have left before, sends it otherwise, and records the outcome.
///
/// # Errors
/// When the database fails: the text is looked up later.
pub async fn attempt(office: &impl Office, send: Send) -> Result<Attempt> {
    let send = if send.started_before {
        let client = match office.twilio(&send).await {
            Ok(client) => client,
            Err(why) => return leave_to_others(office, &send, why).await,
        };
        match reconcile::look(office.store(), &client, &send, office.pace().retry_base).await? {
            reconcile::Found::Taken(message) => return accepted(office, send.message.id, &message, "found").await,
            reconcile::Found::NotThere => {
                let (id, attempt, lease) = (send.message.id, send.attempt, office.pace().lease());
                match office.store().claim_again(id, attempt, office.now(), lease).await? {
                    Again::Send(again) => *again,
                    Again::Refused(message) => return Ok(Attempt::Settled(message)),
                    Again::Gone => return Ok(Attempt::Gone),
                }
            }
            reconcile::Found::CannotTell(error) => return failed(office, &send, &error, true).await,
        }
    } else {
        send
    };
    let client = match office.twilio(&send).await {
        Ok(client) => client,
        Err(why) => return leave_to_others(office, &send, why).await,
    };
    let request = request(office, &send).await?;
    if !is_in_time(office, &send, &client).await? {
        return Ok(Attempt::Gone);
    }
    match client.create_message(&request).await {
        Ok(message) => accepted(office, send.message.id, &message, "accepted").await,
        Err(error) => failed(office, &send, &error, false).await,
    }
}

/// Whether Twilio's answer will be here while the text is ours. It may have taken long to come so far: a lock that somebody held, a
/// database under load, a machine that slept. Then another process may be about to send it.
async fn is_in_time(office: &impl Office, send: &Send, client: &Client) -> Result<bool> {
    let now = office.now();
    if send.lease_until - now >= time_delta(client.timeout()) {
        return Ok(true);
    }
    office.store().renew(send.message.id, send.attempt, now, office.pace().lease()).await
}

async fn request(office: &impl Office, send: &Send) -> Result<NewMessage> {
    Ok(NewMessage {
        to: send.message.to_number.clone().unwrap_or_default(),
        from: match &send.from {
            SendFrom::Number(number) => From::Number(number.clone()),
            SendFrom::MessagingService(sid) => From::MessagingService(sid.clone()),
        },
        body: send.message.content.clone(),
        media_urls: office.media_urls(&send.message).await?,
        status_callback: office.status_callback(send.message.id),
    })
}

/// The text goes back into the line as it came out of it.
async fn leave_to_others(office: &impl Office, send: &Send, why: &'static str) -> Result<Attempt> {
    let setback = if send.started_before { Setback::Unknown } else { Setback::Unreachable };
    let (id, attempt, now) = (send.message.id, send.attempt, office.now());
    let back = PutBack { id, attempt, why: setback, code: None, explanation: why, now, again_at: now + ELSEWHERE };
    office.store().put_back(&back).await?;
    Ok(Attempt::Later(Later { why: setback, code: None, explanation: why.to_owned() }))
}

/// Twilio has it. Written down with some patience: what is not written down has to be looked up.
async fn accepted(office: &impl Office, id: MessageId, message: &Message, how: &'static str) -> Result<Attempt> {
    office.count(how);
    let failure = message.error_code.map(|code| (code, explain(code).text.to_owned()));
    let mut wait = Duration::from_millis(100);
    loop {
        let accepted = Accepted {
            id,
            sid: message.sid.clone(),
            status: message.status,
            failure: failure.clone(),
            now: office.now(),
        };
        match office.write_down(accepted).await {
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

async fn failed(office: &impl Office, send: &Send, error: &Error, looking: bool) -> Result<Attempt> {
    let (id, now) = (send.message.id, office.now());
    let explanation = error.explanation().text;
    let (why, retry_after) = match error.retry_kind() {
        // Whatever went wrong while looking: the text itself is as unknown as before.
        RetryKind::Rate { retry_after } | RetryKind::QueueFull { retry_after } if looking => {
            (Setback::Unknown, retry_after)
        }
        _ if looking => (Setback::Unknown, None),
        RetryKind::Refused => {
            office.count("refused");
            tracing::info!(message = %id, code = error.code(), "Twilio refused a text");
            let row = office.store().record_refused(id, send.attempt, error.code(), explanation, now).await?;
            return Ok(Attempt::Settled(Box::new(row)));
        }
        RetryKind::Rate { retry_after } => (Setback::RateLimited, retry_after),
        RetryKind::QueueFull { retry_after } => (Setback::QueueFull, retry_after),
        RetryKind::Transient => (Setback::Unreachable, None),
        RetryKind::Unknown => (Setback::Unknown, None),
    };
    office.count(why.as_str());
    let again_at = match why {
        // The whole sender waits, and the text keeps its place among the others.
        Setback::RateLimited | Setback::QueueFull => {
            hold(office, &send.account.account_sid, send.from.as_str(), why, retry_after).await?;
            now
        }
        Setback::Unreachable | Setback::Unknown => {
            now + time_delta(retry_after.unwrap_or_else(|| backoff(office, send.attempt)))
        }
    };
    tracing::warn!(message = %id, attempt = send.attempt, error = %error, why = why.as_str(), again = %again_at.format("%T%.3f"), "a text is kept for later");
    let back = PutBack { id, attempt: send.attempt, why, code: error.code(), explanation, now, again_at };
    office.store().put_back(&back).await?;
    Ok(Attempt::Later(Later { why, code: error.code(), explanation: explanation.to_owned() }))
}

/// Lets a sender wait, for as long as Twilio says or longer each time. Answers until when.
///
/// # Errors
/// When the database fails.
pub async fn hold(
    office: &impl Office,
    account_sid: &str,
    sender: &str,
    why: Setback,
    retry_after: Option<Duration>,
) -> Result<DateTime<Utc>> {
    let pace = office.pace();
    let hold = Hold {
        account_sid,
        sender,
        retry_after,
        base: if why == Setback::QueueFull { pace.queue_full_base } else { pace.retry_base },
        cap: pace.retry_cap / 2,
        jitter: office.jitter(),
        now: office.now(),
    };
    let until = office.store().hold_sender(&hold).await?;
    tracing::warn!(why = why.as_str(), until = %until.format("%T%.3f"), "a sender waits because Twilio asks it to");
    Ok(until)
}

/// Why a text has failed without ever leaving: Twilio's code, and a sentence.
#[must_use]
pub fn failure_of(message: &MessageRow) -> Option<(Option<i32>, String)> {
    if message.twilio_sid.is_some() || !message.status.is_failure() {
        return None;
    }
    let explanation = message.error_message.clone().unwrap_or_else(|| match message.error_code {
        Some(code) => explain(code).text.to_owned(),
        None => "This text was not sent.".to_owned(),
    });
    Some((message.error_code, explanation))
}

/// Doubles with each attempt, up to a cap, with jitter so that texts that failed together do not come back together.
fn backoff(office: &impl Office, attempt: i32) -> Duration {
    let pace = office.pace();
    let doublings = u32::try_from(attempt.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
    let wait = pace.retry_base.saturating_mul(1 << doublings).min(pace.retry_cap / 2);
    wait + wait.mul_f64(office.jitter())
}

/// From when on Twilio may have taken a text that was first stored at this time. Their clock and ours may differ.
pub(crate) fn earliest(stored_at: DateTime<Utc>) -> DateTime<Utc> {
    stored_at - TimeDelta::minutes(5)
}

/// A duration of ours as chrono counts it.
pub(crate) fn time_delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
