//! No command names a row of another workspace, and nobody who is no member gets anything done.

use deskline_domain::{
    command::{Action, Command},
    contact::ConversationStatus,
    ids::{CannedReplyId, CommandId, ContactId, LabelId, MessageId, NoteId, UserId, WorkspaceId},
    protocol::CommandOutcome,
};
use deskline_store::Role;

use crate::world::{ANN, BOB, World, at, uuid};

/// Rows of one workspace.
struct Rows {
    ann: ContactId,
    bob: ContactId,
    label_id: LabelId,
    note_id: NoteId,
    canned_reply_id: CannedReplyId,
    user_id: UserId,
    /// A text that did not arrive.
    failed: MessageId,
}

/// One of each command that names rows which are there.
fn every_action(rows: &Rows) -> Vec<Action> {
    let &Rows { ann: contact_id, bob: from, label_id, note_id, canned_reply_id, user_id, failed } = rows;
    let text = || "Text".to_owned();
    let (name, content, color, mentions) = (text, text, || "#000000".to_owned(), Vec::new);
    vec![
        Action::MarkRead { contact_id, up_to: None },
        Action::MarkUnread { contact_id },
        Action::Assign { contact_id, user_id },
        Action::Unassign { contact_id },
        Action::SetStatus { contact_id, status: ConversationStatus::Closed },
        Action::Close { contact_id, seen: Some(failed) },
        Action::Resend { contact_id, message_id: failed, seen: Some(failed) },
        Action::Snooze { contact_id, until: at(500) },
        Action::AddLabel { contact_id, label_id },
        Action::RemoveLabel { contact_id, label_id },
        Action::CreateLabel { label_id, name: name(), color: color() },
        Action::UpdateLabel { label_id, name: name(), color: color() },
        Action::DeleteLabel { label_id },
        Action::AddNote { contact_id, note_id, content: content(), mentions: mentions() },
        Action::EditNote { note_id, content: content(), mentions: mentions() },
        Action::DeleteNote { note_id },
        Action::CreateCannedReply { canned_reply_id, name: name(), content: content() },
        Action::UpdateCannedReply { canned_reply_id, name: name(), content: content() },
        Action::DeleteCannedReply { canned_reply_id },
        Action::RenameContact { contact_id, name: name() },
        Action::SetAttribute { contact_id, name: "size".to_owned(), value: text() },
        Action::RemoveAttribute { contact_id, name: "size".to_owned() },
        Action::MergeContacts { contact_id, from },
        Action::Block { contact_id },
        Action::Unblock { contact_id },
        Action::RenameMember { user_id, name: name() },
    ]
}

async fn seed(world: &World, team: WorkspaceId) -> Rows {
    let rows = Rows {
        ann: world.contact(team, ANN).await,
        bob: world.contact(team, BOB).await,
        label_id: LabelId(uuid()),
        note_id: NoteId(uuid()),
        canned_reply_id: CannedReplyId(uuid()),
        user_id: UserId(uuid()),
        failed: MessageId(uuid()),
    };
    world.store.add_member(team, rows.user_id, Role::Owner).await.unwrap();
    world
        .sql(&format!(
            "insert into labels (id, workspace_id, name, color) values ('{}', '{team}', 'Urgent', '#ff0000');
             insert into notes (id, workspace_id, contact_id, author_id, content) values ('{}', '{team}', '{}', '{}', 'Note');
             insert into canned_replies (id, workspace_id, name, content) values ('{}', '{team}', 'hi', 'Hi');
             insert into messages (id, workspace_id, contact_id, content, direction, status)
               values ('{}', '{team}', '{}', 'Hello', 'outbound', 'failed');
             update contacts set unread_count = 1 where workspace_id = '{team}'",
            rows.label_id, rows.note_id, rows.ann, rows.user_id, rows.canned_reply_id, rows.failed, rows.ann,
        ))
        .await;
    rows
}

async fn refusal(world: &World, user: UserId, workspace_id: WorkspaceId, action: Action) -> Option<String> {
    let command = Command { id: CommandId(uuid()), workspace_id, at: at(1), action };
    match world.store.execute(user, &command, at(2)).await.unwrap() {
        CommandOutcome::Done { .. } => None,
        CommandOutcome::Refused { reason } => Some(reason),
    }
}

#[tokio::test]
async fn a_stranger_gets_nothing_done() {
    let world = World::start().await;
    let theirs = seed(&world, world.team).await;
    let before = world.store.head(world.team).await.unwrap();

    for action in every_action(&theirs) {
        let why = refusal(&world, UserId(uuid()), world.team, action.clone()).await;
        assert_eq!(why.as_deref(), Some("You are not a member of this workspace."), "{action:?}");
    }

    assert_eq!(world.store.head(world.team).await.unwrap(), before);
}

#[tokio::test]
async fn an_owner_reaches_no_row_of_another_workspace() {
    let world = World::start().await;
    let other = world.second_team().await;
    let theirs = seed(&world, other).await;
    let owner = world.member(Role::Owner).await;
    let before = world.store.head(other).await.unwrap();

    for action in every_action(&theirs) {
        let why = refusal(&world, owner, world.team, action.clone()).await;
        assert!(why.is_some(), "{action:?} was carried out");
    }

    assert_eq!(world.store.head(other).await.unwrap(), before);
    let mine = world.contact(world.team, ANN).await;
    for action in [
        Action::AddLabel { contact_id: mine, label_id: theirs.label_id },
        Action::Assign { contact_id: mine, user_id: theirs.user_id },
        Action::MergeContacts { contact_id: mine, from: theirs.bob },
        Action::Resend { contact_id: mine, message_id: theirs.failed, seen: None },
        Action::MergeContacts { contact_id: theirs.ann, from: mine },
        Action::AddNote {
            contact_id: mine,
            note_id: NoteId(uuid()),
            content: "Hi".to_owned(),
            mentions: vec![theirs.user_id],
        },
    ] {
        assert!(refusal(&world, owner, world.team, action.clone()).await.is_some(), "{action:?} was carried out");
    }
}

#[tokio::test]
async fn what_only_admins_may_do_is_refused_to_agents_and_nothing_else_is() {
    let world = World::start().await;
    let rows = seed(&world, world.team).await;
    let agent = world.member(Role::Agent).await;

    for action in every_action(&rows) {
        let why = refusal(&world, agent, world.team, action.clone()).await;
        let admins_only = why.as_deref() == Some("Only owners and admins of this workspace may do this.");
        assert_eq!(admins_only, action.is_for_admins(), "{action:?} {why:?}");
    }
}
