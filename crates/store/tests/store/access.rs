//! Members, agents and refresh tokens.

use chrono::TimeDelta;
use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_store::{Error, RefreshToken, RefreshUse, Role, Rotation, Sessions, Wake};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::world::{World, at, uuid};

#[tokio::test]
async fn a_member_has_a_role_and_a_stranger_has_none() {
    let world = World::start().await;
    let user = UserId(uuid());

    world.store.add_member(world.team, user, Role::Agent).await.unwrap();
    assert_eq!(world.store.role_of(world.team, user).await.unwrap(), Some(Role::Agent));

    world.store.add_member(world.team, user, Role::Owner).await.unwrap();
    assert_eq!(world.store.role_of(world.team, user).await.unwrap(), Some(Role::Owner));
    assert_eq!(world.store.role_of(world.team, UserId(uuid())).await.unwrap(), None);
    assert_eq!(world.store.role_of(WorkspaceId(uuid()), user).await.unwrap(), None);

    let teams = world.store.workspaces_of(user).await.unwrap();
    assert_eq!(teams.iter().map(|team| (team.id, team.role.as_str())).collect::<Vec<_>>(), [(world.team, "owner")]);
}

#[tokio::test]
async fn nobody_becomes_a_member_of_a_workspace_that_is_not_there() {
    let world = World::start().await;

    let error = world.store.add_member(WorkspaceId(uuid()), UserId(uuid()), Role::Agent).await.unwrap_err();

    assert!(matches!(error, Error::UnknownWorkspace), "{error:?}");
}

#[tokio::test]
async fn an_agent_is_found_by_e_mail_in_any_case_and_added_once() {
    let world = World::start().await;
    let id = UserId(uuid());
    world.store.create_user(id, "Ann@Example.com", &"hash".into()).await.unwrap();

    let found = world.store.user_by_email(" ann@example.COM").await.unwrap().unwrap();
    let again = world.store.create_user(UserId(uuid()), "ANN@example.com", &"hash".into()).await;

    assert_eq!((found.id, found.email.as_str(), found.password_hash.expose_secret()), (id, "Ann@Example.com", "hash"));
    assert!(!format!("{found:?}").contains("hash\""));
    assert!(matches!(again, Err(Error::EmailTaken)), "{again:?}");
    assert_eq!(world.store.email_of(id).await.unwrap().as_deref(), Some("Ann@Example.com"));
    assert!(world.store.user_by_email("bob@example.com").await.unwrap().is_none());
    assert!(world.store.user_by_email("ann@example.com\0").await.unwrap().is_none());
}

fn token(n: u8, family: Uuid, user: UserId) -> RefreshToken {
    RefreshToken { hash: [n; 32], family, user, expires_at: at(100) }
}

