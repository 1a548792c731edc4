//! Merging two contacts that are one person.

use std::collections::BTreeMap;

use deskline_domain::{
    command::Action,
    contact::ConversationStatus::{Closed, Open},
    delivery::DeliveryStatus::Queued,
    ids::{ContactId, LabelId, MessageId, NoteId, UserId, WorkspaceId},
    phone::PhoneNumber,
};
use deskline_store::{Elsewhere, NewContact, NewElsewhere, NewOutbound, Outbound, OutboundError, Role, Setback};

use crate::{
    replica::Replica,
    world::{ACCOUNT, ANN, BOB, OUR_NUMBER, World, at, inbound, outbound, uuid},
};

async fn start() -> (World, UserId, ContactId, ContactId) {
    let world = World::start().await;
    let agent = world.member(Role::Owner).await;
    let ann = world.receives(ANN, "From Ann").await.contact.id;
    let mut text = inbound(world.team, BOB, "From her other phone");
    text.received_at = at(50);
    let bob = world.store.record_inbound(&text).await.unwrap().contact.id;
    (world, agent, ann, bob)
}

fn merge(contact_id: ContactId, from: ContactId) -> Action {
    Action::MergeContacts { contact_id, from }
}

#[tokio::test]
async fn what_was_said_with_one_moves_to_the_other() {
    let (world, agent, ann, bob) = start().await;
    let [urgent, bikes] = [LabelId(uuid()), LabelId(uuid())];
    for (label_id, name) in [(urgent, "Urgent"), (bikes, "Bikes")] {
        let color = "#000000".to_owned();
        world.does(agent, Action::CreateLabel { label_id, name: name.to_owned(), color }).await.unwrap();
    }
    let attribute = |contact_id, name: &str, value: &str| Action::SetAttribute {
        contact_id,
        name: name.to_owned(),
        value: value.to_owned(),
    };
    for action in [
        Action::AddLabel { contact_id: ann, label_id: urgent },
        Action::AddLabel { contact_id: bob, label_id: bikes },
        Action::AddLabel { contact_id: bob, label_id: urgent },
        attribute(ann, "bike", "red"),
        attribute(bob, "bike", "blue"),
        attribute(bob, "size", "54"),
        Action::Assign { contact_id: bob, user_id: agent },
        Action::RenameContact { contact_id: ann, name: "Ann".to_owned() },
        Action::AddNote {
            contact_id: bob,
            note_id: NoteId(uuid()),
            content: "Same person".to_owned(),
            mentions: vec![],
        },
        Action::SetStatus { contact_id: ann, status: Closed },
    ] {
        world.does(agent, action).await.unwrap();
    }
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;

    world.does(agent, merge(ann, bob)).await.unwrap();

    assert!(world.store.contact(world.team, bob).await.unwrap().is_none());
    let row = world.row(ann).await;
    assert_eq!(
        (row.name.as_deref(), row.phone.as_str(), &row.other_phones[..]),
        (Some("Ann"), ANN, &[BOB.to_owned()][..])
    );
    assert_eq!((row.unread_count, row.conversation_status, row.last_message_at), (2, Open, Some(at(50))));
    assert_eq!((row.labels, row.assigned_to), (vec![urgent, bikes], Some(agent)));
    assert_eq!((row.attributes["bike"].as_str(), row.attributes["size"].as_str()), ("red", "54"));
    assert_eq!(world.number(&format!("select count(*) from messages where contact_id = '{ann}'")).await, 2);
    assert_eq!(world.number(&format!("select count(*) from notes where contact_id = '{ann}'")).await, 1);
    replica.catch_up().await;
    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn texts_from_the_number_of_the_one_that_went_belong_to_the_one_that_stayed() {
    let (world, agent, ann, bob) = start().await;
    world.does(agent, merge(ann, bob)).await.unwrap();

    let stored = world.receives(BOB, "Still me").await;

    assert_eq!((stored.contact.id, stored.contact.unread_count), (ann, 3));
    assert_eq!(world.number("select count(*) from contacts").await, 1);

    let carl = world.receives("+15550000003", "Me again").await.contact.id;
    world.does(agent, merge(carl, ann)).await.unwrap();
    assert_eq!(world.receives(BOB, "And again").await.contact.id, carl, "numbers move on");
    let Ok(Outbound::Claimed(send)) = world.sends(carl, "Hello").await else { panic!("it was not sent") };
    assert_eq!(send.message.to_number.as_deref(), Some("+15550000003"), "answers go to the number that stayed");
}

#[tokio::test]
async fn an_opt_out_of_either_is_an_opt_out_and_a_start_from_either_ends_it() {
    let (world, agent, ann, bob) = start().await;
    world.receives(BOB, "STOP").await;

    world.does(agent, merge(ann, bob)).await.unwrap();

    assert!(world.sends(ann, "Hello").await.is_err());
    world.receives(BOB, "START").await;
    assert!(world.sends(ann, "Hello").await.is_ok());
}

#[tokio::test]
async fn contacts_are_not_merged_while_a_text_is_leaving_or_one_of_them_is_blocked() {
    let (world, agent, ann, bob) = start().await;
    world.sends(bob, "On its way").await.unwrap();

    let refusal = world.does(agent, merge(ann, bob)).await.unwrap_err();
    assert!(refusal.contains("has not left yet"), "{refusal}");

    world.sql("delete from sends").await;
    world.does(agent, Action::Block { contact_id: bob }).await.unwrap();
    let refusal = world.does(agent, merge(ann, bob)).await.unwrap_err();
    assert!(refusal.contains("blocked"), "{refusal}");
    world.does(agent, Action::Unblock { contact_id: bob }).await.unwrap();
    assert_eq!(world.does(agent, merge(ann, ann)).await.unwrap_err(), "A contact cannot be merged with itself.");
    assert_eq!(world.does(agent, merge(ann, ContactId(uuid()))).await.unwrap_err(), "This contact is no longer there.");
    assert_eq!(world.number("select count(*) from contacts").await, 2);
}

#[tokio::test]
async fn a_text_that_comes_while_its_contact_is_merged_is_not_lost() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let ann = world.receives(ANN, "From Ann").await.contact.id;

    for round in 0..10 {
        let phone = format!("+1555200{round:04}");
        let other = world.receives(&phone, "First").await.contact.id;
        let text = inbound(world.team, &phone, "Second");
        let (merged, stored) = tokio::join!(world.does(agent, merge(ann, other)), world.store.record_inbound(&text));

        merged.unwrap();
        stored.unwrap();
        assert_eq!(world.number("select count(*) from contacts").await, 1);
        assert_eq!(world.number("select count(*) from messages").await, 1 + 2 * (round + 1));
    }
    assert_eq!(i64::from(world.row(ann).await.unread_count), world.number("select count(*) from messages").await);
}

