//! Sending a text: store row first, then Twilio, then the SID.
//!
//! Called by `POST /sms/send-sms`, by the socket and by a retry; texts that did not leave at once, and those whose time comes, are
//! seen to by [`worker`]. An attempt itself is `deskline_sending`'s, which a desktop that works directly uses too. Each runs in a task of its own, so that a client that hangs up does not leave a text half sent.
//! Several processes share the work list in Postgres and go by its clock: each attempt holds a lease there, and an attempt that may
//! have reached Twilio is looked up before it is repeated.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{ContactId, MessageId, UserId, WorkspaceId},
    message::MessageRow,
    protocol::{SendSms, SendSmsReply},
};
use deskline_sending::{Attempt, Clock, failure_of};
use deskline_store::{Accepted, Later, NewOutbound, Outbound, OutboundError, Resend, Setback, Store};
use tokio::{
    sync::{Notify, broadcast},
    time::{Instant, timeout_at},
};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use self::clients::Clients;
use crate::{
    config::{Config, Timers},
    error::{ApiError, NotSent},
    media::links::Links,
    metrics::Metrics,
    together::Together,
};

mod clients;
mod office;
pub mod worker;

/// Transactions of one kind at the same time: one is filled while another one commits.
const TRANSACTIONS: usize = 2;
/// Texts in one transaction.
const MOST: usize = 32;
/// A text that waits for its turn or for another process is looked at this often.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Sends texts.
pub struct Sender {
    store: Store,
    /// First steps, and third ones that went well: many in one transaction while many wait.
    stored: Together<NewOutbound, Result<Outbound, OutboundError>>,
    accepted: Together<Accepted, deskline_store::Result<MessageRow>>,
    clients: Clients,
    clock: Arc<Clock>,
    public_url: String,
    links: Links,
    timers: Timers,
    metrics: Arc<Metrics>,
    /// Rung when something may be due.
    due: Notify,
    /// Tells whoever waits that something happened to a contact's texts.
    moved: broadcast::Sender<ContactId>,
    /// Contacts whose oldest text cannot leave at the moment, and why: what waits behind it need not wait for long.
    held_up: Mutex<HashMap<ContactId, HeldUp>>,
    attempts: TaskTracker,
}

#[derive(Clone)]
struct HeldUp {
    /// The text that cannot leave. Another process may have sent it since.
    id: MessageId,
    code: Option<i32>,
    explanation: String,
}

impl Sender {
    /// Ready to send. Connects to nothing yet.
    ///
    /// # Errors
    /// A secret key that is none.
    pub fn new(store: Store, config: &Config, metrics: Arc<Metrics>, clock: Arc<Clock>) -> anyhow::Result<Self> {
        let (storing, accepting) = (store.clone(), store.clone());
        Ok(Self {
            store,
            stored: Together::start(TRANSACTIONS, MOST, move |texts: Vec<NewOutbound>| {
                let store = storing.clone();
                async move { store.record_outbound_all(&texts).await }
            }),
            accepted: Together::start(TRANSACTIONS, MOST, move |accepted: Vec<Accepted>| {
                let store = accepting.clone();
                async move { store.record_accepted_all(&accepted).await }
            }),
            clients: Clients::new(config.twilio_url.clone(), config.timers.twilio_timeout),
            clock,
            public_url: config.public_url.as_str().trim_end_matches('/').to_owned(),
            links: Links::new(config)?,
            timers: config.timers,
            metrics,
            due: Notify::new(),
            moved: broadcast::channel(1_024).0,
            held_up: Mutex::default(),
            attempts: TaskTracker::new(),
        })
    }

    /// Every step, in a task that outlives its caller: whoever hangs up meanwhile leaves no text that is claimed and not sent.
    ///
    /// # Errors
    /// As of [`Sender::store`] and [`Sender::finish`].
    pub async fn send(self: &Arc<Self>, request: SendSms, by: UserId, id: MessageId) -> Result<SendSmsReply, ApiError> {
        let sender = self.clone();
        let steps = async move {
            let outbound = sender.store(&request, by, id).await?;
            sender.finish(outbound).await
        };
        tokio::spawn(steps.in_current_span()).await.unwrap_or_else(|died| Err(ApiError::Internal(died.into())))
    }

    /// First step: stores the text, or finds out that it is a repeat. Texts of one contact leave in the order of this step.
    ///
    /// # Errors
    /// Everything that the contract answers before Twilio is asked. Nothing is stored then.
    pub async fn store(&self, request: &SendSms, by: UserId, id: MessageId) -> Result<Outbound, ApiError> {
        let outbound = NewOutbound {
            id,
            workspace_id: request.workspace_id,
            contact_id: request.contact_id,
            content: request.message.clone(),
            media_urls: request.media_urls.clone(),
            client_id: request.client_id.clone(),
            sent_by: Some(by),
            later: request.send_at.map(|send_at| Later { send_at, cancel_on_reply: request.cancel_on_reply }),
            now: self.now(),
            lease: self.timers.lease(),
        };
        Ok(self.stored.ask(outbound).await??)
    }

    /// First step for a text that has failed: puts it into the line again, with its old attempt on record.
    ///
    /// # Errors
    /// 409 for a text that did not fail; otherwise as of [`Sender::store`]. Nothing is changed then.
    pub async fn store_again(
        &self,
        workspace_id: WorkspaceId,
        id: MessageId,
        by: UserId,
    ) -> Result<Outbound, ApiError> {
        let resend = Resend { workspace_id, id, by, now: self.now(), lease: self.timers.lease() };
        Ok(self.store.resend(&resend).await?)
    }

