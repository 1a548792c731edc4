//! A contact, as every side of the wire spells it: the row of `contacts`.
//!
//! Same road as [`crate::message`]. A conversation is a contact's messages and its status; it has no row of its own.

use std::{collections::BTreeMap, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{ContactId, LabelId, UserId, WorkspaceId};

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[ts(export)]
pub enum ConversationStatus {
    /// Somebody should look at it.
    #[default]
    Open,
    /// Waiting for something.
    Pending,
    /// Hidden until a time, or until the contact writes.
    Snoozed,
    /// Done, until the contact writes.
    Closed,
}

impl ConversationStatus {
    /// The word in `contacts.conversation_status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Pending => "Pending",
            Self::Snoozed => "Snoozed",
            Self::Closed => "Closed",
        }
    }

    /// Where it stands after the contact wrote.
    #[must_use]
    pub const fn after_inbound(self) -> Self {
        match self {
            Self::Snoozed | Self::Closed => Self::Open,
            Self::Open | Self::Pending => self,
        }
    }
}

/// A word that is no status of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no status of a conversation: Open, Pending, Snoozed or Closed")]
pub struct UnknownConversationStatus;

impl FromStr for ConversationStatus {
    type Err = UnknownConversationStatus;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Open, Self::Pending, Self::Snoozed, Self::Closed]
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or(UnknownConversationStatus)
    }
}

/// The row of `contacts`. Timestamps are RFC 3339 in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRow {
    /// Ours.
    pub id: ContactId,
    /// The team it belongs to.
    pub workspace_id: WorkspaceId,
    /// As the team calls it; `Unknown (+1555…)` until somebody does.
    pub name: Option<String>,
    /// E.164, a short code or an alphanumeric sender.
    pub phone: String,
    /// Always equal to `phone`.
    pub phone_number: String,
    /// Inbound texts that nobody of the team has read.
    pub unread_count: i32,
    /// Where the conversation stands.
    pub conversation_status: ConversationStatus,
    /// Until when a snoozed conversation is hidden; `None` for until the contact writes.
    #[serde(default)]
    pub snoozed_until: Option<DateTime<Utc>>,
    /// The member who sees to it.
    #[serde(default)]
    pub assigned_to: Option<UserId>,
    /// The labels it carries, in the order in which they were put on.
    #[serde(default)]
    pub labels: Vec<LabelId>,
    /// What the team knows besides, by name.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Since when its texts are stored without anybody being told; `None` for an ordinary contact.
    #[serde(default)]
    pub blocked_at: Option<DateTime<Utc>>,
    /// Numbers of contacts that were merged into this one: texts from them belong here. Nothing is sent to them.
    #[serde(default)]
    pub other_phones: Vec<String>,
    /// Since when the contact wants no texts; `None` when texts are welcome.
    #[serde(default)]
    pub opted_out_at: Option<DateTime<Utc>>,
    /// When the newest text was written or received.
    #[serde(default)]
    pub last_message_at: Option<DateTime<Utc>>,
    /// When the contact was first seen.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a contact is called before anybody named it.
#[must_use]
pub fn unknown_name(phone: &str) -> String {
    format!("Unknown ({phone})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_or_snoozed_conversation_reopens_when_the_contact_writes() {
        use ConversationStatus::{Closed, Open, Pending, Snoozed};

        assert_eq!(
            [Closed, Snoozed, Open, Pending].map(ConversationStatus::after_inbound),
            [Open, Open, Open, Pending]
        );
    }
}
