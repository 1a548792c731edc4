//! Contacts out of files, everything out into files, and what a workspace forgets.

use std::collections::BTreeMap;

use deskline_domain::{
    command::Action,
    ids::{ContactId, NoteId, WorkspaceId},
    phone::PhoneNumber,
};
use deskline_store::{DeadLetter, Exported, NewContact, Retention, RetentionError, Role};
use futures_util::TryStreamExt;

use crate::{
    replica::Replica,
    world::{ACCOUNT, ANN, BOB, World, at, inbound, uuid},
};

fn new_contact(phone: &str) -> NewContact {
    let phone = PhoneNumber::parse(phone).unwrap();
    NewContact { id: ContactId(uuid()), phone, name: None, attributes: BTreeMap::new() }
}

async fn everything(world: &World, workspace: WorkspaceId, contact: Option<ContactId>) -> Vec<Exported> {
    world.store.export(workspace, contact).try_collect().await.unwrap()
}

#[tokio::test]
async fn an_import_stores_what_is_new_and_leaves_what_is_known() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let (ann, bob) = (world.receives(ANN, "Hi").await.contact.id, world.receives(BOB, "Hi").await.contact.id);
    world.does(agent, Action::MergeContacts { contact_id: ann, from: bob }).await.unwrap();
    let many: Vec<_> = (0..1_200).map(|n| new_contact(&format!("+1555300{n:04}"))).collect();
    let some = [&[new_contact(ANN), new_contact(BOB)], &many[..]].concat();

    let stored = world.store.import_contacts(world.team, &some).await.unwrap();
    let again = world.store.import_contacts(world.team, &some).await.unwrap();

    assert_eq!((stored.len(), again.len()), (1_200, 0));
    assert!(!stored.contains(BOB), "the number of somebody who was merged is known");
    assert_eq!(world.number("select count(*) from contacts where name = 'Unknown (' || phone || ')'").await, 1_201);
    let mut replica = Replica::of(&world.store, world.team);
    while replica.pull(1_000).await {}
    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn an_export_holds_every_row_of_one_workspace_and_none_of_another() {
    let world = World::start().await;
    let other = world.second_team().await;
    let agent = world.member(Role::Agent).await;
    let ann = world.receives(ANN, "Hi").await.contact.id;
    world.receives(BOB, "Ho").await;
    let content = "Note".to_owned();
    world
        .does(agent, Action::AddNote { contact_id: ann, note_id: NoteId(uuid()), content, mentions: vec![] })
        .await
        .unwrap();

    let (whole, one, none) = (
        everything(&world, world.team, None).await,
        everything(&world, world.team, Some(ann)).await,
        everything(&world, other, Some(ann)).await,
    );

    let count = |rows: &[Exported], kind: &str| rows.iter().filter(|row| row.kind == kind).count();
    let kinds = ["workspace", "member", "number", "contact", "message", "inbound_form", "note", "command"];
    assert_eq!(kinds.map(|kind| count(&whole, kind)), [1, 1, 1, 2, 2, 2, 1, 1]);
    assert_eq!(kinds.map(|kind| count(&one, kind)), [0, 0, 0, 1, 1, 1, 1, 0]);
    assert!(none.is_empty(), "{none:?}");
    assert!(whole.iter().all(|row| !row.row.to_string().contains("auth_token")));
}

