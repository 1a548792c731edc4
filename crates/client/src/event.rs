//! What the engine tells its window: ids and figures, never contents. Rows are asked for.
//!
//! Sent over one broadcast channel; a listener that fell behind is told to reload, which is always enough.

use deskline_domain::{
    command::{Action, Command},
    ids::{ContactId, MessageId, NoteId, WorkspaceId},
};
use serde::Serialize;
use ts_rs::TS;

use crate::{
    overlay,
    view::{Connection, search::Indexing},
};

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
    /// These private notes are new, gone or changed.
    NotesChanged {
        /// Beside whose thread.
        contact_id: ContactId,
        /// Which.
        note_ids: Vec<NoteId>,
    },
    /// A team's labels, canned replies or members are other ones.
    TeamChanged {
        /// Whose.
        workspace_id: WorkspaceId,
    },
    /// Something that the agent did was taken back, because the server refused it; or the agent has seen it.
    TakenBackChanged,
    /// Colleagues do something else, or the agent is away or back: ask for it. Also when nobody knows any more what they do.
    ColleaguesChanged,
    /// What was begun to this contact, or the note beside it, was edited, sent or deleted at another desktop of the agent: ask for it.
    DraftChanged {
        /// To whom.
        contact_id: ContactId,
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
    /// The window looks at another account now, of which it knows nothing yet. Said by the shell, which has an engine for each.
    AccountSwitched,
    /// Another account than the one that the window looks at has other figures now. Said by the shell.
    AccountsChanged,
    /// What the agent wants to be told is set otherwise: ask for it.
    NotificationSettingsChanged,
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

impl ClientEvent {
    /// What a window has to ask for again when the effect of a command comes or goes. `contact_id` is the conversation in which
    /// it shows.
    pub(crate) fn shown_by(command: &Command, contact_id: Option<ContactId>) -> Vec<Self> {
        let workspace_id = command.workspace_id;
        let row = match (&command.action, contact_id) {
            (
                Action::AddNote { note_id, .. } | Action::EditNote { note_id, .. } | Action::DeleteNote { note_id },
                Some(contact_id),
            ) => Self::NotesChanged { contact_id, note_ids: vec![*note_id] },
            (Action::MergeContacts { contact_id, from }, _) => {
                Self::ConversationsChanged { contact_ids: vec![*contact_id, *from] }
            }
            (_, Some(contact_id)) => Self::ConversationsChanged { contact_ids: vec![contact_id] },
            (_, None) => Self::TeamChanged { workspace_id },
        };
        let bubble = overlay::resends(command)
            .zip(contact_id)
            .map(|(id, contact_id)| Self::MessagesChanged { contact_id, message_ids: vec![id] });
        bubble.into_iter().chain([row]).collect()
    }
}
