//! What commands do to labels, canned replies and members.

use deskline_domain::command::{Action, Command};

use crate::cache::team::{CachedLabel, CachedReply, CachedTeam};

/// Does to what a team has what the command will do.
pub(crate) fn to_team(command: &Command, team: &mut CachedTeam) {
    match &command.action {
        // A label that is there already was made by this very command.
        Action::CreateLabel { label_id, name, color } => {
            if !team.labels.iter().any(|label| label.id == *label_id) {
                let (name, color) = (name.trim().to_owned(), color.to_lowercase());
                team.labels.push(CachedLabel { id: *label_id, name, color });
            }
        }
        Action::UpdateLabel { label_id, name, color } => {
            for label in team.labels.iter_mut().filter(|label| label.id == *label_id) {
                name.trim().clone_into(&mut label.name);
                label.color = color.to_lowercase();
            }
        }
        Action::DeleteLabel { label_id } => team.labels.retain(|label| label.id != *label_id),
        Action::CreateCannedReply { canned_reply_id, name, content } => {
            if !team.canned_replies.iter().any(|reply| reply.id == *canned_reply_id) {
                let (name, content) = (name.trim().to_owned(), content.clone());
                team.canned_replies.push(CachedReply { id: *canned_reply_id, name, content });
            }
        }
        Action::UpdateCannedReply { canned_reply_id, name, content } => {
            for reply in team.canned_replies.iter_mut().filter(|reply| reply.id == *canned_reply_id) {
                name.trim().clone_into(&mut reply.name);
                reply.content.clone_from(content);
            }
        }
        Action::DeleteCannedReply { canned_reply_id } => {
            team.canned_replies.retain(|reply| reply.id != *canned_reply_id);
        }
        Action::RenameMember { user_id, name } => {
            for member in team.members.iter_mut().filter(|member| member.user_id == *user_id) {
                member.name = Some(name.trim().to_owned());
            }
        }
        Action::MarkRead { .. }
        | Action::MarkUnread { .. }
        | Action::Assign { .. }
        | Action::Unassign { .. }
        | Action::SetStatus { .. }
        | Action::Close { .. }
        | Action::Resend { .. }
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
        | Action::Unblock { .. } => {}
    }
}
