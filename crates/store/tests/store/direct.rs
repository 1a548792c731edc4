//! A desktop that works directly, with a login role of its own: everything that an agent does works, and goes no further.

mod drafts;
mod logins;
mod rights;
mod thefts;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    command::{Action, Command},
    contact::ConversationStatus,
    delivery::DeliveryStatus,
    ids::{CannedReplyId, CommandId, ContactId, LabelId, MessageId, NoteId, UserId, WorkspaceId},
    protocol::{CommandOutcome, SaveDraft},
};
use deskline_store::{
    Again, Hold, LedgerKind, NewOutbound, Outbound, OutboundError, PutBack, Role, Send, Setback, SnapshotSizes, Store,
    Wake,
};

use crate::world::{ACCOUNT, ANN, BOB, LEASE, OUR_NUMBER, World, inbound, outbound, uuid};

/// A desk in the world's team: the agent, and the store as their login role sees it.
struct Desk {
    store: Store,
    user: UserId,
    team: WorkspaceId,
}

impl Desk {
    async fn of(world: &World, role: Role) -> Self {
        let user = world.member(role).await;
        let (store, _) = world.direct(world.team, user).await;
        Self { store, user, team: world.team }
    }

    async fn now(&self) -> DateTime<Utc> {
        self.store.clock().await.unwrap()
    }

    async fn does(&self, action: Action) -> Result<(), String> {
        let now = self.now().await;
        let command = Command { id: CommandId(uuid()), workspace_id: self.team, at: now, action };
        match self.store.execute(self.user, &command, now).await.unwrap() {
            CommandOutcome::Done { .. } => Ok(()),
            CommandOutcome::Refused { reason } => Err(reason),
        }
    }

    async fn writes(&self, contact: ContactId, content: &str) -> Result<Outbound, OutboundError> {
        let text =
            NewOutbound { now: self.now().await, sent_by: Some(self.user), ..outbound(self.team, contact, content) };
        self.store.record_outbound(&text).await
    }

    /// Writes a text that is handed out at once.
    async fn begins(&self, contact: ContactId, content: &str) -> Send {
        match self.writes(contact, content).await.unwrap() {
            Outbound::Claimed(send) => *send,
            other => panic!("the text is to leave at once: {other:?}"),
        }
    }
}

/// Of words alone, to nobody in particular.
fn a_draft(workspace_id: WorkspaceId) -> SaveDraft {
    let content = Some("Dear Ann".to_owned());
    SaveDraft { workspace_id, contact_id: ContactId(uuid()), content, files: None, reply: None, from: None, age_ms: 0 }
}

fn sid(n: u128) -> String {
    format!("SM{n:032x}")
}

#[tokio::test]
async fn an_agent_does_directly_whatever_an_agent_does() {
    let world = World::start().await;
    let (desk, colleague) = (Desk::of(&world, Role::Agent).await, world.member(Role::Agent).await);
    let ann = world.contact(world.team, ANN).await;
    let label_id = LabelId(uuid());
    world
        .sql(&format!(
            "insert into labels (id, workspace_id, name, color) values ('{label_id}', '{}', 'Urgent', '#ff0000')",
            world.team
        ))
        .await;
    let note_id = NoteId(uuid());
    let text = || "Text".to_owned();

    for action in [
        Action::MarkUnread { contact_id: ann },
        Action::MarkRead { contact_id: ann, up_to: None },
        Action::Assign { contact_id: ann, user_id: colleague },
        Action::Unassign { contact_id: ann },
        Action::SetStatus { contact_id: ann, status: ConversationStatus::Pending },
        Action::Close { contact_id: ann, seen: None },
        Action::Snooze { contact_id: ann, until: desk.now().await + TimeDelta::hours(1) },
        Action::AddLabel { contact_id: ann, label_id },
        Action::RemoveLabel { contact_id: ann, label_id },
        Action::AddNote { contact_id: ann, note_id, content: text(), mentions: vec![colleague] },
        Action::EditNote { note_id, content: text(), mentions: Vec::new() },
        Action::DeleteNote { note_id },
        Action::RenameContact { contact_id: ann, name: text() },
        Action::SetAttribute { contact_id: ann, name: "size".to_owned(), value: text() },
        Action::RemoveAttribute { contact_id: ann, name: "size".to_owned() },
        Action::Block { contact_id: ann },
        Action::Unblock { contact_id: ann },
        Action::RenameMember { user_id: desk.user, name: text() },
    ] {
        assert_eq!(desk.does(action.clone()).await, Ok(()), "{action:?}");
    }
    let refused =
        desk.does(Action::CreateLabel { label_id: LabelId(uuid()), name: text(), color: "#000000".to_owned() });
    assert!(refused.await.is_err(), "labels are for admins");
}

