//! What a team does beside texting, as the window is given it: members, labels, canned replies, private notes, and what was taken
//! back.

use chrono::{DateTime, Utc};
use deskline_domain::{
    command::Action,
    ids::{CannedReplyId, CommandId, ContactId, LabelId, NoteId, UserId, WorkspaceId},
};
use serde::Serialize;
use ts_rs::TS;

/// What belongs to a team as a whole, each in the order of its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Team {
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Who works in it.
    pub members: Vec<Member>,
    /// What conversations can carry.
    pub labels: Vec<Label>,
    /// Texts for answering again and again.
    pub canned_replies: Vec<CannedReply>,
}

/// Somebody of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// As colleagues say it: a name, else the first part of the e-mail address, else a word.
    pub name: String,
    /// `owner`, `admin` or `agent`.
    pub role: String,
    /// Whether it is the agent at this desktop.
    pub me: bool,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Label {
    /// Which.
    pub id: LabelId,
    /// Its name.
    pub name: String,
    /// `#rrggbb`
    pub color: String,
}

/// A text for answering again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CannedReply {
    /// Which.
    pub id: CannedReplyId,
    /// What agents look for it by.
    pub name: String,
    /// The text, with variables.
    pub content: String,
}

/// What the team says to itself beside a conversation. No contact ever reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Note {
    /// Made where it was written; the same before and after the server had it.
    pub id: NoteId,
    /// Beside whose thread.
    pub contact_id: ContactId,
    /// The note, exactly. Never markup.
    pub content: String,
    /// Who wrote it.
    pub author_id: UserId,
    /// Whether the agent at this desktop wrote it, and so may rewrite it.
    pub mine: bool,
    /// Members whom it concerns.
    pub mentions: Vec<UserId>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last rewritten.
    pub edited_at: Option<DateTime<Utc>>,
    /// Whether it, or its last change, is on this machine alone.
    pub waiting: bool,
}

/// Something that the agent did and the server refused: it was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TakenBack {
    /// Give this back to say that it was seen.
    pub id: CommandId,
    /// What was done, with everything that was written: nothing of it is lost.
    pub action: Action,
    /// The conversation in which it was done, if it was done in one.
    pub contact_id: Option<ContactId>,
    /// Its name, if it is here.
    pub name: Option<String>,
    /// Why it was refused, in a plain sentence.
    pub reason: String,
    /// When it was done.
    pub at: DateTime<Utc>,
}
