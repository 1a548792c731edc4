//! What commands do to the texts of a thread: one that failed is on its way again.

use deskline_domain::{
    command::{Action, Command},
    ids::MessageId,
};

/// The text that the command sends once more, if it does. In the thread it waits from then on.
pub(crate) const fn resends(command: &Command) -> Option<MessageId> {
    match &command.action {
        Action::Resend { message_id, .. } => Some(*message_id),
        Action::MarkRead { .. }
        | Action::MarkUnread { .. }
        | Action::Assign { .. }
        | Action::Unassign { .. }
        | Action::SetStatus { .. }
        | Action::Close { .. }
        | Action::Snooze { .. }
        | Action::AddLabel { .. }
        | Action::RemoveLabel { .. }
        | Action::AddNote { .. }
        | Action::EditNote { .. }
        | Action::DeleteNote { .. }
        | Action::RenameContact { .. }
        | Action::SetAttribute { .. }
        | Action::RemoveAttribute { .. }
        | Action::MergeContacts { .. }
        | Action::Block { .. }
        | Action::Unblock { .. }
        | Action::CreateLabel { .. }
        | Action::UpdateLabel { .. }
        | Action::DeleteLabel { .. }
        | Action::CreateCannedReply { .. }
        | Action::UpdateCannedReply { .. }
        | Action::DeleteCannedReply { .. }
        | Action::RenameMember { .. } => None,
    }
}
