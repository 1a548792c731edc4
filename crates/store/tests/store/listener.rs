//! Being woken, also after every connection was cut.

use std::time::Duration;

use deskline_store::{Listener, Wake};
use sqlx::Connection;

use crate::{
    replica::Replica,
    world::{ANN, BOB, World},
};

/// The next wake, or a failed test: ten seconds is for ever here.
async fn next(listener: &mut Listener) -> Wake {
    tokio::time::timeout(Duration::from_secs(10), listener.next()).await.expect("nobody was woken")
}

#[tokio::test]
async fn a_listener_hears_which_workspace_has_changed() {
    let world = World::start().await;
    let other = world.second_team().await;
    let mut listener = world.store.listen();
    assert_eq!(next(&mut listener).await, Wake::All, "first it says that it listens");

    world.receives(ANN, "Hello").await;
    assert_eq!(next(&mut listener).await, Wake::Workspace(world.team));

    world.contact(other, BOB).await;
    assert_eq!(next(&mut listener).await, Wake::Workspace(other));

    world.sql("truncate contacts cascade").await;
    assert_eq!(next(&mut listener).await, Wake::All);
}

#[tokio::test]
async fn what_was_written_while_every_connection_was_cut_arrives() {
    let world = World::start().await;
    let mut listener = world.store.listen();
    assert_eq!(next(&mut listener).await, Wake::All);
    let mut replica = Replica::of(&world.store, world.team);
    let mut outside = sqlx::PgConnection::connect_with(&world.pool().connect_options()).await.unwrap();

    for round in 0..3 {
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        )
        .execute(&mut outside)
        .await
        .unwrap();
        sqlx::query("insert into contacts (workspace_id, phone) values ($1, $2)")
            .bind(world.team.0)
            .bind(format!("+1555000100{round}"))
            .execute(&mut outside)
            .await
            .unwrap();

        while next(&mut listener).await != Wake::All {}
        replica.catch_up().await;
        replica.assert_equals_tables().await;
    }

    world.receives(ANN, "And it hears again").await;
    assert_eq!(next(&mut listener).await, Wake::Workspace(world.team));
}

#[tokio::test]
async fn a_listener_may_start_before_its_database_does() {
    let world = World::empty().await;
    let mut listener = world.store.listen();

    world.store.migrate().await.unwrap();

    assert_eq!(next(&mut listener).await, Wake::All);
}
