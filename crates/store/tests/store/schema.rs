//! The state of the schema, told in one word.

use deskline_store::{SchemaState, SecretKey, Store};

use crate::world::World;

#[tokio::test]
async fn an_empty_database_is_empty_and_then_current() {
    let world = World::empty().await;
    assert_eq!(world.store.schema().await.unwrap(), SchemaState::Empty);

    world.store.migrate().await.unwrap();
    world.store.migrate().await.unwrap();

    assert_eq!(world.store.schema().await.unwrap(), SchemaState::Current);
    world.store.ping().await.unwrap();
}

#[tokio::test]
async fn a_missing_or_unfinished_migration_is_older_and_an_unknown_one_is_newer() {
    let world = World::start().await;

    world.sql("delete from _sqlx_migrations where version = 3").await;
    assert_eq!(world.store.schema().await.unwrap(), SchemaState::Older);

    world.sql("update _sqlx_migrations set success = false where version = 2").await;
    assert_eq!(world.store.schema().await.unwrap(), SchemaState::Older);

    world.sql("update _sqlx_migrations set version = 9999, success = true where version = 2").await;
    assert_eq!(world.store.schema().await.unwrap(), SchemaState::Newer);
}

#[tokio::test]
async fn several_processes_may_migrate_at_the_same_time() {
    let world = World::empty().await;

    let all = futures_util::future::join_all((0..4).map(|_| world.store.migrate())).await;

    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(world.store.schema().await.unwrap(), SchemaState::Current);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_out_of_reach_and_not_a_mistake() {
    // Port 9 is the discard service's, where nobody runs a Postgres.
    let store = Store::connect("postgres://nobody@127.0.0.1:9/none", SecretKey::from_bytes([7; 32])).unwrap();

    let error = store.ping().await.unwrap_err();

    assert!(error.is_unavailable(), "{error:?}");
    assert!(Store::connect("not an address", SecretKey::from_bytes([7; 32])).is_err());
}
