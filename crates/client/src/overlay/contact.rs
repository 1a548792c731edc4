//! What commands do to a conversation, which is its contact's row.

use chrono::{DateTime, Utc};
use deskline_domain::{
    command::{Action, Command},
    contact::ConversationStatus,
};

use crate::{cache::contacts::CachedContact, database::micros};

/// Does to the row what the command will do. `unread_left` is how many inbound texts came after the one up to which a
/// [`Action::MarkRead`] says that was read: the cache counts them.
pub(crate) fn to_contact(command: &Command, unread_left: i64, row: &mut CachedContact) {
    if command.action.contact_id() != Some(row.id) {
        return;
    }
    match &command.action {
        Action::MarkRead { .. } => row.unread_count = row.unread_count.min(unread_left),
        Action::MarkUnread { .. } => row.unread_count = row.unread_count.max(1),
        Action::Assign { user_id, .. } => row.assigned_to = Some(*user_id),
        Action::Unassign { .. } => row.assigned_to = None,
        Action::SetStatus { status, .. } => set_status(row, *status, None),
        Action::Close { .. } => set_status(row, ConversationStatus::Closed, None),
        Action::Snooze { until, .. } if *until <= command.at => set_status(row, ConversationStatus::Open, None),
        Action::Snooze { until, .. } => set_status(row, ConversationStatus::Snoozed, Some(*until)),
        Action::AddLabel { label_id, .. } => {
            if !row.labels.contains(label_id) {
                row.labels.push(*label_id);
            }
        }
        Action::RemoveLabel { label_id, .. } => row.labels.retain(|label| label != label_id),
        Action::RenameContact { name, .. } => row.name = Some(name.trim().to_owned()),
        Action::SetAttribute { name, value, .. } => {
            row.attributes.insert(name.clone(), value.clone());
        }
        Action::RemoveAttribute { name, .. } => {
            row.attributes.remove(name);
        }
        Action::Block { .. } => {
            row.blocked_at.get_or_insert(micros(command.at));
        }
        Action::Unblock { .. } => row.blocked_at = None,
        Action::AddNote { .. }
        | Action::EditNote { .. }
        | Action::Resend { .. }
        | Action::DeleteNote { .. }
        | Action::MergeContacts { .. }
        | Action::CreateLabel { .. }
        | Action::UpdateLabel { .. }
        | Action::DeleteLabel { .. }
        | Action::CreateCannedReply { .. }
        | Action::UpdateCannedReply { .. }
        | Action::DeleteCannedReply { .. }
        | Action::RenameMember { .. } => {}
    }
}

/// A snooze ends with its status.
fn set_status(row: &mut CachedContact, status: ConversationStatus, until: Option<DateTime<Utc>>) {
    row.status = status;
    row.snoozed_until = until.map(micros);
}