/// Merges two contacts as far as numbers go, and lets `meanwhile` run into it before the merge is done.
async fn while_they_are_merged<T>(
    world: &World,
    stays: ContactId,
    goes: ContactId,
    meanwhile: impl Future<Output = T>,
) -> T {
    let mut merge = world.pool().begin().await.unwrap();
    sqlx::query("with gone as (delete from contacts where id = $2 returning phone) update contacts c set other_phones = array[gone.phone] from gone where c.id = $1")
        .bind(stays.0)
        .bind(goes.0)
        .execute(&mut *merge)
        .await
        .unwrap();
    let ends = async {
        world.someone_waits_for_a_lock().await;
        merge.commit().await.unwrap();
    };
    tokio::join!(meanwhile, ends).0
}

#[tokio::test]
async fn a_text_that_waits_for_a_merge_makes_no_second_contact_of_the_number_that_moved() {
    let world = World::start().await;
    let [ann, bob] = [world.contact(world.team, ANN).await, world.contact(world.team, BOB).await];
    let text = inbound(world.team, BOB, "Still me");

    let stored = while_they_are_merged(&world, ann, bob, world.store.record_inbound(&text)).await.unwrap();

    assert_eq!(stored.contact.id, ann);
    assert_eq!(world.number("select count(*) from contacts").await, 1);
}

