//! A desktop that works directly, with a login role of its own: everything that an agent does works, and goes no further.

mod rights;
mod thefts;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    command::{Action, Command},
    contact::ConversationStatus,
    delivery::DeliveryStatus,
    ids::{CannedReplyId, CommandId, ContactId, FileId, LabelId, MessageId, NoteId, UserId, WorkspaceId},
    protocol::{CommandOutcome, ReplySettings, SaveDraft},
};
use deskline_store::{
    Again, AgentRole, DraftOutcome, Hold, LedgerKind, NewFile, NewOutbound, Outbound, OutboundError, PutBack, Role,
    Send, Setback, SnapshotSizes, Store, Trouble, Wake,
};
use sqlx::AssertSqlSafe;

use crate::world::{ACCOUNT, ANN, BOB, LEASE, OUR_NUMBER, World, fresh_in_cluster, inbound, outbound, uuid};

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
async fn a_draft_that_is_saved_directly_is_told_to_the_servers() {
    let world = World::start().await;
    let (desk, colleague) = (Desk::of(&world, Role::Agent).await, Desk::of(&world, Role::Agent).await);
    let ann = world.contact(world.team, ANN).await;
    let mut server = world.store.listen();
    assert_eq!(server.next().await, Wake::All);
    let draft = SaveDraft { contact_id: ann, ..a_draft(world.team) };

    let saved = desk.store.save_draft(desk.user, &draft, desk.now().await).await.unwrap();

    assert!(matches!(saved, DraftOutcome::Saved(_)), "{saved:?}");
    let Wake::Draft(told) = server.next().await else { panic!("the servers are to hear of the draft") };
    assert_eq!((told.user_id, told.contact_id), (desk.user, ann));
    assert_eq!(desk.store.drafts(world.team, desk.user).await.unwrap().len(), 1);
    assert!(colleague.store.drafts(world.team, desk.user).await.unwrap().is_empty(), "a draft is its author's alone");
}

#[tokio::test]
async fn an_agents_desktops_hear_directly_of_the_own_drafts_and_of_no_colleagues() {
    let world = World::start().await;
    let (desk, colleague) = (Desk::of(&world, Role::Agent).await, Desk::of(&world, Role::Agent).await);
    let (laptop, ended) = world.direct(world.team, desk.user).await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let mut heard = [laptop.listen(), colleague.store.listen()];
    for listener in &mut heard {
        assert_eq!(listener.next().await, Wake::All);
    }
    let draft = |contact_id| SaveDraft { contact_id, ..a_draft(world.team) };

    desk.store.save_draft(desk.user, &draft(ann), desk.now().await).await.unwrap();
    let Wake::Draft(told) = heard[0].next().await else { panic!("the laptop is to hear of the desk's draft") };
    assert_eq!((told.user_id, told.contact_id), (desk.user, ann));
    colleague.store.save_draft(colleague.user, &draft(bob), desk.now().await).await.unwrap();
    let Wake::Draft(told) = heard[1].next().await else { panic!("the colleague hears of the own draft") };
    assert_eq!((told.user_id, told.contact_id), (colleague.user, bob), "and of no other one before it");

    // A channel is the role's and ends with it; nobody can ask for another one's.
    let own: Option<String> = sqlx::query_scalar("select direct_whisper()").fetch_one(laptop.pool()).await.unwrap();
    let others: Option<String> =
        sqlx::query_scalar("select direct_whisper()").fetch_one(desk.store.pool()).await.unwrap();
    assert!(own.is_some() && own != others);
    world.sql(&format!("update direct_roles set ended_at = now() where role_name = '{}'", ended.as_str())).await;
    let over: Option<String> = sqlx::query_scalar("select direct_whisper()").fetch_one(laptop.pool()).await.unwrap();
    assert_eq!(over, None);
}

#[tokio::test]
async fn files_of_a_draft_are_seen_directly_and_are_for_a_server_to_change() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    let file = NewFile {
        id: FileId(uuid()),
        workspace_id: world.team,
        content_type: "image/png".to_owned(),
        size: 7,
        name: None,
        uploaded_by: Some(desk.user),
        kept_until: desk.now().await + TimeDelta::days(90),
        now: desk.now().await,
    };
    world.store.record_file(&file).await.unwrap();
    let with_file = SaveDraft {
        workspace_id: world.team,
        contact_id: ann,
        content: Some("look".to_owned()),
        files: Some(vec![file.id]),
        reply: None,
        from: None,
        age_ms: 0,
    };
    world.store.save_draft(desk.user, &with_file, desk.now().await).await.unwrap();

    let words = SaveDraft { content: Some("look at this".to_owned()), files: None, ..with_file.clone() };
    let saved = desk.store.save_draft(desk.user, &words, desk.now().await).await.unwrap();

    let DraftOutcome::Saved(row) = saved else { panic!("the words are the newest: {saved:?}") };
    assert_eq!(row.files.unwrap()[0].id, file.id);
    assert_eq!(desk.store.drafts(world.team, desk.user).await.unwrap()[0].files.as_ref().unwrap()[0].id, file.id);
    desk.store.save_draft(desk.user, &with_file, desk.now().await).await.unwrap_err();
    sqlx::query("update drafts set files = '[]'").execute(desk.store.pool()).await.unwrap_err();
}