#[tokio::test]
async fn an_admin_sees_to_labels_replies_and_others_notes_directly() {
    let world = World::start().await;
    let (admin, agent) = (Desk::of(&world, Role::Admin).await, Desk::of(&world, Role::Agent).await);
    let ann = world.contact(world.team, ANN).await;
    let (label_id, canned_reply_id, note_id) = (LabelId(uuid()), CannedReplyId(uuid()), NoteId(uuid()));
    let (text, color) = (|| "Text".to_owned(), || "#000000".to_owned());
    let note = Action::AddNote { contact_id: ann, note_id, content: text(), mentions: Vec::new() };
    agent.does(note).await.unwrap();

    for action in [
        Action::CreateLabel { label_id, name: text(), color: color() },
        Action::UpdateLabel { label_id, name: "Other".to_owned(), color: color() },
        Action::AddLabel { contact_id: ann, label_id },
        Action::DeleteLabel { label_id },
        Action::CreateCannedReply { canned_reply_id, name: text(), content: text() },
        Action::UpdateCannedReply { canned_reply_id, name: text(), content: text() },
        Action::DeleteCannedReply { canned_reply_id },
        Action::DeleteNote { note_id },
        Action::RenameMember { user_id: agent.user, name: text() },
    ] {
        assert_eq!(admin.does(action.clone()).await, Ok(()), "{action:?}");
    }
    assert!(world.row(ann).await.labels.is_empty());
}

#[tokio::test]
async fn a_text_goes_its_three_steps_directly_and_the_next_one_waits_for_it() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;

    let first = desk.begins(ann, "First").await;
    assert!(first.account.can_send(), "the desktop's own key takes the place of the token");
    let second = desk.writes(ann, "Second").await.unwrap();
    assert!(matches!(second, Outbound::Behind(_)), "{second:?}");
    // A callback may be faster than Twilio's answer.
    world
        .sql(&format!(
            "insert into delivery_events (account_sid, message_sid, status, kind, received_at)
             values ('{ACCOUNT}', '{}', 'sent', 'callback', now())",
            sid(1)
        ))
        .await;
    let now = desk.now().await;
    let sent = desk.store.record_accepted(first.message.id, &sid(1), DeliveryStatus::Queued, None, now).await.unwrap();
    assert_eq!((sent.twilio_sid, sent.status), (Some(sid(1)), DeliveryStatus::Sent));

    let [second] = &desk.store.claim_due(desk.now().await, LEASE, 10).await.unwrap()[..] else {
        panic!("the second one's turn has come")
    };
    let ledger = desk.store.ledger(first.message.id).await.unwrap();
    assert_eq!(ledger.iter().map(|row| row.kind).collect::<Vec<_>>(), [LedgerKind::Callback, LedgerKind::Accepted]);

    // The second one's outcome is unknown, is looked up, and goes out again.
    let now = desk.now().await;
    let (id, attempt) = (second.message.id, second.attempt);
    let back =
        PutBack { id, attempt, why: Setback::Unknown, code: None, explanation: "No answer.", now, again_at: now };
    assert!(desk.store.put_back(&back).await.unwrap());
    let [doubtful] = &desk.store.claim_due(desk.now().await, LEASE, 10).await.unwrap()[..] else { panic!("due") };
    assert!(doubtful.started_before);
    assert_eq!(desk.store.known_sids(&[sid(1), sid(2)]).await.unwrap().into_iter().collect::<Vec<_>>(), [sid(1)]);
    let again = desk.store.claim_again(id, doubtful.attempt, desk.now().await, LEASE).await.unwrap();
    let Again::Send(again) = again else { panic!("it may be sent again: {again:?}") };
    assert!(desk.store.renew(id, again.attempt, desk.now().await, LEASE).await.unwrap());
    let refused =
        desk.store.record_refused(id, again.attempt, Some(21610), "Opted out.", desk.now().await).await.unwrap();

    assert_eq!(refused.status, DeliveryStatus::Failed);
    assert!(world.row(ann).await.opted_out_at.is_some(), "what Twilio teaches is learnt");
    let third = desk.writes(ann, "Third").await;
    assert!(matches!(third, Err(OutboundError::Refused(_))), "{third:?}");
    assert_eq!(world.number("select count(*) from sends").await, 0);
}

