//! Texts and their files: `POST /sms/send-sms`, `send_message`, what was called off or happened to one, and `POST /media`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    contact::ContactRow,
    ids::{ContactId, FileId, UserId, WorkspaceId},
    message::MessageRow,
};

/// Body of `POST /sms/send-sms`, and payload of `send_message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendSms {
    /// The team that sends.
    pub workspace_id: WorkspaceId,
    /// Whom to.
    pub contact_id: ContactId,
    /// The text; may be empty when there are files.
    #[serde(default)]
    pub message: String,
    /// Public addresses of files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media_urls: Vec<String>,
    /// The sender's own id for it, up to 200 characters. When it is a UUID, it becomes the message's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// When it is to leave; at once when missing. RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<DateTime<Utc>>,
    /// For a text that leaves later: whether it is called off when the contact writes first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancel_on_reply: bool,
}

/// Answer to [`SendSms`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendSmsReply {
    /// Always true.
    pub success: bool,
    /// The stored row.
    pub message: MessageRow,
    /// Twilio's id for it.
    pub twilio_sid: Option<String>,
}

/// Answer to `POST /messages/{id}/cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanceledReply {
    /// Always true.
    pub success: bool,
    /// The text as it stands: called off.
    pub message: MessageRow,
}

/// Answer to `POST /media`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadReply {
    /// The file.
    pub id: FileId,
    /// What `mediaUrls` of [`SendSms`] take. Whoever has it may fetch the file, for a while.
    pub url: String,
}

/// Answer to `GET /media/link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaLink {
    /// Good for a while, for whoever has it.
    pub url: String,
    /// The MIME type of the content.
    pub content_type: String,
}

/// Answer to `GET /messages/{id}/ledger`: everything that is known to have happened to a text, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerReply {
    /// The text as it stands.
    pub message: MessageRow,
    /// What led to it. Never shortened.
    pub entries: Vec<LedgerEntry>,
}

/// One attempt, callback or decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerEntry {
    /// When we heard of it.
    pub at: DateTime<Utc>,
    /// `callback`; how an attempt ended: `accepted`, `refused`, `rate_limited`, `queue_full`, `unreachable`, `unknown`; or what
    /// somebody decided: `retried`, `canceled`, `expired`.
    pub kind: String,
    /// Which attempt it belongs to, from 1 on, where that is known.
    pub attempt: Option<i32>,
    /// The status that it reports, in Twilio's words.
    pub status: String,
    /// Twilio's id of the attempt.
    pub twilio_sid: Option<String>,
    /// Twilio's error code as it came.
    pub code: Option<i32>,
    /// The same in plain words, and what to do.
    pub explanation: Option<String>,
    /// `agent`, `admin`, `carrier`, `contact` or `twilio`, where something is wrong.
    pub who_can_fix: Option<String>,
    /// The member who decided it.
    pub by: Option<UserId>,
}

/// Payload of `new_message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessage {
    /// The text.
    pub message: MessageRow,
    /// Its contact, as it stands after the text.
    pub contact: ContactRow,
    /// The contact's id once more, as dashboards expect it.
    #[serde(rename = "contactId")]
    pub contact_id: ContactId,
}
