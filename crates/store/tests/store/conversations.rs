//! What agents do with a conversation and its contact: assigning, statuses, snoozing, labels, attributes, blocking.

use deskline_domain::{
    command::Action,
    contact::ConversationStatus::{Closed, Open, Pending, Snoozed},
    ids::{ContactId, LabelId, MessageId, UserId},
};
use deskline_store::Role;

use crate::{
    replica::Replica,
    world::{ANN, BOB, World, at, inbound, uuid},
};

async fn start() -> (World, UserId, ContactId) {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    (world, agent, ann)
}

async fn label(world: &World, name: &str) -> LabelId {
    let (owner, label_id) = (world.member(Role::Owner).await, LabelId(uuid()));
    world
        .does(owner, Action::CreateLabel { label_id, name: name.to_owned(), color: "#FF8800".to_owned() })
        .await
        .unwrap();
    label_id
}

#[tokio::test]
async fn a_conversation_is_assigned_to_a_member_and_to_nobody_else() {
    let (world, agent, ann) = start().await;

    world.does(agent, Action::Assign { contact_id: ann, user_id: agent }).await.unwrap();
    assert_eq!(world.row(ann).await.assigned_to, Some(agent));

    let refusal = world.does(agent, Action::Assign { contact_id: ann, user_id: UserId(uuid()) }).await.unwrap_err();
    assert!(refusal.contains("not a member"), "{refusal}");
    assert_eq!(world.row(ann).await.assigned_to, Some(agent));

    world.does(agent, Action::Unassign { contact_id: ann }).await.unwrap();
    assert_eq!(world.row(ann).await.assigned_to, None);
}

