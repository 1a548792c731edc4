//! What members do right now, over sockets alone: the event `activity`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{ContactId, UserId, WorkspaceId};

/// What a member is doing right now. Never stored: it is forgotten when its time is over, unless it is said again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Activity {
    /// At the desk. Said again at least every half minute.
    Available,
    /// Signed in, but elsewhere.
    Away,
    /// Has a conversation on screen, instead of any other. Said again at least every 15 seconds.
    Viewing {
        /// Whose.
        contact_id: ContactId,
    },
    /// Is writing to a contact. Said again every few seconds while keys are pressed.
    Typing {
        /// To whom.
        contact_id: ContactId,
    },
    /// Does nothing any more: whatever the socket said before is over. Also said by the server when a socket goes away.
    Gone,
}

impl Activity {
    /// How long it holds without being said again.
    #[must_use]
    pub const fn ttl_seconds(self) -> u32 {
        match self {
            Self::Available | Self::Away => 60,
            Self::Viewing { .. } => 30,
            Self::Typing { .. } => 6,
            Self::Gone => 0,
        }
    }

    /// The conversation that it concerns.
    #[must_use]
    pub const fn contact_id(self) -> Option<ContactId> {
        match self {
            Self::Viewing { contact_id } | Self::Typing { contact_id } => Some(contact_id),
            Self::Available | Self::Away | Self::Gone => None,
        }
    }
}

/// Payload of `activity` to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TellActivity {
    /// The team that is to know.
    pub workspace_id: WorkspaceId,
    /// What the member does.
    pub activity: Activity,
}

/// Payload of `activity` to the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityTold {
    /// The team.
    pub workspace_id: WorkspaceId,
    /// Who.
    pub user_id: UserId,
    /// Which of the member's sockets: somebody with two desktops is gone when both are.
    pub session: Uuid,
    /// What.
    pub activity: Activity,
    /// How long it holds from now on.
    pub ttl_seconds: u32,
}
