//! What commands do to the private notes of a thread.

use deskline_domain::{
    command::{Action, Command},
    ids::UserId,
};

use crate::{cache::notes::CachedNote, database::micros};

/// The note that the command writes, if it writes one. `me` gave the command.
pub(crate) fn added_note(command: &Command, me: UserId) -> Option<CachedNote> {
    let Action::AddNote { contact_id, note_id, content, mentions } = &command.action else { return None };
    Some(CachedNote {
        id: *note_id,
        workspace_id: command.workspace_id,
        contact_id: *contact_id,
        author_id: me,
        content: content.clone(),
        mentions: each_once(mentions),
        edited_at: None,
        created_at: micros(command.at),
    })
}

/// Does to the note what the command will do; `None` when it is gone then.
pub(crate) fn to_note(command: &Command, mut note: CachedNote) -> Option<CachedNote> {
    match &command.action {
        Action::EditNote { note_id, content, mentions } if *note_id == note.id => {
            note.content.clone_from(content);
            note.mentions = each_once(mentions);
            note.edited_at = Some(micros(command.at));
            Some(note)
        }
        Action::DeleteNote { note_id } if *note_id == note.id => None,
        Action::EditNote { .. }
        | Action::DeleteNote { .. }
        // Once the note is there, its row says all of it.
        | Action::AddNote { .. }
        | Action::MarkRead { .. }
        | Action::MarkUnread { .. }
        | Action::Assign { .. }
        | Action::Unassign { .. }
        | Action::SetStatus { .. }
        | Action::Close { .. }
        | Action::Resend { .. }
        | Action::Snooze { .. }
        | Action::AddLabel { .. }
        | Action::RemoveLabel { .. }
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
        | Action::RenameMember { .. } => Some(note),
    }
}

/// As the store keeps them.
fn each_once(users: &[UserId]) -> Vec<UserId> {
    let mut users = users.to_vec();
    users.sort_unstable();
    users.dedup();
    users
}