#[tokio::test]
async fn an_import_that_waits_for_a_merge_makes_no_second_contact_of_the_number_that_moved() {
    let world = World::start().await;
    let [ann, bob] = [world.contact(world.team, ANN).await, world.contact(world.team, BOB).await];
    let phone = PhoneNumber::parse(BOB).unwrap();
    let listed = [NewContact { id: ContactId(uuid()), phone, name: None, attributes: BTreeMap::new() }];

    let stored = while_they_are_merged(&world, ann, bob, world.store.import_contacts(world.team, &listed)).await;

    assert!(stored.unwrap().is_empty(), "the number is known");
    assert_eq!(world.number("select count(*) from contacts").await, 1);
}

#[tokio::test]
async fn two_agents_who_merge_in_opposite_directions_lose_nothing() {
    let (world, agent, ann, bob) = start().await;

    let (one, two) = tokio::join!(world.does(agent, merge(ann, bob)), world.does(agent, merge(bob, ann)));

    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(world.number("select count(*) from contacts").await, 1);
    assert_eq!(world.number("select count(*) from messages").await, 2);
}

#[tokio::test]
async fn a_text_that_is_repeated_after_its_contact_was_merged_is_the_same_text() {
    let (world, agent, ann, bob) = start().await;
    let text = NewOutbound { client_id: Some("once".into()), ..outbound(world.team, bob, "Hello") };
    let Outbound::Claimed(send) = world.store.record_outbound(&text).await.unwrap() else { panic!("new") };
    world.store.record_accepted(send.message.id, "SM1", Queued, None, at(60)).await.unwrap();
    world.does(agent, merge(ann, bob)).await.unwrap();

    let again = world.store.record_outbound(&text).await;

    assert!(matches!(&again, Ok(Outbound::Repeat(row)) if row.id == send.message.id), "{again:?}");
    let other = NewOutbound { client_id: Some("another".into()), ..outbound(world.team, bob, "Hello") };
    assert!(matches!(world.store.record_outbound(&other).await, Err(OutboundError::ContactNotFound)));
}

#[tokio::test]
async fn what_another_program_schedules_is_in_no_merges_way() {
    let (world, agent, ann, bob) = start().await;
    world
        .sql(&format!(
            "insert into messages (contact_id, content, direction, status) values ('{bob}', 'Theirs', 'outbound', 'scheduled')"
        ))
        .await;

    assert_eq!(world.does(agent, merge(ann, bob)).await, Ok(()), "nobody could ever cancel it here");
}

#[tokio::test]
async fn what_was_sent_elsewhere_to_a_merged_number_belongs_to_the_one_that_stayed() {
    let (world, agent, ann, bob) = start().await;
    world.does(agent, merge(ann, bob)).await.unwrap();

    let stored = world.store.record_elsewhere(&elsewhere(world.team, BOB)).await.unwrap();

    assert!(matches!(&stored, Elsewhere::Stored(row) if row.contact_id == ann), "{stored:?}");
}

#[tokio::test]
async fn what_may_be_another_teams_text_in_doubt_is_left_to_its_sender() {
    let (world, _, ann, _) = start().await;
    let next_door = WorkspaceId(uuid());
    world.add_team(next_door, ACCOUNT, OUR_NUMBER).await;
    world.contact(next_door, ANN).await;
    let Outbound::Claimed(send) = world.sends(ann, "Hello").await.unwrap() else { panic!("new") };
    assert!(world.puts_back(send.message.id, send.attempt, Setback::Unknown, at(60)).await);

    let found = world.store.record_elsewhere(&elsewhere(next_door, ANN)).await.unwrap();

    assert_eq!(found, Elsewhere::Pending, "both teams send with one account, and its list does not say who did");
}

fn elsewhere(workspace_id: WorkspaceId, to: &str) -> NewElsewhere {
    NewElsewhere {
        id: MessageId(uuid()),
        workspace_id,
        from: OUR_NUMBER.into(),
        to: to.into(),
        twilio_sid: "SM7".into(),
        body: "Hello".into(),
        media: Vec::new(),
        status: Queued,
        error: None,
        created_at: at(60),
    }
}
