//! What a team keeps besides contacts and texts, as every side of the wire spells it: labels, notes, canned replies, members.
//!
//! Same road as [`crate::contact`]: read from Postgres by the store, told by the change feed, kept in the desktop's cache.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{CannedReplyId, ContactId, LabelId, NoteId, UserId, WorkspaceId};

/// The row of `labels`. Which conversations carry it stands in their contacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelRow {
    /// Ours.
    pub id: LabelId,
    /// The team it belongs to.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace, in any case of its letters.
    pub name: String,
    /// `#rrggbb`
    pub color: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
}

/// The row of `notes`: what the team says to itself beside a conversation. No contact ever reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRow {
    /// Made where it was written.
    pub id: NoteId,
    /// The team it belongs to.
    pub workspace_id: WorkspaceId,
    /// Whose conversation it stands beside.
    pub contact_id: ContactId,
    /// Who wrote it.
    pub author_id: UserId,
    /// The note.
    pub content: String,
    /// Members whom it concerns.
    #[serde(default)]
    pub mentions: Vec<UserId>,
    /// When its author last rewrote it.
    #[serde(default)]
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
}

/// The row of `canned_replies`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CannedReplyRow {
    /// Ours.
    pub id: CannedReplyId,
    /// The team it belongs to.
    pub workspace_id: WorkspaceId,
    /// What agents look for it by; unique in the workspace, in any case of its letters.
    pub name: String,
    /// The text, with variables as of [`crate::canned`].
    pub content: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
}

/// The row of `workspace_members`, and what is known about the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    /// Always equal to `user_id`: within a workspace it names the row.
    pub id: UserId,
    /// The team.
    pub workspace_id: WorkspaceId,
    /// Who.
    pub user_id: UserId,
    /// `owner`, `admin` or `agent`.
    pub role: String,
    /// As colleagues say it, once somebody said it.
    #[serde(default)]
    pub name: Option<String>,
    /// Where to sign in with; unknown for users of a foreign directory.
    #[serde(default)]
    pub email: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
}

/// The row of `workspace_audits`: the newest comparison with Twilio's own list of the team's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Always equal to `workspace_id`: there is one.
    pub id: WorkspaceId,
    /// The team.
    pub workspace_id: WorkspaceId,
    /// Texts of the team that Twilio lists in the comparison's window.
    pub twilio: i64,
    /// Those of them that are stored. Equal when all is well.
    pub here: i64,
    /// When that was so, by the database's clock.
    pub checked_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
}
