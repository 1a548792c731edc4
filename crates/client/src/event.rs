//! What the engine tells its window: ids and figures, never contents. Rows are asked for.
//!
//! Sent over one broadcast channel; a listener that fell behind is told to reload, which is always enough.

use deskline_domain::ids::{ContactId, MessageId};
use serde::Serialize;
use ts_rs::TS;

use crate::view::{Connection, search::Indexing};

/// Something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum ClientEvent {
    /// These rows of the list are new, gone, changed or moved.
    ConversationsChanged {
        /// Whose.
        contact_ids: Vec<ContactId>,
    },
    /// These bubbles are new, gone or changed.
    MessagesChanged {
        /// Whose thread.
        contact_id: ContactId,
        /// Which.
        message_ids: Vec<MessageId>,
    },
    /// Inbound texts that this desktop had not seen before, other than those of a first sync. For the live region.
    Received {
        /// Whose thread.
        contact_id: ContactId,
        /// Which.
        message_ids: Vec<MessageId>,
    },
    /// The number for title, tray and badge.
    UnreadChanged {
        /// Unread texts over all teams.
        #[ts(type = "number")]
        total: i64,
    },
    /// The texts were compared with Twilio's again.
    AuditChanged,
    /// The search index is being completed in the background, or is complete.
    SearchIndexing {
        /// How far it is; `None` when it is complete.
        indexing: Option<Indexing>,
    },
    /// How it stands to the server.
    ConnectionChanged {
        /// Now.
        connection: Connection,
    },
    /// It stands otherwise with what this machine keeps: ask how.
    LocalCopyChanged,
    /// Somebody signed in or out, or the session expired: ask for it.
    SessionChanged,
    /// A notification or a link asks for this thread.
    OpenConversation {
        /// Whose.
        contact_id: ContactId,
    },
    /// Ask for everything on screen again: events were missed, or the cache was rebuilt.
    Reload,
}
