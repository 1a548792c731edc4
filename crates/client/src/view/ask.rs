//! What is looked at beside a thread: a contact's files and notes, a text's ledger, an opt-out, what became of a conversation, a finished canned reply, and how many
//! conversations each view has.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{LabelId, MessageId, UserId},
    protocol::{ConsentEntry, HistoryEntry, LedgerEntry},
};
use serde::Serialize;
use ts_rs::TS;

use super::{MediaView, Note};

/// How many conversations each view has, at most [`Counts::MOST`] of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Counts {
    /// As of `ConversationFilter::Mine`, and so on.
    pub mine: u32,
    /// See `mine`.
    pub unassigned: u32,
    /// See `mine`.
    pub open: u32,
    /// See `mine`. Conversations, and not texts.
    pub unread: u32,
    /// See `mine`.
    pub snoozed: u32,
    /// See `mine`.
    pub closed: u32,
    /// Conversations that carry a label and are open or pending. A label that none carries is missing.
    pub labels: BTreeMap<LabelId, u32>,
}

impl Counts {
    /// From here on, a view has "many": counting on would cost more than the figure is worth.
    pub const MOST: u32 = 10_000;
}

/// What this machine keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Storage {
    /// All files together.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Texts that are here.
    #[ts(type = "number")]
    pub texts: i64,
    /// And conversations.
    #[ts(type = "number")]
    pub conversations: i64,
}

/// A canned reply with its values in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FilledReply {
    /// The text. What has no value stands in it as `{{…}}`.
    pub text: String,
    /// What has no value, such as `attribute.order`.
    pub missing: Vec<String>,
}

/// What is beside a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ContactCard {
    /// The newest files of the thread, newest first.
    pub files: Vec<FileInThread>,
    /// The newest private notes, newest first.
    pub notes: Vec<Note>,
}

/// A file, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FileInThread {
    /// The text that it came with.
    pub message_id: MessageId,
    /// Which of its files, from 0 on.
    pub place: u32,
    /// When.
    pub created_at: DateTime<Utc>,
    /// What it is.
    pub file: MediaView,
}

/// Something that happened to a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LedgerLine {
    /// When the server heard of it.
    pub at: DateTime<Utc>,
    /// `callback`; how an attempt ended: `accepted`, `refused`, `rate_limited`, `queue_full`, `unreachable`, `unknown`; or a decision:
    /// `retried`, `canceled`, `expired`.
    pub kind: String,
    /// Which attempt, from 1 on, where that is known.
    pub attempt: Option<i32>,
    /// The status that it reports, in Twilio's words.
    pub status: String,
    /// Twilio's error code.
    pub code: Option<i32>,
    /// The same in plain words.
    pub explanation: Option<String>,
    /// The member who decided it.
    pub by: Option<UserId>,
}

impl From<LedgerEntry> for LedgerLine {
    fn from(entry: LedgerEntry) -> Self {
        let LedgerEntry { at, kind, attempt, status, code, explanation, by, .. } = entry;
        Self { at, kind, attempt, status, code, explanation, by }
    }
}

/// Somebody opted a contact out or in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Consent {
    /// `opted_out`, `opted_in` or `help`.
    pub decision: String,
    /// `contact`, `agent`, or `twilio` for an opt-out that the server learned of when a text was refused.
    pub decided_by: String,
    /// The agent, where one decided.
    pub user_id: Option<UserId>,
    /// Why, in the agent's words.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<ConsentEntry> for Consent {
    fn from(entry: ConsentEntry) -> Self {
        let ConsentEntry { decision, decided_by, user_id, reason, at } = entry;
        Self { decision, decided_by, user_id, reason, at }
    }
}

/// Somebody did something with a conversation, or decided about its contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HistoryLine {
    /// When the server heard of it.
    pub at: DateTime<Utc>,
    /// `assigned`, `unassigned`, `opened`, `pending`, `closed`, `snoozed`, `blocked`, `unblocked`, `merged`, `opted_out`, `opted_in`.
    pub kind: String,
    /// `contact`, `agent` or `twilio`.
    pub decided_by: String,
    /// The agent, where it was one.
    pub by: Option<UserId>,
    /// Whom it was assigned to.
    pub assignee: Option<UserId>,
    /// When the snooze ends.
    pub until: Option<DateTime<Utc>>,
}

impl From<HistoryEntry> for HistoryLine {
    fn from(entry: HistoryEntry) -> Self {
        let HistoryEntry { at, kind, decided_by, by, assignee, until } = entry;
        Self { at, kind, decided_by, by, assignee, until }
    }
}