    /// The database's time, by which every process decides when a text is due.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A text of this contact was called off: whoever waits for it hears so, and the next one may leave.
    pub fn called_off(&self, contact: ContactId) {
        // Nobody waiting is no error.
        let _ = self.moved.send(contact);
        self.ring();
    }

    /// Something may have become due.
    pub fn ring(&self) {
        self.due.notify_one();
    }

    /// Twilio has dropped a text because too many wait in its sender's queue: what follows waits a while.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue_is_full(&self, account_sid: &str, sender: &str) -> deskline_store::Result<()> {
        deskline_sending::hold(self, account_sid, sender, Setback::QueueFull, None).await.map(drop)
    }

    /// Second and third step: hands the text to Twilio, and answers once it is known what became of it.
    ///
    /// # Errors
    /// [`ApiError::NotSent`], with the text as it stands: 422 when it will not leave, 502 when it is kept and tried again.
    pub async fn finish(self: &Arc<Self>, outbound: Outbound) -> Result<SendSmsReply, ApiError> {
        match outbound {
            Outbound::Claimed(send) => {
                let message = send.message.clone();
                match self.attempt(*send).await? {
                    Attempt::Settled(message) => settled(*message),
                    Attempt::Later(later) if later.is_waited_out() => self.wait_for(message).await,
                    Attempt::Later(later) => Err(kept(later.code, later.explanation, message)),
                    Attempt::Gone => self.wait_for(message).await,
                }
            }
            Outbound::Behind(message) => {
                // Its sender may just come back from a hold, and then the worker alone lets texts leave.
                self.ring();
                self.wait_for(*message).await
            }
            Outbound::Repeat(message) => self.wait_for(*message).await,
            Outbound::Scheduled(message) => {
                self.ring();
                settled(*message)
            }
        }
    }

    /// Runs an attempt in a task that outlives its caller.
    async fn attempt(self: &Arc<Self>, send: deskline_store::Send) -> Result<Attempt, ApiError> {
        let sender = self.clone();
        let task = self.attempts.spawn(async move { sender.run_attempt(send).await });
        match task.await {
            Ok(outcome) => Ok(outcome?),
            Err(died) => Err(ApiError::Internal(died.into())),
        }
    }

    /// Hands a text to Twilio, and tells whoever waits behind it.
    async fn run_attempt(&self, send: deskline_store::Send) -> deskline_store::Result<Attempt> {
        let (contact, id) = (send.message.contact_id, send.message.id);
        let outcome = deskline_sending::attempt(self, send).await;
        {
            let mut held_up = self.held_up.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Waits until somebody else has sent this text, or it is clear that it will take longer.
    async fn wait_for(&self, mut message: MessageRow) -> Result<SendSmsReply, ApiError> {
        let mut moved = self.moved.subscribe();
        let deadline = Instant::now() + self.timers.send_patience;
        loop {
            let waits_for_nobody = matches!(message.status, DeliveryStatus::Scheduled | DeliveryStatus::Canceled);
            if message.twilio_sid.is_some() || message.status.is_failure() || waits_for_nobody {
                return settled(message);
            }
            if let Some(HeldUp { code, explanation, .. }) = self.held_up(message.contact_id).await? {
                return Err(kept(code, explanation, message));
            }
            if Instant::now() >= deadline {
                let explanation = "This text waits for earlier ones to leave, or for Twilio. It goes out by itself.";
                return Err(kept(None, explanation.to_owned(), message));
            }
            let next_look = deadline.min(Instant::now() + LOOK_EVERY);
            // Whether rung, late or lagging behind: the row says what is so.
            let _ = timeout_at(next_look, async {
                while moved.recv().await.is_ok_and(|contact| contact != message.contact_id) {}
            })
            .await;
            message = self.store.message(message.workspace_id, message.id).await?.ok_or(ApiError::MessageNotFound)?;
        }
    }

    /// What holds a contact's texts up, as far as this process has seen it and it is still so.
    async fn held_up(&self, contact: ContactId) -> Result<Option<HeldUp>, ApiError> {
        let held_up = self.held_up.lock().unwrap_or_else(PoisonError::into_inner).get(&contact).cloned();
        let Some(held_up) = held_up else { return Ok(None) };
        if self.store.is_kept(held_up.id).await? {
            return Ok(Some(held_up));
        }
        // Somebody is at it, or it has left.
        let mut all = self.held_up.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(&contact).is_some_and(|latest| latest.id == held_up.id) {
            all.remove(&contact);
        }
        Ok(None)
    }

    /// Waits for attempts that are under way, but not for ever.
    pub async fn drain(&self, patience: Duration) {
        self.attempts.close();
        if tokio::time::timeout(patience, self.attempts.wait()).await.is_err() {
            tracing::warn!(
                attempts = self.attempts.len(),
                "texts were still on their way to Twilio; they are looked up later"
            );
        }
    }
}

/// The answer for a text whose fate is known.
fn settled(message: MessageRow) -> Result<SendSmsReply, ApiError> {
    match failure_of(&message) {
        Some((code, explanation)) => Err(ApiError::NotSent(Box::new(NotSent {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code,
            explanation,
            message: Some(message),
        }))),
        None => Ok(SendSmsReply { success: true, twilio_sid: message.twilio_sid.clone(), message }),
    }
}

/// The answer for a text that is stored and goes out later.
fn kept(code: Option<i32>, explanation: String, message: MessageRow) -> ApiError {
    ApiError::NotSent(Box::new(NotSent { status: StatusCode::BAD_GATEWAY, code, explanation, message: Some(message) }))
}
