//! Twilio accounts and numbers.

use deskline_domain::ids::WorkspaceId;
use deskline_store::{Error, Number, SecretKey, Store};
use secrecy::ExposeSecret;

use crate::world::{ACCOUNT, LEASE, OUR_NUMBER, World, at, our_number, uuid};

#[tokio::test]
async fn a_token_is_sealed_at_rest_and_opens_again() {
    let world = World::start().await;

    let account = world.store.twilio_account(world.team).await.unwrap().unwrap();

    assert_eq!((account.auth_token.expose_secret(), account.can_send()), ("token", true));
    assert_eq!(world.number("select count(*) from workspace_twilio_config where auth_token like 'v1:%'").await, 1);
    assert!(!format!("{account:?}").contains("token\""), "{account:?}");
}

#[tokio::test]
async fn a_token_that_another_program_wrote_is_read_in_plain_text() {
    let world = World::start().await;
    world.sql("update workspace_twilio_config set auth_token = 'theirs'").await;

    let [(team, account)] = &world.store.twilio_account_by_sid(ACCOUNT).await.unwrap()[..] else {
        panic!("one workspace")
    };

    assert_eq!((*team, account.auth_token.expose_secret()), (world.team, "theirs"));
}

#[tokio::test]
async fn an_empty_token_or_an_unchecked_account_cannot_send() {
    let world = World::start().await;

    world.sql("update workspace_twilio_config set auth_token = null").await;
    let without = world.store.twilio_account(world.team).await.unwrap().unwrap();
    world.sql("update workspace_twilio_config set auth_token = 'theirs', is_configured = false").await;
    let unchecked = world.store.twilio_account(world.team).await.unwrap().unwrap();

    assert_eq!((without.auth_token.expose_secret(), without.can_send(), unchecked.can_send()), ("", false, false));
    assert!(world.store.twilio_account(WorkspaceId(uuid())).await.unwrap().is_none());
    assert!(world.store.twilio_account_by_sid("AC9\0").await.unwrap().is_empty());
}

#[tokio::test]
async fn another_key_opens_nothing() {
    let world = World::start().await;
    let other = Store::from_pool(world.pool().clone(), SecretKey::from_bytes([8; 32]));

    assert!(matches!(other.twilio_account(world.team).await, Err(Error::Key(_))));
}

#[tokio::test]
async fn numbers_are_added_renamed_and_removed_and_the_first_stays_first() {
    let world = World::start().await;
    let second = Number { friendly_name: Some("Sales".into()), ..our_number("+15559990009") };

    world.store.sync_numbers(world.team, &[second.clone(), our_number(OUR_NUMBER)]).await.unwrap();
    assert_eq!(world.store.numbers(world.team).await.unwrap(), [our_number(OUR_NUMBER), second.clone()]);

    let renamed = Number { friendly_name: Some("Shop".into()), ..second };
    world.store.sync_numbers(world.team, std::slice::from_ref(&renamed)).await.unwrap();
    assert_eq!(world.store.numbers(world.team).await.unwrap(), [renamed]);
    assert_eq!(world.has_number(OUR_NUMBER).await, []);
    assert_eq!(world.has_number("+15559990009").await, [world.team]);
    assert_eq!(world.number("select count(*) from twilio_numbers where phone = phone_number").await, 1);
}

#[tokio::test]
async fn teams_may_share_an_account_and_its_numbers() {
    let world = World::start().await;
    let other = WorkspaceId(uuid());

    world.add_team(other, ACCOUNT, OUR_NUMBER).await;

    assert_eq!(world.has_number(OUR_NUMBER).await, [world.team, other]);
    assert_eq!(world.store.twilio_account_by_sid(ACCOUNT).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_messaging_service_belongs_to_a_workspace() {
    let world = World::start().await;
    world.sql("update workspace_twilio_config set messaging_service_sid = 'MG1'").await;

    assert_eq!(world.has_service("MG1").await, [world.team]);
    assert_eq!(world.has_service("MG2").await, []);
}

#[tokio::test]
async fn nothing_is_stored_for_a_workspace_that_is_not_there() {
    let world = World::start().await;

    let error = world.store.save_twilio_account(WorkspaceId(uuid()), ACCOUNT, &"token".into(), &[]).await.unwrap_err();

    assert!(matches!(error, Error::UnknownWorkspace), "{error:?}");
}

#[tokio::test]
async fn another_account_brings_nothing_of_the_one_before_it() {
    let world = World::start().await;
    world.sql("update workspace_twilio_config set messaging_service_sid = 'MG1', created_at = '2020-01-01'").await;
    let numbers = [our_number(OUR_NUMBER)];

    world.store.save_twilio_account(world.team, ACCOUNT, &"rotated".into(), &numbers).await.unwrap();
    let same = world.store.twilio_account(world.team).await.unwrap().unwrap();
    let another = "AC00000000000000000000000000000009";
    world.store.save_twilio_account(world.team, another, &"token".into(), &numbers).await.unwrap();
    let changed = world.store.twilio_account(world.team).await.unwrap().unwrap();

    assert_eq!(same.messaging_service_sid.as_deref(), Some("MG1"));
    assert_eq!(changed.messaging_service_sid, None, "the other account has no such service");
    let turn = world.store.claim_audit(another, at(0), LEASE).await.unwrap().unwrap();
    assert!(turn.connected_at.unwrap() > at(-60_000_000), "what the account did before it came here is none of ours");
}

#[tokio::test]
async fn a_token_that_cannot_be_opened_shuts_out_no_other_team_of_the_account() {
    let world = World::start().await;
    let second = WorkspaceId(uuid());
    world.add_team(second, ACCOUNT, OUR_NUMBER).await;
    world
        .sql(&format!("update workspace_twilio_config set auth_token = 'v1:nonsense' where workspace_id = '{second}'"))
        .await;

    let found = world.store.twilio_account_by_sid(ACCOUNT).await.unwrap();

    let usable: Vec<_> = found.iter().filter(|(_, account)| account.can_send()).map(|(team, _)| *team).collect();
    assert_eq!(usable, [world.team]);
    world.sql("update workspace_twilio_config set auth_token = 'v1:nonsense'").await;
    assert!(matches!(world.store.twilio_account_by_sid(ACCOUNT).await, Err(Error::Key(_))), "nobody can tell then");
}