#[tokio::test]
async fn reply_settings_of_a_draft_are_written_directly() {
    let world = World::start().await;
    let (desk, colleague) = (Desk::of(&world, Role::Agent).await, Desk::of(&world, Role::Agent).await);
    let ann = world.contact(world.team, ANN).await;
    let begun = |note: &str| Some(ReplySettings { cancel_on_reply: true, note: note.to_owned() });
    let noted = |note| SaveDraft { contact_id: ann, reply: begun(note), ..a_draft(world.team) };

    for note in ["asks", "asks for a refund"] {
        desk.store.save_draft(desk.user, &noted(note), desk.now().await).await.unwrap();
        assert_eq!(world.store.drafts(world.team, desk.user).await.unwrap()[0].reply, begun(note));
    }

    sqlx::query("update drafts set reply = '{}'").execute(colleague.store.pool()).await.unwrap();
    assert_eq!(
        desk.store.drafts(world.team, desk.user).await.unwrap()[0].reply,
        begun("asks for a refund"),
        "it is the author's alone"
    );
}

#[tokio::test]
async fn who_is_no_member_or_no_longer_allowed_sees_nothing_at_once() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Agent).await;
    world.contact(world.team, ANN).await;
    let mut inside = desk.store.pool().acquire().await.unwrap();
    let mut contacts =
        async || -> i64 { sqlx::query_scalar("select count(*) from contacts").fetch_one(&mut *inside).await.unwrap() };
    assert_eq!(contacts().await, 1);

    world.sql(&format!("delete from workspace_members where user_id = '{}'", desk.user)).await;
    assert_eq!(contacts().await, 0, "the same connection, and no membership any more");

    world.store.add_member(world.team, desk.user, Role::Agent).await.unwrap();
    assert_eq!(contacts().await, 0, "another membership is another decision");
    assert!(world.store.allow_direct(world.team, desk.user, None).await.unwrap());
    assert_eq!(contacts().await, 0, "and another decision makes another login");
    let (again, _) = world.direct(world.team, desk.user).await;
    assert_eq!(again.snapshot(world.team, None, SnapshotSizes::default()).await.unwrap().contacts.len(), 1);
    assert!(!world.store.allow_direct(world.team, UserId(uuid()), None).await.unwrap(), "strangers are not let in");
}

#[tokio::test]
async fn a_revoked_role_is_cut_off_and_gone_within_a_second() {
    let world = World::start().await;
    let user = world.member(Role::Agent).await;
    let (store, role) = world.direct(world.team, user).await;
    let mut inside = store.pool().acquire().await.unwrap();
    sqlx::query("create temp table loot (stolen text)").execute(&mut *inside).await.unwrap();

    let begun = std::time::Instant::now();
    assert!(world.store.revoke_direct(world.team, user).await.unwrap());
    let cut_off = sqlx::query("select 1").execute(&mut *inside).await;

    assert!(cut_off.is_err(), "an open connection is cut");
    assert!(store.ping().await.is_err(), "and no other one opens");
    assert!(begun.elapsed() < std::time::Duration::from_secs(1), "it took {:?}", begun.elapsed());
    let left = format!("select count(*) from pg_roles where rolname = '{}'", role.as_str());
    assert_eq!(world.number(&left).await, 0);
    assert!(world.store.agent_roles_of(user).await.unwrap().is_empty());
    assert!(world.store.revoke_direct(world.team, user).await.unwrap(), "revoking again finds it done");
}

#[tokio::test]
async fn the_end_of_a_membership_ends_the_login_in_the_same_transaction_whoever_writes_it() {
    let world = World::start().await;
    let user = world.member(Role::Agent).await;
    world.contact(world.team, ANN).await;
    let (store, role) = world.direct(world.team, user).await;
    let mut inside = store.pool().acquire().await.unwrap();

    world.sql(&format!("delete from workspace_members where user_id = '{user}'")).await;

    let seen: i64 = sqlx::query_scalar("select count(*) from contacts").fetch_one(&mut *inside).await.unwrap();
    assert_eq!(seen, 0, "whoever is still in sees nothing");
    assert!(store.reach().await.is_err(), "and nobody else comes in");
    world.store.end_stray_agent_roles().await.unwrap();
    assert!(sqlx::query("select 1").execute(&mut *inside).await.is_err(), "the next look cuts the connection");
    assert_eq!(world.number(&format!("select count(*) from pg_roles where rolname = '{}'", role.as_str())).await, 0);
}

