//! What the server and its clients say to each other over HTTP and Socket.IO.
//!
//! Spelled once, here; the server serialises these and the client reads them. Bodies are camelCase, rows snake_case.

mod activity;
mod direct;
mod drafts;
mod import;
mod session;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    contact::ContactRow,
    ids::{ContactId, FeedId, FileId, UserId, WorkspaceId},
    message::MessageRow,
    outlook::Ours,
    row::RawRow,
};

pub use activity::{Activity, ActivityTold, TellActivity};
pub use direct::{DirectAccess, TwilioKey};
pub use drafts::{DraftFile, DraftRow, DraftTold, DraftsReply, MAX_DRAFT, ReplySettings, SaveDraft, SavedDraft};
pub use import::{ImportOutcome, ImportReply, ImportedRow};
pub use session::{PasswordGrant, SessionReply, SessionUser, TokenReply, Workspace};

/// The version of everything here. Raised when an older desktop would misunderstand a newer server.
pub const PROTOCOL: u32 = 1;

/// The header in which a desktop says which [`PROTOCOL`] it speaks.
pub const PROTOCOL_HEADER: &str = "x-deskline-protocol";

/// Names of Socket.IO events.
pub mod event {
    /// To the server: a workspace id.
    pub const JOIN_WORKSPACE: &str = "join_workspace";
    /// To the server, from a Deskline desktop: [`super::FollowChanges`]; from then on it gets [`CHANGES`] instead of rows.
    pub const FOLLOW_CHANGES: &str = "follow_changes";
    /// To the server: [`super::SendSms`].
    pub const SEND_MESSAGE: &str = "send_message";
    /// To the server: `{messageId}` of a text that failed and is to be sent once more; answered as [`SEND_MESSAGE`] is.
    pub const RETRY_MESSAGE: &str = "retry_message";
    /// To the sender: [`super::SendSmsReply`].
    pub const MESSAGE_SENT: &str = "message_sent";
    /// To the sender: [`super::ErrorBody`].
    pub const MESSAGE_ERROR: &str = "message_error";
    /// To the room: a text that is new.
    pub const NEW_MESSAGE: &str = "new_message";
    /// To the room: a text that changed.
    pub const MESSAGE_UPDATED: &str = "message_updated";
    /// To the room: a contact that is new or changed.
    pub const CONTACT_UPDATED: &str = "contact_updated";
    /// To the server: [`super::TellActivity`], answered in the ack with [`super::JoinReply`]. To the room, but not back to the
    /// socket that it comes from: [`super::ActivityTold`].
    pub const ACTIVITY: &str = "activity";
    /// To the sockets of one user alone: [`super::DraftTold`].
    pub const DRAFT: &str = "draft";
    /// To desktops: hints of [`DRAFT`] may have been missed, so ask for all drafts. An empty object.
    pub const DRAFTS: &str = "drafts";
    /// To desktops: a [`crate::change::ChangePage`].
    pub const CHANGES: &str = "changes";
}

/// What a client may ask for over a socket. A server answers each of [`Ask::ALL`] and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// [`event::JOIN_WORKSPACE`]
    JoinWorkspace,
    /// [`event::FOLLOW_CHANGES`]
    FollowChanges,
    /// [`event::SEND_MESSAGE`]
    SendMessage,
    /// [`event::RETRY_MESSAGE`]
    RetryMessage,
    /// [`event::ACTIVITY`]
    Activity,
}

impl Ask {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::JoinWorkspace, Self::FollowChanges, Self::SendMessage, Self::RetryMessage, Self::Activity];

    /// Its name on the wire.
    #[must_use]
    pub const fn event(self) -> &'static str {
        match self {
            Self::JoinWorkspace => event::JOIN_WORKSPACE,
            Self::FollowChanges => event::FOLLOW_CHANGES,
            Self::SendMessage => event::SEND_MESSAGE,
            Self::RetryMessage => event::RETRY_MESSAGE,
            Self::Activity => event::ACTIVITY,
        }
    }
}

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

/// Answer to `GET /contacts/{id}/consents`, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentsReply {
    /// Each decision.
    pub consents: Vec<ConsentEntry>,
}

/// Somebody opted a contact out or in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentEntry {
    /// `opted_out`, `opted_in` or `help`.
    pub decision: String,
    /// `contact`, `agent`, or `twilio` for an opt-out that we learned of when a text was refused.
    pub decided_by: String,
    /// The agent, where one decided.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// Why, in the agent's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Answer to `GET /contacts/{id}/history`, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryReply {
    /// What became of the conversation.
    pub lines: Vec<HistoryEntry>,
}