/// The token is used, at a time, and another takes its place.
fn rotation(used: u8, next: u8, now: i64) -> Rotation {
    Rotation { used: [used; 32], next: [next; 32], expires_at: at(100), reuse: TimeDelta::seconds(10), now: at(now) }
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_repetition_ends_the_session() {
    let world = World::start().await;
    let (family, user) = (uuid(), UserId(uuid()));
    let rotate = async |used, next, now| world.store.rotate_refresh(&rotation(used, next, now)).await.unwrap();
    world.store.insert_refresh(&token(1, family, user)).await.unwrap();

    assert_eq!(rotate(1, 2, 1).await, RefreshUse::Valid { user, family });
    assert_eq!(rotate(1, 2, 11).await, RefreshUse::Reused);

    assert_eq!(rotate(2, 3, 11).await, RefreshUse::Reused, "the thief's token lives on");
    assert_eq!(rotate(9, 8, 11).await, RefreshUse::Unknown);
}

#[tokio::test]
async fn a_token_whose_answer_was_lost_is_answered_the_same_for_a_while_and_until_the_next_is_used() {
    let world = World::start().await;
    let (family, user) = (uuid(), UserId(uuid()));
    let rotate = async |used, next, now| world.store.rotate_refresh(&rotation(used, next, now)).await.unwrap();
    world.store.insert_refresh(&token(1, family, user)).await.unwrap();

    for now in [1, 2, 10] {
        assert_eq!(rotate(1, 2, now).await, RefreshUse::Valid { user, family });
    }
    assert_eq!(rotate(2, 3, 10).await, RefreshUse::Valid { user, family });
    assert_eq!(rotate(2, 3, 10).await, RefreshUse::Valid { user, family });
    assert_eq!(rotate(1, 2, 10).await, RefreshUse::Reused, "its answer had arrived, so this is a copy");
    assert_eq!(rotate(3, 4, 10).await, RefreshUse::Reused);
}

#[tokio::test]
async fn all_who_use_one_refresh_token_at_once_are_given_the_same_next_one() {
    let world = World::start().await;
    let (family, user) = (uuid(), UserId(uuid()));
    world.store.insert_refresh(&token(1, family, user)).await.unwrap();

    let uses = join_all((0..8).map(|_| async { world.store.rotate_refresh(&rotation(1, 2, 1)).await.unwrap() })).await;

    assert!(uses.iter().all(|one| *one == RefreshUse::Valid { user, family }), "{uses:?}");
    let tokens: i64 = world.number("select count(*) from refresh_tokens").await;
    assert_eq!(tokens, 2);
}

#[tokio::test]
async fn a_refresh_token_expires_and_a_new_password_ends_every_session() {
    let world = World::start().await;
    let user = UserId(uuid());
    let rotate = async |used, next, now| world.store.rotate_refresh(&rotation(used, next, now)).await.unwrap();
    for n in [1, 2] {
        world.store.insert_refresh(&token(n, uuid(), user)).await.unwrap();
    }

    assert_eq!(rotate(1, 11, 100).await, RefreshUse::Expired);

    world.store.create_user(user, "ann@example.com", &"hash".into()).await.unwrap();
    assert!(world.store.set_password(user, &"other".into(), None, at(3)).await.unwrap());
    assert_eq!(rotate(2, 12, 4).await, RefreshUse::Reused);
    assert!(!world.store.set_password(UserId(uuid()), &"other".into(), None, at(3)).await.unwrap());
}

#[tokio::test]
async fn a_session_is_ended_by_itself_or_all_but_it_or_all_and_nobody_elses() {
    let world = World::start().await;
    let (ann, bob, family) = (UserId(uuid()), UserId(uuid()), uuid());
    let is_good = async |n: u8| {
        let outcome = world.store.rotate_refresh(&rotation(n, n + 100, 1)).await.unwrap();
        matches!(outcome, RefreshUse::Valid { .. })
    };
    for (n, family, user) in [(1, family, ann), (2, uuid(), ann), (3, uuid(), ann), (4, uuid(), bob), (5, uuid(), ann)]
    {
        world.store.insert_refresh(&token(n, family, user)).await.unwrap();
    }

    world.store.end_sessions(ann, Sessions::This(family), at(1)).await.unwrap();
    assert_eq!((is_good(1).await, is_good(2).await), (false, true));
    world.store.insert_refresh(&token(6, family, ann)).await.unwrap();
    world.store.end_sessions(ann, Sessions::Others(family), at(1)).await.unwrap();
    assert_eq!((is_good(3).await, is_good(6).await), (false, true));
    world.store.insert_refresh(&token(7, uuid(), ann)).await.unwrap();
    world.store.end_sessions(ann, Sessions::All, at(1)).await.unwrap();
    assert_eq!((is_good(7).await, is_good(5).await, is_good(4).await), (false, false, true));
}

#[tokio::test]
async fn whoever_is_getting_the_next_token_when_the_session_ends_gets_one_that_is_good_for_nothing() {
    let world = World::start().await;
    let (user, family) = (UserId(uuid()), uuid());
    world.store.insert_refresh(&token(1, family, user)).await.unwrap();
    // Half of a rotation: the row is locked, and the next one is not to be seen yet.
    let mut rotating = world.pool().begin().await.unwrap();
    sqlx::query("select from refresh_tokens where family = $1 for update")
        .bind(family)
        .execute(&mut *rotating)
        .await
        .unwrap();
    sqlx::query("insert into refresh_tokens (hash, family, user_id, expires_at) select sha256(hash), family, user_id, expires_at from refresh_tokens")
        .execute(&mut *rotating)
        .await
        .unwrap();

    let store = world.store.clone();
    let ending = tokio::spawn(async move { store.end_sessions(user, Sessions::All, at(1)).await });
    world.someone_waits_for_a_lock().await;
    rotating.commit().await.unwrap();
    ending.await.unwrap().unwrap();

    assert_eq!(world.number("select count(*) from refresh_tokens where revoked_at is null").await, 0);
}

#[tokio::test]
async fn a_session_that_has_ended_is_told_once_and_known_from_one_that_goes_on_and_from_one_of_others() {
    let world = World::start().await;
    let (user, ended, going_on) = (UserId(uuid()), uuid(), uuid());
    for (n, family) in [(1, ended), (2, ended), (3, going_on)] {
        world.store.insert_refresh(&token(n, family, user)).await.unwrap();
    }
    let mut listener = world.store.listen();
    assert_eq!(listener.next().await, Wake::All);

    world.store.end_sessions(user, Sessions::This(ended), at(1)).await.unwrap();

    assert_eq!(listener.next().await, Wake::SessionEnded(ended));
    assert_eq!(world.store.ended_sessions(&[going_on, ended, uuid()]).await.unwrap(), [ended]);
    world.store.end_sessions(user, Sessions::All, at(2)).await.unwrap();
    assert_eq!(listener.next().await, Wake::SessionEnded(going_on), "the first one is not told again");
}
