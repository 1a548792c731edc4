//! Members, agents and refresh tokens.

use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_store::{Error, RefreshToken, RefreshUse, Role};
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

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_repetition_ends_the_session() {
    let world = World::start().await;
    let (family, user) = (uuid(), UserId(uuid()));
    world.store.insert_refresh(&token(1, family, user)).await.unwrap();

    assert_eq!(world.store.use_refresh(&[1; 32], at(1)).await.unwrap(), RefreshUse::Valid { user, family });
    world.store.insert_refresh(&token(2, family, user)).await.unwrap();
    assert_eq!(world.store.use_refresh(&[1; 32], at(2)).await.unwrap(), RefreshUse::Reused);

    assert_eq!(
        world.store.use_refresh(&[2; 32], at(3)).await.unwrap(),
        RefreshUse::Reused,
        "the thief's token lives on"
    );
    assert_eq!(world.store.use_refresh(&[9; 32], at(3)).await.unwrap(), RefreshUse::Unknown);
}

#[tokio::test]
async fn of_many_who_use_one_refresh_token_at_once_one_succeeds() {
    let world = World::start().await;
    world.store.insert_refresh(&token(1, uuid(), UserId(uuid()))).await.unwrap();

    let uses = join_all((0..8).map(|_| world.store.use_refresh(&[1; 32], at(1)))).await;

    let valid = uses.into_iter().filter(|one| matches!(one.as_ref().unwrap(), RefreshUse::Valid { .. })).count();
    assert_eq!(valid, 1);
}

#[tokio::test]
async fn a_refresh_token_expires_and_can_be_revoked() {
    let world = World::start().await;
    let user = UserId(uuid());
    for n in [1, 2, 3] {
        world.store.insert_refresh(&token(n, uuid(), user)).await.unwrap();
    }

    assert_eq!(world.store.use_refresh(&[1; 32], at(100)).await.unwrap(), RefreshUse::Expired);
    world.store.revoke_refresh(&[2; 32], at(1)).await.unwrap();
    assert_eq!(world.store.use_refresh(&[2; 32], at(2)).await.unwrap(), RefreshUse::Reused);

    world.store.create_user(user, "ann@example.com", &"hash".into()).await.unwrap();
    assert!(world.store.set_password(user, &"other".into(), at(3)).await.unwrap());
    assert_eq!(world.store.use_refresh(&[3; 32], at(4)).await.unwrap(), RefreshUse::Reused);
    assert!(!world.store.set_password(UserId(uuid()), &"other".into(), at(3)).await.unwrap());
}
