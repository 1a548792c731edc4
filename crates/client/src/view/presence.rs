//! What colleagues do right now, as the window is given it. Forgotten within seconds, and stored nowhere.

use chrono::{DateTime, Utc};
use deskline_domain::ids::{ContactId, UserId, WorkspaceId};
use serde::Serialize;
use ts_rs::TS;

/// Everything that holds at the moment, without what the agent does at this or another desktop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Colleagues {
    /// Who is at work, in the order of their ids.
    pub at_work: Vec<AtWork>,
    /// Who is busy with which conversation, in the order of their ids.
    pub busy: Vec<Busy>,
    /// Whether the agent at this desktop said to be away.
    pub away: bool,
}

/// A colleague at a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AtWork {
    /// In which team.
    pub workspace_id: WorkspaceId,
    /// Who.
    pub user_id: UserId,
    /// Whether they are elsewhere at the moment.
    pub away: bool,
}

/// A colleague who has a conversation on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Busy {
    /// Whose conversation.
    pub contact_id: ContactId,
    /// Who.
    pub user_id: UserId,
    /// Whether they write at this moment, and do not only look.
    pub typing: bool,
}

/// Why an agent is asked before a text is sent: somebody else is at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Claim {
    /// A colleague writes to the contact at this moment.
    Typing {
        /// Who.
        user_id: UserId,
    },
    /// A colleague has answered since the agent began to write.
    Answered {
        /// Who, where that is known.
        user_id: Option<UserId>,
        /// The answer.
        text: String,
        /// When.
        at: DateTime<Utc>,
    },
}