#[tokio::test]
async fn who_is_removed_from_a_workspace_sees_to_none_of_its_conversations_and_desktops_hear_it() {
    let (world, leaves, ann) = start().await;
    let (stays, bob) = (world.member(Role::Agent).await, world.contact(world.team, BOB).await);
    let other = world.second_team().await;
    world.store.add_member(other, leaves, Role::Agent).await.unwrap();
    let elsewhere = world.contact(other, ANN).await;
    world.sql(&format!("update contacts set assigned_to = '{leaves}'")).await;
    world.does(stays, Action::Assign { contact_id: bob, user_id: stays }).await.unwrap();
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;

    world.sql(&format!("update workspace_members set role = 'admin', name = 'Robin' where user_id = '{leaves}'")).await;
    assert_eq!(world.row(ann).await.assigned_to, Some(leaves), "who is renamed stays");
    world
        .sql(&format!("delete from workspace_members where user_id = '{leaves}' and workspace_id = '{}'", world.team))
        .await;

    assert_eq!(world.row(ann).await.assigned_to, None);
    assert_eq!(world.row(bob).await.assigned_to, Some(stays));
    assert_eq!(world.store.contact(other, elsewhere).await.unwrap().unwrap().assigned_to, Some(leaves));
    replica.catch_up().await;
    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn nobody_is_left_with_a_conversation_who_is_removed_while_it_is_assigned_to_them() {
    let (world, agent, ann) = start().await;
    for _ in 0..20 {
        let leaves = world.member(Role::Agent).await;
        let removal = format!("delete from workspace_members where user_id = '{leaves}'");

        let (_, _) =
            tokio::join!(world.does(agent, Action::Assign { contact_id: ann, user_id: leaves }), world.sql(&removal),);

        assert_ne!(world.row(ann).await.assigned_to, Some(leaves));
    }
}

#[tokio::test]
async fn a_status_is_set_and_ends_a_snooze() {
    let (world, agent, ann) = start().await;

    for status in [Closed, Pending, Open] {
        world.does(agent, Action::Snooze { contact_id: ann, until: at(500) }).await.unwrap();
        assert_eq!(world.row(ann).await.snoozed_until, Some(at(500)));

        world.does(agent, Action::SetStatus { contact_id: ann, status }).await.unwrap();

        let row = world.row(ann).await;
        assert_eq!((row.conversation_status, row.snoozed_until), (status, None));
    }
    let refusal = world.does(agent, Action::SetStatus { contact_id: ann, status: Snoozed }).await.unwrap_err();
    assert_eq!(refusal, "To snooze a conversation, say until when.");
}

#[tokio::test]
async fn a_snoozed_conversation_opens_when_its_time_has_come_and_not_before() {
    let (world, agent, ann) = start().await;
    let bob = world.contact(world.team, BOB).await;
    world.does(agent, Action::Snooze { contact_id: ann, until: at(500) }).await.unwrap();
    world.does(agent, Action::Snooze { contact_id: bob, until: at(900) }).await.unwrap();
    let before = world.store.head(world.team).await.unwrap().seq;

    assert_eq!(world.store.wake_snoozed(at(499), 100).await.unwrap(), 0);
    assert_eq!(world.store.wake_snoozed(at(500), 100).await.unwrap(), 1);
    assert_eq!(world.store.wake_snoozed(at(500), 100).await.unwrap(), 0);

    assert_eq!((world.row(ann).await.conversation_status, world.row(ann).await.snoozed_until), (Open, None));
    assert_eq!(world.row(bob).await.conversation_status, Snoozed);
    let page = world.store.changes_after(world.team, before, 10).await.unwrap();
    assert_eq!(page.changes.iter().map(|change| change.id).collect::<Vec<_>>(), [ann.0]);
}

#[tokio::test]
async fn several_processes_open_each_conversation_once() {
    let (world, agent, ann) = start().await;
    world.does(agent, Action::Snooze { contact_id: ann, until: at(1) }).await.unwrap();
    world
        .sql(
            "insert into contacts (workspace_id, phone, conversation_status, snoozed_until)
              select workspace_id, '+1555100' || n, conversation_status, snoozed_until from contacts, generate_series(1000, 1099) n",
        )
        .await;

    let woken = futures_util::future::join_all((0..8).map(|_| world.store.wake_snoozed(at(2), 30))).await;

    let mut sum: u64 = woken.into_iter().map(Result::unwrap).sum();
    while let more @ 1.. = world.store.wake_snoozed(at(2), 30).await.unwrap() {
        sum += more;
    }
    assert_eq!(sum, 101);
}

#[tokio::test]
async fn a_contact_that_writes_or_a_foreign_program_ends_a_snooze() {
    let (world, agent, ann) = start().await;

    world.does(agent, Action::Snooze { contact_id: ann, until: at(500) }).await.unwrap();
    world.receives(ANN, "Are you there?").await;
    assert_eq!((world.row(ann).await.conversation_status, world.row(ann).await.snoozed_until), (Open, None));

    world.does(agent, Action::Snooze { contact_id: ann, until: at(500) }).await.unwrap();
    world.sql("update contacts set conversation_status = 'Closed'").await;
    assert_eq!(world.row(ann).await.snoozed_until, None);
    assert_eq!(world.store.wake_snoozed(at(501), 10).await.unwrap(), 0, "a closed one stays closed");
}

#[tokio::test]
async fn marking_unread_counts_one_until_somebody_reads() {
    let (world, agent, ann) = start().await;
    let text = world.receives(ANN, "Hello").await.message;
    world.does(agent, Action::MarkRead { contact_id: ann, up_to: Some(text.id) }).await.unwrap();

    world.does(agent, Action::MarkUnread { contact_id: ann }).await.unwrap();
    world.does(agent, Action::MarkUnread { contact_id: ann }).await.unwrap();
    assert_eq!(world.row(ann).await.unread_count, 1);

    world.does(agent, Action::MarkRead { contact_id: ann, up_to: Some(text.id) }).await.unwrap();
    assert_eq!(world.row(ann).await.unread_count, 0);
}

#[tokio::test]
async fn labels_are_put_on_once_and_taken_off() {
    let (world, agent, ann) = start().await;
    let (urgent, bikes) = (label(&world, "Urgent").await, label(&world, "Bikes").await);

    for label_id in [urgent, bikes, urgent] {
        world.does(agent, Action::AddLabel { contact_id: ann, label_id }).await.unwrap();
    }
    assert_eq!(world.row(ann).await.labels, [urgent, bikes]);

    for _ in 0..2 {
        world.does(agent, Action::RemoveLabel { contact_id: ann, label_id: urgent }).await.unwrap();
    }
    assert_eq!(world.row(ann).await.labels, [bikes]);
    let refusal = world.does(agent, Action::AddLabel { contact_id: ann, label_id: LabelId(uuid()) }).await.unwrap_err();
    assert_eq!(refusal, "This label is no longer there.");
}

#[tokio::test]
async fn a_label_that_goes_away_is_off_every_conversation_even_while_it_is_being_put_on() {
    let (world, agent, ann) = start().await;
    let owner = world.member(Role::Owner).await;
    let bob = world.contact(world.team, BOB).await;

    for round in 0..10 {
        let label_id = label(&world, &format!("Label {round}")).await;
        world.does(agent, Action::AddLabel { contact_id: bob, label_id }).await.unwrap();
        let (_, deleted) = tokio::join!(
            world.does(agent, Action::AddLabel { contact_id: ann, label_id }),
            world.does(owner, Action::DeleteLabel { label_id }),
        );
        deleted.unwrap();

        assert_eq!((world.row(ann).await.labels.len(), world.row(bob).await.labels.len()), (0, 0));
    }
}

#[tokio::test]
async fn a_contact_has_a_name_and_attributes() {
    let (world, agent, ann) = start().await;
    let set = |name: &str, value: &str| Action::SetAttribute {
        contact_id: ann,
        name: name.to_owned(),
        value: value.to_owned(),
    };

    world.does(agent, Action::RenameContact { contact_id: ann, name: " Ann Lee ".to_owned() }).await.unwrap();
    for (name, value) in [("bike", "red"), ("size", "54"), ("bike", "blue")] {
        world.does(agent, set(name, value)).await.unwrap();
    }
    world.does(agent, Action::RemoveAttribute { contact_id: ann, name: "size".to_owned() }).await.unwrap();

    let row = world.row(ann).await;
    assert_eq!(row.name.as_deref(), Some("Ann Lee"));
    assert_eq!(row.attributes.into_iter().collect::<Vec<_>>(), [("bike".to_owned(), "blue".to_owned())]);

    for n in 0..99 {
        world.does(agent, set(&format!("a{n}"), "x")).await.unwrap();
    }
    let refusal = world.does(agent, set("one_more", "x")).await.unwrap_err();
    assert_eq!(refusal, "A contact can have 100 attributes at most.");
    world.does(agent, set("a7", "y")).await.unwrap();
}

#[tokio::test]
async fn texts_of_a_blocked_contact_are_stored_and_change_nothing_else() {
    let (world, agent, ann) = start().await;
    world.does(agent, Action::SetStatus { contact_id: ann, status: Closed }).await.unwrap();
    world.does(agent, Action::Block { contact_id: ann }).await.unwrap();
    let since = world.row(ann).await.blocked_at;
    world.does(agent, Action::Block { contact_id: ann }).await.unwrap();

    let stored = world.receives(ANN, "STOP").await;

    assert!(stored.fresh);
    let row = world.row(ann).await;
    assert_eq!((row.unread_count, row.conversation_status, row.blocked_at), (0, Closed, since));
    assert!(row.opted_out_at.is_some(), "a STOP binds all the same");

    world.does(agent, Action::Unblock { contact_id: ann }).await.unwrap();
    world.receives(ANN, "Hello").await;
    let row = world.row(ann).await;
    assert_eq!((row.unread_count, row.conversation_status, row.blocked_at), (1, Open, None));
}

#[tokio::test]
async fn what_agents_do_reaches_everybody_through_the_feed() {
    let (world, agent, ann) = start().await;
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;
    let urgent = label(&world, "Urgent").await;

    for action in [
        Action::Assign { contact_id: ann, user_id: agent },
        Action::AddLabel { contact_id: ann, label_id: urgent },
        Action::Snooze { contact_id: ann, until: at(500) },
        Action::Block { contact_id: ann },
        Action::RenameMember { user_id: agent, name: "Andy".to_owned() },
    ] {
        world.does(agent, action).await.unwrap();
        replica.catch_up().await;
        replica.assert_equals_tables().await;
    }
}

#[tokio::test]
async fn what_a_foreign_program_writes_beside_a_contact_must_read_as_what_it_is() {
    let (world, _, ann) = start().await;

    for wrong in [
        "attributes = '[]'",
        "attributes = '{\"a\": 1}'",
        "attributes = '{\"a\": [\"b\"]}'",
        "labels = array[null]::uuid[]",
        "labels = '{{00000000-0000-0000-0000-000000000001}}'",
        "other_phones = array[null]",
        "conversation_status = 'Snoozed', snoozed_until = 'infinity'",
        "blocked_at = '-infinity'",
    ] {
        let done = sqlx::query(sqlx::AssertSqlSafe(format!("update contacts set {wrong}"))).execute(world.pool()).await;
        assert!(done.is_err(), "{wrong} was taken");
    }
    assert_eq!(world.store.record_inbound(&inbound(world.team, ANN, "Hi")).await.unwrap().contact.id, ann);
}

#[tokio::test]
async fn a_conversation_is_closed_as_the_agent_saw_it_and_stays_open_when_the_contact_wrote_since() {
    let (world, agent, ann) = start().await;
    let close = |seen| Action::Close { contact_id: ann, seen };
    let seen = world.receives(ANN, "Hello").await.message.id;
    let unseen = world.receives(ANN, "One more thing").await.message.id;

    for nothing_newer_was_seen in [None, Some(seen)] {
        let refusal = world.does(agent, close(nothing_newer_was_seen)).await.unwrap_err();
        assert!(refusal.contains("stays open"), "{refusal}");
        assert_eq!(world.row(ann).await.conversation_status, Open);
    }

    world.does(agent, close(Some(unseen))).await.unwrap();
    assert_eq!(world.row(ann).await.conversation_status, Closed);
}

#[tokio::test]
async fn closing_goes_by_the_time_when_the_text_that_was_seen_last_is_gone_and_past_a_blocked_contact() {
    let (world, agent, ann) = start().await;
    let close = |seen| Action::Close { contact_id: ann, seen };
    let gone = MessageId(uuid());
    world.receives(ANN, "Written before the agent closed it").await;

    world.does(agent, close(Some(gone))).await.unwrap();
    assert_eq!(world.row(ann).await.conversation_status, Closed);

    world.does(agent, Action::SetStatus { contact_id: ann, status: Open }).await.unwrap();
    world.does(agent, Action::Block { contact_id: ann }).await.unwrap();
    world.receives(ANN, "Nobody reads this").await;
    world.does(agent, close(None)).await.unwrap();
    assert_eq!(world.row(ann).await.conversation_status, Closed);
}