/// Somebody did something with a conversation, or decided about its contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// When the server heard of it.
    pub at: DateTime<Utc>,
    /// `assigned`, `unassigned`, `opened`, `pending`, `closed`, `snoozed`, `blocked`, `unblocked`, `merged`, `opted_out`, `opted_in`.
    pub kind: String,
    /// `contact`, `agent` or `twilio`.
    pub decided_by: String,
    /// The agent, where it was one.
    #[serde(default)]
    pub by: Option<UserId>,
    /// Whom it was assigned to.
    #[serde(default)]
    pub assignee: Option<UserId>,
    /// When the snooze ends.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
}

/// What a desktop reads of the answer to `GET /twilio/sending`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SendingReply {
    /// For contacts that have not seen a number yet.
    pub default_number: Option<String>,
    /// `MG…`; every text goes out through it.
    pub messaging_service_sid: Option<String>,
    /// The team's numbers, then its Messaging Service.
    pub senders: Vec<SenderEntry>,
}

/// One sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderEntry {
    /// E.164, or `MG…`.
    pub sender: String,
}

impl From<SendingReply> for Ours {
    fn from(reply: SendingReply) -> Self {
        let numbers = reply.senders.into_iter().map(|one| one.sender).filter(|sender| !sender.starts_with("MG"));
        Self {
            numbers: numbers.collect(),
            default_number: reply.default_number,
            service: reply.messaging_service_sid.is_some_and(|sid| !sid.is_empty()),
        }
    }
}

/// Every 4xx and 5xx body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// One of the contract's texts, or a plain sentence.
    pub error: String,
    /// Twilio's code, or a word of ours such as `feed_changed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<serde_json::Value>,
    /// The same in plain words, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// The message that it is about, as it stands stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageRow>,
}

/// `code` when the desktop's feed is another life of the feed: start over from a snapshot.
pub const CODE_FEED_CHANGED: &str = "feed_changed";
/// `code` when a text is not in the state that was asked for: a retry of one that did not fail, a change of one that has left.
pub const CODE_WRONG_STATE: &str = "wrong_state";
/// `code` when the desktop speaks an older [`PROTOCOL`] than the server understands.
pub const CODE_CLIENT_TOO_OLD: &str = "client_too_old";

/// Answer to `GET /sync?workspaceId=…&snapshot=…`: conversations newest first, each with its newest texts, then older history.
///
/// The first request says `snapshot=start`, each later one the `next` of the page before. The feed is followed from the
/// `head` of the *first* page: whatever changed while the snapshot was read has a higher number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotPage {
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Which life of the feed.
    pub feed: FeedId,
    /// The feed's newest number before the page was read.
    pub head: i64,
    /// Rows of `contacts`, as raw JSON like [`crate::change::Change::row`].
    pub contacts: Vec<RawRow>,
    /// Rows of `messages`.
    pub messages: Vec<RawRow>,
    /// Rows of `notes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<RawRow>,
    /// Every row of `labels`, on the first page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<RawRow>,
    /// Every row of `canned_replies`, on the first page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canned_replies: Vec<RawRow>,
    /// Every row of `workspace_members`, on the first page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<RawRow>,
    /// What the comparison with Twilio came to, once there was one; on the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<RawRow>,
    /// What to ask for next; `None` at the end.
    pub next: Option<String>,
    /// Rows in the whole snapshot, about: for a progress bar.
    pub total: i64,
}

/// Payload of `follow_changes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FollowChanges {
    /// Whose feed.
    pub workspace_id: WorkspaceId,
}

/// Ack of `follow_changes` and `join_workspace`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinReply {
    /// Whether the socket is in the room now.
    pub ok: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The feed's newest number: a desktop behind it asks for pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<i64>,
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

/// Answer to `POST /commands`: one outcome a command, in the order they came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandsReply {
    /// What became of each.
    pub outcomes: Vec<CommandOutcome>,
}

/// What became of one command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub enum CommandOutcome {
    /// Carried out, now or before. From `seq` on, the feed shows it.
    Done {
        /// The feed's newest number after it.
        seq: i64,
        /// When.
        at: DateTime<Utc>,
    },
    /// Will never be carried out, and why.
    Refused {
        /// A plain sentence.
        reason: String,
    },
}
