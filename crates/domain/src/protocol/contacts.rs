//! What is known of a contact beside its row: `GET /contacts/{id}/consents` and `GET /contacts/{id}/history`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::UserId;

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
