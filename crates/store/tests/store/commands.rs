//! What agents do.

use deskline_domain::{
    command::{Action, Command},
    ids::{CommandId, ContactId, MessageId, UserId},
    protocol::CommandOutcome,
};
use deskline_store::Role;
use futures_util::future::join_all;

use crate::world::{ANN, World, at, inbound, uuid};

async fn agent(world: &World) -> UserId {
    let user = UserId(uuid());
    world.store.add_member(world.team, user, Role::Agent).await.unwrap();
    user
}

fn mark_read(world: &World, contact_id: ContactId, up_to: Option<MessageId>) -> Command {
    Command {
        id: CommandId(uuid()),
        workspace_id: world.team,
        at: at(100),
        action: Action::MarkRead { contact_id, up_to },
    }
}

async fn unread(world: &World, contact: ContactId) -> i32 {
    world.store.contact(world.team, contact).await.unwrap().unwrap().unread_count
}

#[tokio::test]
async fn reading_up_to_a_text_leaves_what_came_later_unread() {
    let world = World::start().await;
    let user = agent(&world).await;
    let mut ids = Vec::new();
    for n in 0..4 {
        let mut text = inbound(world.team, ANN, "Hello");
        text.received_at = at(n);
        ids.push(world.store.record_inbound(&text).await.unwrap().message);
    }
    let contact = ids[0].contact_id;

    let command = mark_read(&world, contact, Some(ids[2].id));
    let outcome = world.store.execute(user, &command, at(10)).await.unwrap();

    assert_eq!(unread(&world, contact).await, 1);
    let head = world.store.head(world.team).await.unwrap().seq;
    assert_eq!(outcome, CommandOutcome::Done { seq: head, at: at(10) });

    world.receives(ANN, "One more").await;
    world.store.execute(user, &command, at(11)).await.unwrap();
    assert_eq!(unread(&world, contact).await, 2, "the same command again does nothing");
}

#[tokio::test]
async fn reading_never_adds_to_the_count_and_an_empty_thread_reads_nothing() {
    let world = World::start().await;
    let user = agent(&world).await;
    let first = world.receives(ANN, "1").await;
    world.receives(ANN, "2").await;

    world.store.execute(user, &mark_read(&world, first.contact.id, None), at(10)).await.unwrap();
    assert_eq!(unread(&world, first.contact.id).await, 2);

    world.sql("update contacts set unread_count = 0").await;
    world.store.execute(user, &mark_read(&world, first.contact.id, Some(first.message.id)), at(10)).await.unwrap();
    assert_eq!(unread(&world, first.contact.id).await, 0);
}

#[tokio::test]
async fn reading_up_to_a_text_that_was_removed_counts_by_time() {
    let world = World::start().await;
    let user = agent(&world).await;
    let first = world.receives(ANN, "1").await;

    world.store.execute(user, &mark_read(&world, first.contact.id, Some(MessageId(uuid()))), at(200)).await.unwrap();

    assert_eq!(unread(&world, first.contact.id).await, 0);
}

#[tokio::test]
async fn a_stranger_and_a_contact_that_is_gone_are_refused_for_good() {
    let world = World::start().await;
    let user = agent(&world).await;
    let first = world.receives(ANN, "1").await;
    let gone = mark_read(&world, ContactId(uuid()), None);

    let stranger =
        world.store.execute(UserId(uuid()), &mark_read(&world, first.contact.id, None), at(1)).await.unwrap();
    let nobody = world.store.execute(user, &gone, at(1)).await.unwrap();

    assert!(matches!(stranger, CommandOutcome::Refused { .. }));
    assert!(matches!(&nobody, CommandOutcome::Refused { reason } if reason.contains("contact")));
    assert_eq!(world.store.execute(user, &gone, at(2)).await.unwrap(), nobody);
}

#[tokio::test]
async fn another_agents_command_id_is_refused() {
    let world = World::start().await;
    let (user, other) = (agent(&world).await, agent(&world).await);
    let first = world.receives(ANN, "1").await;
    let command = mark_read(&world, first.contact.id, None);
    world.store.execute(user, &command, at(1)).await.unwrap();

    assert!(matches!(world.store.execute(other, &command, at(1)).await.unwrap(), CommandOutcome::Refused { .. }));
}

#[tokio::test]
async fn one_command_from_eight_sides_at_once_is_carried_out_once() {
    let world = World::start().await;
    let user = agent(&world).await;
    let first = world.receives(ANN, "1").await;
    let command = mark_read(&world, first.contact.id, Some(first.message.id));

    let outcomes = join_all((0..8).map(|_| world.store.execute(user, &command, at(1)))).await;

    assert!(outcomes.into_iter().all(|one| matches!(one.unwrap(), CommandOutcome::Done { .. })));
    assert_eq!(world.number("select count(*) from commands").await, 1);
}
