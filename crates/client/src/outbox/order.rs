//! Which commands may be told now: a pure function over those that wait, asked by [`super::courier`].
//!
//! Commands about the same thing are told in the order in which they were given; whatever has nothing to do with a command
//! that has to wait goes on. Putting a label on reads the label: it waits for the command that makes it, and two conversations
//! that get the same label do not wait for each other.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use deskline_domain::{
    command::{Action, Command},
    ids::{CannedReplyId, ContactId, LabelId, NoteId, UserId, WorkspaceId},
};

/// Something that a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Contact(ContactId),
    Note(NoteId),
    Label(LabelId),
    /// The names of all labels: no two are alike.
    LabelNames(WorkspaceId),
    Reply(CannedReplyId),
    ReplyNames(WorkspaceId),
    Member(UserId),
}

/// A command that the server has not answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Untold {
    pub(crate) command: Command,
    /// Not before this.
    pub(crate) next_at: DateTime<Utc>,
    /// Tries so far.
    pub(crate) attempt: u32,
}

/// What commands that have to wait are about.
#[derive(Debug, Default)]
pub(crate) struct Line {
    written: HashSet<Subject>,
    read: HashSet<Subject>,
}

impl Line {
    /// Whether the command has nothing to do with any that waits.
    pub(crate) fn lets(&self, command: &Command) -> bool {
        let (writes, reads) = subjects(command);
        !writes.iter().any(|subject| self.written.contains(subject) || self.read.contains(subject))
            && !reads.iter().any(|subject| self.written.contains(subject))
    }

    /// The command has to wait, and so do later ones about the same.
    pub(crate) fn hold(&mut self, command: &Command) {
        let (writes, reads) = subjects(command);
        self.written.extend(writes);
        self.read.extend(reads);
    }
}

/// At most `limit` commands that may be told in one request, in order. `untold` is all that wait, in order.
pub(crate) fn due(untold: &[Untold], now: DateTime<Utc>, limit: usize) -> Vec<Untold> {
    let mut line = Line::default();
    let mut due = Vec::new();
    for one in untold {
        if due.len() == limit {
            break;
        }
        if one.next_at <= now && line.lets(&one.command) {
            due.push(one.clone());
        } else {
            line.hold(&one.command);
        }
    }
    due
}

/// What the command changes, and what it only needs.
fn subjects(command: &Command) -> (Vec<Subject>, Vec<Subject>) {
    let workspace_id = command.workspace_id;
    match &command.action {
        Action::MarkRead { contact_id, .. }
        | Action::MarkUnread { contact_id }
        | Action::Assign { contact_id, .. }
        | Action::Unassign { contact_id }
        | Action::SetStatus { contact_id, .. }
        | Action::Close { contact_id, .. }
        | Action::Resend { contact_id, .. }
        | Action::Snooze { contact_id, .. }
        | Action::RenameContact { contact_id, .. }
        | Action::SetAttribute { contact_id, .. }
        | Action::RemoveAttribute { contact_id, .. }
        | Action::Block { contact_id }
        | Action::Unblock { contact_id } => (vec![Subject::Contact(*contact_id)], vec![]),
        Action::AddLabel { contact_id, label_id } | Action::RemoveLabel { contact_id, label_id } => {
            (vec![Subject::Contact(*contact_id)], vec![Subject::Label(*label_id)])
        }
        Action::AddNote { contact_id, note_id, .. } => {
            (vec![Subject::Contact(*contact_id), Subject::Note(*note_id)], vec![])
        }
        Action::EditNote { note_id, .. } | Action::DeleteNote { note_id } => (vec![Subject::Note(*note_id)], vec![]),
        Action::MergeContacts { contact_id, from } => {
            (vec![Subject::Contact(*contact_id), Subject::Contact(*from)], vec![])
        }
        Action::CreateLabel { label_id, .. }
        | Action::UpdateLabel { label_id, .. }
        | Action::DeleteLabel { label_id } => {
            (vec![Subject::Label(*label_id), Subject::LabelNames(workspace_id)], vec![])
        }
        Action::CreateCannedReply { canned_reply_id, .. }
        | Action::UpdateCannedReply { canned_reply_id, .. }
        | Action::DeleteCannedReply { canned_reply_id } => {
            (vec![Subject::Reply(*canned_reply_id), Subject::ReplyNames(workspace_id)], vec![])
        }
        Action::RenameMember { user_id, .. } => (vec![Subject::Member(*user_id)], vec![]),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use deskline_domain::ids::CommandId;
    use uuid::Uuid;

    use super::*;

    const ANN: ContactId = ContactId(Uuid::from_u128(1));
    const BOB: ContactId = ContactId(Uuid::from_u128(2));
    const URGENT: LabelId = LabelId(Uuid::from_u128(3));
    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn untold(number: u128, waits: bool, action: Action) -> Untold {
        let command =
            Command { id: CommandId(Uuid::from_u128(number)), workspace_id: Uuid::nil().into(), at: NOW, action };
        Untold { command, next_at: NOW + TimeDelta::seconds(i64::from(waits)), attempt: 0 }
    }

    fn close(contact_id: ContactId) -> Action {
        Action::SetStatus { contact_id, status: deskline_domain::contact::ConversationStatus::Closed }
    }

    fn label(contact_id: ContactId) -> Action {
        Action::AddLabel { contact_id, label_id: URGENT }
    }

    fn make() -> Action {
        Action::CreateLabel { label_id: URGENT, name: "Urgent".to_owned(), color: "#ff0000".to_owned() }
    }

    fn told(untold: &[Untold], limit: usize) -> Vec<u128> {
        due(untold, NOW, limit).iter().map(|one| one.command.id.0.as_u128()).collect()
    }

    #[test]
    fn a_conversation_whose_head_waits_holds_up_its_own_commands_alone() {
        let queue = [untold(1, true, close(ANN)), untold(2, false, label(ANN)), untold(3, false, close(BOB))];

        assert_eq!(told(&queue, 10), [3]);
    }

    #[test]
    fn a_label_is_put_on_after_it_was_made_and_two_conversations_do_not_wait_for_each_other() {
        let being_made = [untold(1, true, make()), untold(2, false, label(ANN)), untold(3, false, close(BOB))];
        let there = [untold(1, true, label(ANN)), untold(2, false, label(BOB))];
        let about_to_go = [untold(1, true, label(ANN)), untold(2, false, Action::DeleteLabel { label_id: URGENT })];

        assert_eq!((told(&being_made, 10), told(&there, 10), told(&about_to_go, 10)), (vec![3], vec![2], vec![]));
    }

    #[test]
    fn what_may_be_told_is_told_in_the_order_in_which_it_was_given() {
        let queue = [untold(1, false, make()), untold(2, false, label(BOB)), untold(3, false, close(BOB))];

        assert_eq!((told(&queue, 10), told(&queue, 2)), (vec![1, 2, 3], vec![1, 2]));
    }

    #[test]
    fn a_merge_waits_for_both_conversations_and_holds_up_both() {
        let merge = || Action::MergeContacts { contact_id: ANN, from: BOB };
        let before = [untold(1, true, close(BOB)), untold(2, false, merge()), untold(3, false, close(ANN))];

        assert_eq!(told(&before, 10), Vec::<u128>::new());
    }
}
