//! What somebody has begun to write, at all desktops of its author: `GET /drafts`, `POST /drafts` and the event `draft`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{ContactId, UserId, WorkspaceId};

/// The longest draft, in characters: longer than any text that can be sent, since a draft may have to be shortened.
pub const MAX_DRAFT: usize = 10_000;

/// Body of `POST /drafts`: a version of what the caller has begun to write to a contact. Nobody else ever sees it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaveDraft {
    /// The team.
    pub workspace_id: WorkspaceId,
    /// To whom.
    pub contact_id: ContactId,
    /// The text; missing or blank when it was sent or deleted.
    #[serde(default)]
    pub content: Option<String>,
    /// The number that it is to go out from, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How many milliseconds ago it was edited. The version that was edited last stays, whatever the clocks of two desktops say.
    #[serde(default)]
    pub age_ms: u64,
}

impl std::fmt::Debug for SaveDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveDraft").field("contact_id", &self.contact_id).finish_non_exhaustive()
    }
}

/// A draft as it stands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftRow {
    /// To whom.
    pub contact_id: ContactId,
    /// The text; `None` when it was sent or deleted.
    pub content: Option<String>,
    /// The number that it is to go out from, where one was chosen.
    #[serde(default)]
    pub from: Option<String>,
    /// When it was last edited, by the server's clock: the name of this version.
    pub edited_at: DateTime<Utc>,
}

impl std::fmt::Debug for DraftRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DraftRow")
            .field("contact_id", &self.contact_id)
            .field("edited_at", &self.edited_at)
            .finish_non_exhaustive()
    }
}

/// Answer to `POST /drafts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedDraft {
    /// Whether the version that was sent is the one that stays. If not, another desktop edited it later.
    pub saved: bool,
    /// The one that stays.
    pub draft: DraftRow,
}

/// Answer to `GET /drafts?workspaceId=…`: everything that the caller has begun, without what was sent or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftsReply {
    /// In the order in which they were edited.
    pub drafts: Vec<DraftRow>,
}

/// Payload of `draft`, to the sockets of one user alone: something was edited at a desktop, so ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftTold {
    /// The team.
    pub workspace_id: WorkspaceId,
    /// Whose draft.
    pub user_id: UserId,
    /// To whom.
    pub contact_id: ContactId,
    /// Which version.
    pub edited_at: DateTime<Utc>,
}