#[tokio::test]
async fn a_workspace_forgets_what_is_old_in_batches_and_keeps_the_rest() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let other = world.second_team().await;
    for n in 0..10 {
        for team in [world.team, other] {
            let mut text = inbound(team, ANN, &n.to_string());
            text.received_at = at(n);
            world.store.record_inbound(&text).await.unwrap();
        }
    }
    let bob = world.receives(BOB, "Hi").await.contact.id;
    world.sends(bob, "Has not left yet").await.unwrap();
    let content = "Note".to_owned();
    world
        .does(agent, Action::AddNote { contact_id: bob, note_id: NoteId(uuid()), content, mentions: vec![] })
        .await
        .unwrap();
    world.sql("update notes set created_at = '2020-01-01'; update messages set created_at = '2020-01-01' where direction = 'outbound'").await;

    let mut batches = Vec::new();
    while let gone @ 1.. = world.store.forget(world.team, at(7), 4).await.unwrap() {
        batches.push(gone);
    }

    assert_eq!(batches, [4 + 1, 4], "seven texts of Ann, Bob's, and the note");
    let left = format!("select count(*) from messages where workspace_id = '{}'", world.team);
    assert_eq!(world.number(&left).await, 3 + 1, "what is newer, and what has not left");
    assert_eq!(world.number(&format!("select count(*) from messages where workspace_id = '{other}'")).await, 10);
    let counted = format!("select sum(unread_count)::bigint from contacts where workspace_id = '{}'", world.team);
    assert_eq!(world.number(&counted).await, 3, "what is gone is not unread");
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;
    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn a_retention_is_30_days_at_least_and_can_be_taken_back() {
    let world = World::start().await;
    let retention = Retention { workspace_id: world.team, days: 30 };

    for days in [29, 0, -5, 40_000] {
        let refused = world.store.set_retention(world.team, Some(days)).await;
        assert!(matches!(refused, Err(RetentionError::BadDays)), "{days}: {refused:?}");
    }
    assert!(world.store.set_retention(WorkspaceId(uuid()), Some(30)).await.is_err());
    world.store.set_retention(world.team, Some(30)).await.unwrap();
    assert_eq!(world.store.retentions().await.unwrap(), [retention]);
    assert_eq!(retention.cutoff(at(30 * 86_400)), at(0));

    world.store.set_retention(world.team, None).await.unwrap();
    assert!(world.store.retentions().await.unwrap().is_empty());
}

/// A letter of the account, and whether it was routed to a workspace.
async fn letter(world: &World, sid: &str, seconds: i64, routed_to: Option<WorkspaceId>) {
    let letter = DeadLetter {
        account_sid: ACCOUNT.to_owned(),
        twilio_sid: sid.to_owned(),
        from: ANN.to_owned(),
        to: "+15550008888".to_owned(),
        raw: serde_json::json!({ "Body": "Is anybody there?" }),
        received_at: at(seconds),
    };
    world.store.record_dead_letter(&letter).await.unwrap();
    if let Some(team) = routed_to {
        let mut text = inbound(team, ANN, "Is anybody there?");
        text.twilio_sid = sid.to_owned();
        text.received_at = at(seconds);
        world.store.route_dead_letter(&text, None, at(seconds)).await.unwrap();
    }
}

#[tokio::test]
async fn a_routed_letter_is_kept_as_long_as_its_workspace_keeps_texts() {
    let world = World::start().await;
    let other = world.second_team().await;
    for (sid, seconds, team) in [
        ("SM_old", 0, Some(world.team)),
        ("SM_new", 10, Some(world.team)),
        ("SM_others", 0, Some(other)),
        ("SM_nobodys", 0, None),
    ] {
        letter(&world, sid, seconds, team).await;
    }

    while world.store.forget(world.team, at(5), 1).await.unwrap() > 0 {}

    let left = "select count(*) from dead_letters where twilio_sid in ('SM_new', 'SM_others', 'SM_nobodys')";
    assert_eq!((world.number("select count(*) from dead_letters").await, world.number(left).await), (3, 3));
}

#[tokio::test]
async fn a_letter_that_nobody_routes_and_a_callback_that_nobody_knows_are_forgotten_in_the_end() {
    let world = World::start().await;
    let gone = world.second_team().await;
    letter(&world, "SM_old", 0, None).await;
    letter(&world, "SM_new", 10, None).await;
    letter(&world, "SM_routed", 0, Some(world.team)).await;
    letter(&world, "SM_of_a_team_that_left", 0, Some(gone)).await;
    world.sql(&format!("delete from workspaces where id = '{gone}'")).await;
    let (known, unknown) = (world.receives(BOB, "Hi").await.message.id, "null");
    for (message, seconds) in [(format!("'{known}'"), 0), (unknown.to_owned(), 0), (unknown.to_owned(), 10)] {
        let sql = format!(
            "insert into delivery_events (message_id, account_sid, message_sid, status, kind, raw, received_at)
             values ({message}, '{ACCOUNT}', 'SM1', 'sent', 'callback', '{{}}', '{}')",
            at(seconds).to_rfc3339()
        );
        world.sql(&sql).await;
    }

    let mut gone = 0;
    while let some @ 1.. = world.store.forget_strays(at(5), 1).await.unwrap() {
        gone += some;
    }

    assert_eq!(gone, 3, "two letters and a callback");
    let letters = "select count(*) from dead_letters where twilio_sid in ('SM_new', 'SM_routed')";
    assert_eq!((world.number("select count(*) from dead_letters").await, world.number(letters).await), (2, 2));
    assert_eq!(world.number("select count(*) from delivery_events").await, 2);
}