#[tokio::test]
async fn a_failed_text_is_sent_again_a_waiting_one_called_off_and_a_sender_held_directly() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    let first = desk.begins(ann, "First").await;
    let Outbound::Behind(second) = desk.writes(ann, "Second").await.unwrap() else { panic!("it waits") };

    let called_off = desk.store.cancel(world.team, second.id, desk.user, desk.now().await).await.unwrap();
    assert_eq!(called_off.status, DeliveryStatus::Canceled);
    let hold = Hold {
        account_sid: ACCOUNT,
        sender: OUR_NUMBER,
        retry_after: None,
        base: LEASE,
        cap: LEASE,
        jitter: 0.0,
        now: desk.now().await,
    };
    assert!(desk.store.hold_sender(&hold).await.unwrap() > hold.now);
    let now = desk.now().await;
    desk.store.record_refused(first.message.id, first.attempt, Some(21211), "No such number.", now).await.unwrap();
    let again = Action::Resend { contact_id: ann, message_id: first.message.id, seen: None };
    assert_eq!(desk.does(again).await, Ok(()));

    assert_eq!(world.number("select count(*) from sends where state = 'queued'").await, 1);
}

#[tokio::test]
async fn an_agent_reads_the_team_directly_and_is_woken() {
    let world = World::start().await;
    let other = world.second_team().await;
    let desk = Desk::of(&world, Role::Agent).await;
    world.receives(ANN, "Hello").await;
    world.store.record_inbound(&inbound(other, BOB, "Not for them")).await.unwrap();

    let page = desk.store.snapshot(world.team, None, SnapshotSizes::default()).await.unwrap();
    assert_eq!((page.contacts.len(), page.messages.len(), page.members.len()), (1, 1, 1));
    let mine = desk.store.changes_after(world.team, 0, 100).await.unwrap();
    assert_eq!(mine.changes.len(), 3, "a contact, a text and a member: {mine:?}");
    let theirs = desk.store.changes_after(other, 0, 100).await.unwrap();
    assert_eq!((theirs.changes.len(), theirs.head), (0, 0));
    assert_eq!(desk.store.workspaces_of(desk.user).await.unwrap().len(), 1);

    let mut listener = desk.store.listen();
    assert_eq!(listener.next().await, Wake::All);
    world.receives(ANN, "Are you there?").await;
    assert_eq!(listener.next().await, Wake::Workspace(world.team));
}

#[tokio::test]
async fn tables_that_a_host_serves_to_strangers_are_noticed() {
    let world = World::start().await;
    world
        .sql("do $$ begin create role anon nologin; exception when duplicate_object or unique_violation then null; end $$")
        .await;
    assert!(world.store.readable_by_strangers().await.unwrap().is_empty());

    world.sql("grant select on messages to anon").await;

    assert_eq!(world.store.readable_by_strangers().await.unwrap(), ["anon"]);
}

/// The id of a text that another program stored.
async fn stored(world: &World, team: WorkspaceId, contact: ContactId, direction: &str) -> MessageId {
    let id = MessageId(uuid());
    world
        .sql(&format!(
            "insert into messages (id, workspace_id, contact_id, content, direction, status)
             values ('{id}', '{team}', '{contact}', 'As it was', '{direction}', 'delivered')"
        ))
        .await;
    id
}
