//! Contacts out of files, everything out into files, and what a workspace forgets.

use std::collections::BTreeMap;

use deskline_domain::{
    command::Action,
    ids::{ContactId, NoteId, WorkspaceId},
    phone::PhoneNumber,
};
use deskline_store::{Exported, NewContact, Retention, RetentionError, Role};
use futures_util::TryStreamExt;

use crate::{
    replica::Replica,
    world::{ANN, BOB, World, at, inbound, uuid},
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
