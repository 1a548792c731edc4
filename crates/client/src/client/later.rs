//! Texts for later: written here, kept by the team's server until their time.
//!
//! One goes to the server as soon as it can, since this machine may be off when its time comes; from then on the server is asked for every
//! change. Which of them wait is answered from here.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::{AttachmentId, ContactId, MessageId};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Client;
use crate::{
    Result,
    error::Error,
    upstream::answer::CallError,
    view::{Later, Message, Reschedule},
};

/// The server takes no time that is further away.
const FURTHEST: TimeDelta = TimeDelta::days(365);

impl Client {
    /// Queues a text that is to leave at a time, with files of the conversation's draft. It is on disk when this returns; the answer is the
    /// bubble to show.
    ///
    /// # Errors
    /// As of [`Client::send_with`]; [`Error::NotAllowed`] for a time that is over.
    pub async fn send_later(
        &self,
        contact_id: ContactId,
        text: String,
        files: &[AttachmentId],
        later: Later,
    ) -> Result<Message> {
        self.check_time(later.send_at)?;
        self.queue(None, contact_id, text, files, Some(later)).await
    }

    /// The texts to a contact that wait for their time, here or on the server, the next one first.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn scheduled(&self, contact_id: ContactId) -> Result<Vec<Message>> {
        let core = self.core();
        core.inbox().later(contact_id, core.me()?).await
    }

    /// Gives a text that waits on the server another time or other words, or has it leave at once. Waits for the server.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for a time that is over; [`Error::CannotChange`] with the server's reason, [`Error::Unreachable`], [`Error::SignedOut`].
    pub async fn reschedule(&self, id: MessageId, change: Reschedule) -> Result<()> {
        let body = match change {
            Reschedule::At { send_at } => {
                self.check_time(send_at)?;
                json!({ "sendAt": send_at })
            }
            Reschedule::Words { text } => json!({ "message": text }),
            Reschedule::Now => json!({ "sendNow": true }),
        };
        self.ask_to_change(id, &body).await
    }

    /// As the server does, in words for an agent.
    fn check_time(&self, at: DateTime<Utc>) -> Result<()> {
        let ahead = at - self.core().now();
        if ahead <= TimeDelta::zero() {
            return Err(Error::NotAllowed("This time has passed. Choose another one."));
        }
        if ahead > FURTHEST {
            return Err(Error::NotAllowed("A text can wait for a year at most. Choose another time."));
        }
        Ok(())
    }

    async fn ask_to_change(&self, id: MessageId, body: &Value) -> Result<()> {
        let core = self.core();
        core.me()?;
        let answer = core.call(|caller| async move { caller.reschedule(id, body).await }).await;
        // What became of it is in the feed, whatever the answer.
        core.check_sync.notify_one();
        answer.map_err(|error| match error {
            CallError::Said { status, body, .. } if is_about_the_text(status) => {
                Error::CannotChange(body.explanation.unwrap_or(body.error))
            }
            error => error.into_error(&core.server()),
        })
    }
}

fn is_about_the_text(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY)
}
