//! How a desktop keeps up with its team: `GET /sync`, `follow_changes` and `POST /commands`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{FeedId, WorkspaceId},
    row::RawRow,
};

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
