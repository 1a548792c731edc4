//! A thread: its texts, what became of each, and a page of them.

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{ContactId, MessageId, UserId},
    message::Direction,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{MediaView, Note};

/// What became of a text, told from the agent's chair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MessageState {
    /// It came from the contact.
    Received,
    /// It waits on this machine.
    Waiting,
    /// It is on its way to the server at this moment, or the server has it and Twilio does not yet.
    OnServer,
    /// The server keeps it until its time: [`Message::send_at`].
    Scheduled,
    /// Twilio has it.
    Accepted,
    /// The carrier has it.
    Sent,
    /// The handset has it.
    Delivered,
    /// It was seen.
    Read,
    /// Nobody can say yet whether it left: it is being looked up, and will not be repeated before that.
    Unknown,
    /// It did not arrive.
    Failed,
    /// It stays here until somebody decides: see [`Message::failure`].
    Parked,
    /// It may not fit any more, and stays here until the agent says whether it does: [`Message::failure`] has the reason.
    Held,
    /// It was called off.
    Canceled,
}

/// A bubble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Message {
    /// Made where it was written; the same before and after it was sent.
    pub id: MessageId,
    /// Whose thread.
    pub contact_id: ContactId,
    /// The text, exactly. Never markup.
    pub content: String,
    /// Which way it goes.
    pub direction: Direction,
    /// What became of it.
    pub state: MessageState,
    /// When it was written or received.
    pub created_at: DateTime<Utc>,
    /// Whether the agent at this desktop wrote it.
    pub mine: bool,
    /// The member who wrote it, where that is known.
    pub author_id: Option<UserId>,
    /// The files that came with it.
    pub media: Vec<MediaView>,
    /// Why it failed, is parked or is held.
    pub failure: Option<Failure>,
    /// When it is to leave, for a text that waits for a time, here or on the server.
    pub send_at: Option<DateTime<Utc>>,
}

/// When a text is to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Later {
    /// At this time, up to a year ahead.
    pub send_at: DateTime<Utc>,
    /// Whether it is called off when the contact writes first.
    pub cancel_on_reply: bool,
}

/// A change of a text that waits on the server for its time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Reschedule {
    /// Another time.
    At {
        /// Up to a year ahead.
        send_at: DateTime<Utc>,
    },
    /// Other words.
    Words {
        /// The whole text.
        text: String,
    },
    /// It leaves at once.
    Now,
}

/// Why a text did not arrive, and what can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Failure {
    /// Twilio's code, where there is one.
    pub code: Option<i32>,
    /// A plain sentence.
    pub explanation: String,
    /// Whether `retry` may help.
    pub can_retry: bool,
    /// Whether `discard` takes it away: it never left this machine.
    pub can_discard: bool,
}

/// A stretch of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MessagePage {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// The private notes from the same stretch of time, oldest first.
    pub notes: Vec<Note>,
    /// Give this back for older ones; `None` where the thread begins.
    pub older: Option<String>,
    /// Give this back for newer ones; `None` where the page reaches the newest.
    pub newer: Option<String>,
}

/// Body of the command `messages`: the newest page, or the one before or after another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MessageQuery {
    /// Whose thread.
    pub contact_id: ContactId,
    /// `older` of the page after this one, or `newer` of the one before it; `None` for the newest.
    pub page: Option<String>,
    /// How many at most, 1 to 500.
    pub limit: u32,
}