#[tokio::test]
async fn the_end_of_one_membership_of_two_leaves_the_login_for_the_other_team() {
    let world = World::start().await;
    let other = world.second_team().await;
    let user = world.member(Role::Agent).await;
    world.store.add_member(other, user, Role::Agent).await.unwrap();
    let (store, _) = world.direct(world.team, user).await;
    world.store.allow_direct(other, user, None).await.unwrap();

    world.sql(&format!("delete from workspace_members where user_id = '{user}' and workspace_id = '{other}'")).await;
    world.store.end_stray_agent_roles().await.unwrap();

    let left = store.workspaces_of(user).await.unwrap();
    assert_eq!(left.iter().map(|workspace| workspace.id).collect::<Vec<_>>(), [world.team]);
}

#[tokio::test]
async fn a_login_ends_by_itself_after_a_while_whatever_password_it_has_by_then() {
    let world = World::start().await;
    let user = world.member(Role::Agent).await;
    let (store, role) = world.direct(world.team, user).await;
    let good_for = format!(
        "select round(extract(epoch from rolvaliduntil - now()) / 86400)::bigint from pg_roles where rolname = '{}'",
        role.as_str()
    );
    assert_eq!(world.number(&good_for).await, 45, "Postgres itself takes no password after that");
    // A role may change its own password, and nothing else of itself.
    sqlx::query(AssertSqlSafe(format!("alter role {} password 'a thief has it'", role.as_str())))
        .execute(store.pool())
        .await
        .unwrap();
    for more in ["valid until 'infinity'", "connection limit -1", "createrole"] {
        let statement = format!("alter role {} {more}", role.as_str());
        assert!(sqlx::query(AssertSqlSafe(statement)).execute(store.pool()).await.is_err(), "{more}");
    }

    world.sql("update direct_roles set created_at = now() - interval '46 days'").await;
    world.store.end_stray_agent_roles().await.unwrap();

    assert!(store.ping().await.is_err());
    assert!(world.store.agent_roles_of(user).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_team_of_two_takes_its_part_alone() {
    let world = World::start().await;
    let other = world.second_team().await;
    let user = world.member(Role::Agent).await;
    world.store.add_member(other, user, Role::Agent).await.unwrap();
    let (store, _) = world.direct(world.team, user).await;
    world.store.allow_direct(other, user, None).await.unwrap();
    assert_eq!(store.workspaces_of(user).await.unwrap().len(), 2);

    assert!(!world.store.revoke_direct(other, user).await.unwrap());

    let left = store.workspaces_of(user).await.unwrap();
    assert_eq!(left.iter().map(|workspace| workspace.id).collect::<Vec<_>>(), [world.team]);
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

#[tokio::test]
async fn an_owner_who_is_no_superuser_lets_agents_in_and_puts_them_out() {
    let world = World::of_a_plain_owner().await;
    world.store.migrate().await.unwrap();
    world.add_team(world.team, ACCOUNT, OUR_NUMBER).await;
    world.contact(world.team, ANN).await;
    let user = world.member(Role::Agent).await;

    assert!(world.store.allow_direct(world.team, user, None).await.unwrap());
    let (role, password) = (AgentRole::new(fresh_in_cluster()), "password".into());
    let refused = world.store.create_agent_role(user, &role, &password).await.unwrap_err();
    assert_eq!(refused.trouble(), Some(Trouble::NoRight), "the group is somebody else's: {refused:?}");
    let owner = world.pool().connect_options().get_username().to_owned();
    world.sql_of_a_superuser(&format!("grant deskline_agent to {owner} with admin true, inherit false")).await;

    let (store, role) = world.direct(world.team, user).await;
    assert_eq!(store.snapshot(world.team, None, SnapshotSizes::default()).await.unwrap().contacts.len(), 1);
    assert_eq!(world.number("select count(*) from contacts").await, 1, "the owner goes on seeing everything");
    let mut inside = store.pool().acquire().await.unwrap();
    world.store.end_agent_role(&role).await.unwrap();
    assert!(sqlx::query("select 1").execute(&mut *inside).await.is_err());
    assert!(store.ping().await.is_err());
}
