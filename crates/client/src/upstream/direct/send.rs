//! The three steps of sending, in this program: the row first, under the id that it had when Enter was pressed; then Twilio; then the SID.

use std::{sync::Arc, time::Duration};

use deskline_domain::{
    ids::MessageId,
    message::MessageRow,
    protocol::{ErrorBody, SendSms, SendSmsReply},
};
use deskline_sending::{Attempt, failure_of};
use deskline_store::{NewOutbound, Outbound, OutboundError};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Direct, needs_server, of_store, said};
use crate::upstream::answer::CallError;

/// How long to wait for a text that somebody else is sending, or that is behind others. Then it is in the line, and handed over.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Direct {
    /// As the server answers `POST /sms/send-sms`, and as often as one likes: the id decides.
    pub(crate) async fn send(&self, text: &SendSms) -> Result<SendSmsReply, CallError> {
        self.may(text.workspace_id)?;
        if !text.media_urls.is_empty() {
            return Err(needs_server("files go through the team's server"));
        }
        if text.send_at.is_some() {
            return Err(needs_server(super::LATER));
        }
        let id = text.client_id.as_deref().and_then(|id| id.parse::<MessageId>().ok());
        let id = id.ok_or_else(|| said(StatusCode::BAD_REQUEST, "clientId must be the text's own id"))?;
        // Whoever cannot even ask for the time has stored nothing.
        self.desk.read_clock().await.map_err(|error| of_store(error).before_anything())?;
        let outbound = NewOutbound {
            id,
            workspace_id: text.workspace_id,
            contact_id: text.contact_id,
            content: text.message.clone(),
            media_urls: Vec::new(),
            client_id: text.client_id.clone(),
            sent_by: Some(self.me),
            later: None,
            now: self.desk.now(),
            lease: self.desk.lease(),
        };
        match self.store().record_outbound(&outbound).await {
            Ok(Outbound::Claimed(send)) => {
                let stored = send.message.clone();
                match self.attempt(*send).await? {
                    Attempt::Settled(message) => settled(*message),
                    Attempt::Later(later) => Err(kept(later.code, later.explanation, stored)),
                    Attempt::Gone => self.wait_for(stored).await,
                }
            }
            Ok(Outbound::Behind(message) | Outbound::Repeat(message) | Outbound::Scheduled(message)) => {
                self.desk.ring();
                self.wait_for(*message).await
            }
            Err(error) => {
                let refusal = refused(error);
                // What a role may not see any more looks as if it were not there.
                if matches!(refusal, CallError::Said { .. }) {
                    self.still_may(text.workspace_id).await?;
                }
                Err(refusal)
            }
        }
    }

    /// In a task of its own: whoever asked may be cut off meanwhile.
    async fn attempt(&self, send: deskline_store::Send) -> Result<Attempt, CallError> {
        let desk = Arc::clone(&self.desk);
        let attempt = tokio::spawn(async move {
            let outcome = deskline_sending::attempt(&*desk, send).await;
            desk.ring();
            outcome
        });
        match attempt.await {
            Ok(outcome) => outcome.map_err(of_store),
            Err(_) => Err(CallError::NoAnswer { reason: "the program is closing".to_owned(), never_left: false }),
        }
    }

    async fn wait_for(&self, mut message: MessageRow) -> Result<SendSmsReply, CallError> {
        let end = Instant::now() + PATIENCE;
        loop {
            if message.twilio_sid.is_some() || failure_of(&message).is_some() {
                return settled(message);
            }
            if Instant::now() >= end {
                let why = "This text waits for earlier ones to leave, or for Twilio. It goes out by itself.";
                return Err(kept(None, why.to_owned(), message));
            }
            sleep(LOOK_EVERY).await;
            let found = self.store().message(message.workspace_id, message.id).await.map_err(of_store)?;
            message = found.ok_or_else(|| needs_server("the text cannot be seen any more"))?;
        }
    }
}

fn settled(message: MessageRow) -> Result<SendSmsReply, CallError> {
    match failure_of(&message) {
        Some((code, explanation)) => Err(not_sent(StatusCode::UNPROCESSABLE_ENTITY, code, explanation, Some(message))),
        None => Ok(SendSmsReply { success: true, twilio_sid: message.twilio_sid.clone(), message }),
    }
}

/// In the line, which this desktop and the server see to.
fn kept(code: Option<i32>, explanation: String, message: MessageRow) -> CallError {
    not_sent(StatusCode::BAD_GATEWAY, code, explanation, Some(message))
}

fn not_sent(status: StatusCode, code: Option<i32>, explanation: String, message: Option<MessageRow>) -> CallError {
    let body = ErrorBody {
        error: "Error sending SMS".to_owned(),
        code: code.map(Value::from),
        explanation: Some(explanation),
        message,
    };
    CallError::Said { status, body: Box::new(body), retry_after: None }
}

/// As the server says it.
fn refused(error: OutboundError) -> CallError {
    match error {
        OutboundError::Store(error) => of_store(error),
        OutboundError::Refused(refusal) => {
            not_sent(StatusCode::UNPROCESSABLE_ENTITY, refusal.twilio_code(), refusal.to_string(), None)
        }
        OutboundError::WrongState(why) => said(StatusCode::CONFLICT, why),
        error @ (OutboundError::ContactNotFound | OutboundError::MessageNotFound) => {
            said(StatusCode::NOT_FOUND, &error.to_string())
        }
        error => said(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}
