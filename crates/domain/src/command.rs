//! What an agent can do, but for sending a text: each with an id of its own, so that doing it twice is doing it once.
//!
//! Made by the desktop and kept in its outbox; executed by `store::execute`; confirmed to every desktop by the change feed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{CommandId, ContactId, MessageId, WorkspaceId};

/// One thing an agent did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// Made where it was done.
    pub id: CommandId,
    /// The team it concerns.
    pub workspace_id: WorkspaceId,
    /// When it was done, by the desktop's clock; told, not trusted.
    pub at: DateTime<Utc>,
    /// What it is.
    pub action: Action,
}

/// The kinds of things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Action {
    /// Everything up to and including this inbound text was read. Texts that came later stay unread.
    MarkRead {
        /// Whose texts.
        contact_id: ContactId,
        /// The newest text that was on screen; `None` when the agent saw an empty thread.
        up_to: Option<MessageId>,
    },
}

impl Action {
    /// The conversation that it concerns: commands of one conversation are carried out in order.
    #[must_use]
    pub const fn contact_id(&self) -> ContactId {
        match self {
            Self::MarkRead { contact_id, .. } => *contact_id,
        }
    }
}
