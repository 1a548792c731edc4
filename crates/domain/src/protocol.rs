//! What the server and its clients say to each other over HTTP and Socket.IO.
//!
//! Spelled once, here; the server serialises these and the client reads them. Bodies are camelCase, rows snake_case.

mod activity;
mod contacts;
mod direct;
mod drafts;
mod import;
mod sending;
mod session;
mod sync;
mod texts;

use serde::{Deserialize, Serialize};

use crate::message::MessageRow;

pub use activity::{Activity, ActivityTold, TellActivity};
pub use contacts::{ConsentEntry, ConsentsReply, HistoryEntry, HistoryReply};
pub use direct::{DirectAccess, TwilioKey};
pub use drafts::{DraftFile, DraftRow, DraftTold, DraftsReply, MAX_DRAFT, ReplySettings, SaveDraft, SavedDraft};
pub use import::{ImportOutcome, ImportReply, ImportedRow};
pub use sending::{SenderEntry, SendingReply};
pub use session::{PasswordGrant, SessionReply, SessionUser, TokenReply, Workspace};
pub use sync::{CommandOutcome, CommandsReply, FollowChanges, JoinReply, SnapshotPage};
pub use texts::{CanceledReply, LedgerEntry, LedgerReply, MediaLink, NewMessage, SendSms, SendSmsReply, UploadReply};

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
