//! What a search is asked and what it answers. Offsets count UTF-16 code units, as JavaScript's strings do.

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{ContactId, UserId, WorkspaceId},
    message::Direction,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// Body of the command `search`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchQuery {
    /// As it was typed: words, "phrases", numbers, and `from: in: has:media before: after: label: is:unread`. Nothing is an error:
    /// what is no operator is text.
    pub text: String,
    /// One team, or all.
    pub workspace_id: Option<WorkspaceId>,
    /// How far the agent's clock is ahead of UTC, in minutes: `before:` and `after:` are about the agent's days.
    pub utc_offset: i32,
    /// `next` of the page before; `None` for the first.
    pub page: Option<String>,
    /// How many texts at most, 1 to 100.
    pub limit: u32,
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchPage {
    /// Conversations whose name or number fits, or that `is:unread` or `label:` asks for. On the first page alone, and at most eight.
    pub contacts: Vec<FoundContact>,
    /// The newest texts and notes that fit and are older than those of the page before; the best of them first. What this machine alone has
    /// comes on top of them, on the first page.
    pub messages: Vec<FoundMessage>,
    /// Give this back for older ones; `None` when there are none. A page may be short, or empty, and older texts fit all the same:
    /// a search looks at a bounded number of texts at a time.
    pub next: Option<String>,
    /// How far the index is, while it lacks older texts.
    pub indexing: Option<Indexing>,
}

/// The index is being completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Indexing {
    /// Rows that were put in since it began.
    #[ts(type = "number")]
    pub done: i64,
    /// Those, and the ones that are missing.
    #[ts(type = "number")]
    pub total: i64,
}

/// A conversation that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FoundContact {
    /// The conversation.
    pub contact_id: ContactId,
    /// The team.
    pub workspace_id: WorkspaceId,
    /// Name as the team gave it, else `Unknown (+1555…)`.
    pub name: Excerpt,
    /// Number, short code or word.
    pub phone: Excerpt,
    /// Inbound texts that nobody of the team has read, as the server counts them.
    #[ts(type = "number")]
    pub unread_count: i64,
    /// When the newest text was written or received.
    pub last_message_at: Option<DateTime<Utc>>,
}

/// A text or a private note that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FoundMessage {
    /// Of the text or the note.
    #[ts(type = "string")]
    pub id: Uuid,
    /// The conversation.
    pub contact_id: ContactId,
    /// The contact's name, else `Unknown (+1555…)`.
    pub name: String,
    /// Whether it is a private note of the team, and no text.
    pub note: bool,
    /// Which way it went. A note went nowhere, and counts as outbound.
    pub direction: Direction,
    /// Whoever of the team wrote it, where that is known.
    pub author_id: Option<UserId>,
    /// Whether the agent who is signed in wrote it, and no teammate.
    pub mine: bool,
    /// Whether files came with it.
    pub has_media: bool,
    /// When it was written or received.
    pub created_at: DateTime<Utc>,
    /// The piece of it that fits, in one line.
    pub excerpt: Excerpt,
}

/// A piece of a text with what was found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Excerpt {
    /// In one line; `…` stands where it is cut.
    pub text: String,
    /// What to mark, in order, apart from each other.
    pub marks: Vec<Utf16Range>,
}

/// A stretch of a string in UTF-16 code units: what `text.slice(start, end)` takes in JavaScript. Neither bytes nor characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Utf16Range {
    /// The first unit.
    pub start: u32,
    /// The unit after the last.
    pub end: u32,
}
