//! What an agent can do, but for sending a text: each with an id of its own, so that doing it twice is doing it once.
//!
//! Made by the desktop and kept in its outbox; executed by `store::execute`; confirmed to every desktop by the change feed.
//! What can be said about a command without looking anything up is in [`rules`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    contact::ConversationStatus,
    ids::{CannedReplyId, CommandId, ContactId, LabelId, MessageId, NoteId, UserId, WorkspaceId},
};

pub mod rules;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Action {
    /// Everything up to and including this inbound text was read. Texts that came later stay unread.
    MarkRead {
        /// Whose texts.
        contact_id: ContactId,
        /// The newest text that was on screen; `None` when the agent saw an empty thread.
        up_to: Option<MessageId>,
    },
    /// Somebody should look again: at least one text counts as unread.
    MarkUnread {
        /// Whose texts.
        contact_id: ContactId,
    },
    /// A member sees to the conversation from now on.
    Assign {
        /// The conversation.
        contact_id: ContactId,
        /// A member of the workspace.
        user_id: UserId,
    },
    /// Nobody in particular sees to the conversation any more.
    Unassign {
        /// The conversation.
        contact_id: ContactId,
    },
    /// The conversation is open, pending or closed. Snoozing has a verb of its own.
    SetStatus {
        /// The conversation.
        contact_id: ContactId,
        /// Anything but `Snoozed`.
        status: ConversationStatus,
    },
    /// The conversation is closed, unless the contact has written something that the agent had not seen: then it is refused. What a
    /// desktop makes of closing, since hours may pass before the server hears of it.
    Close {
        /// The conversation.
        contact_id: ContactId,
        /// The newest text of the thread that was there to be seen; `None` when there was none.
        seen: Option<MessageId>,
    },
    /// A text that failed is sent once more under its own id, unless the contact has written something that the agent had not
    /// seen: then it is refused, since it may not fit any more.
    Resend {
        /// The conversation.
        contact_id: ContactId,
        /// The text.
        message_id: MessageId,
        /// As of [`Action::Close`].
        seen: Option<MessageId>,
    },
    /// The conversation is out of sight until then, or until the contact writes. A time that has passed opens it at once.
    Snooze {
        /// The conversation.
        contact_id: ContactId,
        /// When it opens by itself.
        until: DateTime<Utc>,
    },
    /// Puts a label on the conversation.
    AddLabel {
        /// The conversation.
        contact_id: ContactId,
        /// A label of the workspace.
        label_id: LabelId,
    },
    /// Takes a label off the conversation.
    RemoveLabel {
        /// The conversation.
        contact_id: ContactId,
        /// The label, which may be gone by now.
        label_id: LabelId,
    },
    /// Makes a label. Admins only.
    CreateLabel {
        /// Made where it was done.
        label_id: LabelId,
        /// Unique in the workspace, in any case of its letters.
        name: String,
        /// `#rrggbb`
        color: String,
    },
    /// Gives a label another name and colour. Admins only.
    UpdateLabel {
        /// Which.
        label_id: LabelId,
        /// As of [`Action::CreateLabel`].
        name: String,
        /// `#rrggbb`
        color: String,
    },
    /// Takes a label off every conversation and away. Admins only.
    DeleteLabel {
        /// Which.
        label_id: LabelId,
    },
    /// Writes a private note beside the conversation: the team reads it, the contact never does.
    AddNote {
        /// The conversation.
        contact_id: ContactId,
        /// Made where it was done.
        note_id: NoteId,
        /// The note.
        content: String,
        /// Members whom it concerns.
        #[serde(default)]
        mentions: Vec<UserId>,
    },
    /// Rewrites a note. Its author only.
    EditNote {
        /// Which.
        note_id: NoteId,
        /// The note.
        content: String,
        /// Members whom it concerns now.
        #[serde(default)]
        mentions: Vec<UserId>,
    },
    /// Takes a note away. Its author, and admins.
    DeleteNote {
        /// Which.
        note_id: NoteId,
    },
    /// Keeps a text for answering with it again and again. Admins only.
    CreateCannedReply {
        /// Made where it was done.
        canned_reply_id: CannedReplyId,
        /// What agents look for it by; unique in the workspace, in any case of its letters.
        name: String,
        /// The text, with variables as of [`crate::canned`].
        content: String,
    },
    /// Rewrites a canned reply. Admins only.
    UpdateCannedReply {
        /// Which.
        canned_reply_id: CannedReplyId,
        /// As of [`Action::CreateCannedReply`].
        name: String,
        /// The text.
        content: String,
    },
    /// Takes a canned reply away. Admins only.
    DeleteCannedReply {
        /// Which.
        canned_reply_id: CannedReplyId,
    },
    /// Gives a contact a name.
    RenameContact {
        /// Whom.
        contact_id: ContactId,
        /// As the team calls it.
        name: String,
    },
    /// Writes down something about a contact, over what stood there under the same name.
    SetAttribute {
        /// Whom about.
        contact_id: ContactId,
        /// Lower-case letters, digits and `_`, a letter first.
        name: String,
        /// What is known.
        value: String,
    },
    /// Forgets something about a contact.
    RemoveAttribute {
        /// Whom about.
        contact_id: ContactId,
        /// Under which name it was known.
        name: String,
    },
    /// Two contacts are one person: texts, notes, labels and attributes of one move to the other, and so will texts from its
    /// number. Cannot be undone.
    MergeContacts {
        /// The one that stays, with its name and number.
        contact_id: ContactId,
        /// The one that goes.
        from: ContactId,
    },
    /// Texts of this contact are stored from now on, but count as unread no more and open nothing.
    Block {
        /// Whom.
        contact_id: ContactId,
    },
    /// An ordinary contact again.
    Unblock {
        /// Whom.
        contact_id: ContactId,
    },
    /// What colleagues read beside the member's texts. The member, and admins.
    RenameMember {
        /// Whom.
        user_id: UserId,
        /// As colleagues say it.
        name: String,
    },
}

impl Action {
    /// The conversation that it concerns, if it is one: commands of one conversation are carried out in order.
    #[must_use]
    pub const fn contact_id(&self) -> Option<ContactId> {
        match self {
            Self::MarkRead { contact_id, .. }
            | Self::MarkUnread { contact_id }
            | Self::Assign { contact_id, .. }
            | Self::Unassign { contact_id }
            | Self::SetStatus { contact_id, .. }
            | Self::Close { contact_id, .. }
            | Self::Resend { contact_id, .. }
            | Self::Snooze { contact_id, .. }
            | Self::AddLabel { contact_id, .. }
            | Self::RemoveLabel { contact_id, .. }
            | Self::AddNote { contact_id, .. }
            | Self::RenameContact { contact_id, .. }
            | Self::SetAttribute { contact_id, .. }
            | Self::RemoveAttribute { contact_id, .. }
            | Self::MergeContacts { contact_id, .. }
            | Self::Block { contact_id }
            | Self::Unblock { contact_id } => Some(*contact_id),
            Self::CreateLabel { .. }
            | Self::UpdateLabel { .. }
            | Self::DeleteLabel { .. }
            | Self::EditNote { .. }
            | Self::DeleteNote { .. }
            | Self::CreateCannedReply { .. }
            | Self::UpdateCannedReply { .. }
            | Self::DeleteCannedReply { .. }
            | Self::RenameMember { .. } => None,
        }
    }
}
