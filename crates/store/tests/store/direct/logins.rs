//! Who is let in, and how a login ends: with the membership, with the decision, with its time.

use deskline_domain::ids::UserId;
use deskline_store::{AgentRole, Role, SnapshotSizes, Trouble};
use sqlx::AssertSqlSafe;

use super::Desk;
use crate::world::{ACCOUNT, ANN, OUR_NUMBER, World, fresh_in_cluster, uuid};

#[tokio::test]
async fn who_is_no_member_or_no_longer_allowed_sees_nothing_at_once() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Agent).await;
    world.contact(world.team, ANN).await;
    let mut inside = desk.store.pool().acquire().await.unwrap();
    let mut contacts =
        async || -> i64 { sqlx::query_scalar("select count(*) from contacts").fetch_one(&mut *inside).await.unwrap() };
    assert_eq!(contacts().await, 1);

    world.sql(&format!("delete from workspace_members where user_id = '{}'", desk.user)).await;
    assert_eq!(contacts().await, 0, "the same connection, and no membership any more");

    world.store.add_member(world.team, desk.user, Role::Agent).await.unwrap();
    assert_eq!(contacts().await, 0, "another membership is another decision");
    assert!(world.store.allow_direct(world.team, desk.user, None).await.unwrap());
    assert_eq!(contacts().await, 0, "and another decision makes another login");
    let (again, _) = world.direct(world.team, desk.user).await;
    assert_eq!(again.snapshot(world.team, None, SnapshotSizes::default()).await.unwrap().contacts.len(), 1);
    assert!(!world.store.allow_direct(world.team, UserId(uuid()), None).await.unwrap(), "strangers are not let in");
}

#[tokio::test]
async fn a_revoked_role_is_cut_off_and_gone_within_a_second() {
    let world = World::start().await;
    let user = world.member(Role::Agent).await;
    let (store, role) = world.direct(world.team, user).await;
    let mut inside = store.pool().acquire().await.unwrap();
    sqlx::query("create temp table loot (stolen text)").execute(&mut *inside).await.unwrap();

    let begun = std::time::Instant::now();
    assert!(world.store.revoke_direct(world.team, user).await.unwrap());
    let cut_off = sqlx::query("select 1").execute(&mut *inside).await;

    assert!(cut_off.is_err(), "an open connection is cut");
    assert!(store.ping().await.is_err(), "and no other one opens");
    assert!(begun.elapsed() < std::time::Duration::from_secs(1), "it took {:?}", begun.elapsed());
    let left = format!("select count(*) from pg_roles where rolname = '{}'", role.as_str());
    assert_eq!(world.number(&left).await, 0);
    assert!(world.store.agent_roles_of(user).await.unwrap().is_empty());
    assert!(world.store.revoke_direct(world.team, user).await.unwrap(), "revoking again finds it done");
}

#[tokio::test]
async fn the_end_of_a_membership_ends_the_login_in_the_same_transaction_whoever_writes_it() {
    let world = World::start().await;
    let user = world.member(Role::Agent).await;
    world.contact(world.team, ANN).await;
    let (store, role) = world.direct(world.team, user).await;
    let mut inside = store.pool().acquire().await.unwrap();

    world.sql(&format!("delete from workspace_members where user_id = '{user}'")).await;

    let seen: i64 = sqlx::query_scalar("select count(*) from contacts").fetch_one(&mut *inside).await.unwrap();
    assert_eq!(seen, 0, "whoever is still in sees nothing");
    assert!(store.reach().await.is_err(), "and nobody else comes in");
    world.store.end_stray_agent_roles().await.unwrap();
    assert!(sqlx::query("select 1").execute(&mut *inside).await.is_err(), "the next look cuts the connection");
    assert_eq!(world.number(&format!("select count(*) from pg_roles where rolname = '{}'", role.as_str())).await, 0);
}

#[tokio::test]
async fn the_end_of_one_membership_of_two_leaves_the_login_for_the_other_team() {
    let world = World::start().await;
    let other = world.second_team().await;
    let user = world.member(Role::Agent).await;
    world.store.add_member(other, user, Role::Agent).await.unwrap();
    let (store, _) = world.direct(world.team, user).await;
    world.store.allow_direct(other, user, None).await.unwrap();

    world.sql(&format!("delete from workspace_members where user_id = '{user}' and workspace_id = '{other}'")).await;
    world.store.end_stray_agent_roles().await.unwrap();

    let left = store.workspaces_of(user).await.unwrap();
    assert_eq!(left.iter().map(|workspace| workspace.id).collect::<Vec<_>>(), [world.team]);
}

#[tokio::test]
async fn a_login_ends_by_itself_after_a_while_whatever_password_it_has_by_then() {
    let world = World::start().await;
    let user = world.member(Role::Agent).await;
    let (store, role) = world.direct(world.team, user).await;
    let good_for = format!(
        "select round(extract(epoch from rolvaliduntil - now()) / 86400)::bigint from pg_roles where rolname = '{}'",
        role.as_str()
    );
    assert_eq!(world.number(&good_for).await, 45, "Postgres itself takes no password after that");
    // A role may change its own password, and nothing else of itself.
    sqlx::query(AssertSqlSafe(format!("alter role {} password 'a thief has it'", role.as_str())))
        .execute(store.pool())
        .await
        .unwrap();
    for more in ["valid until 'infinity'", "connection limit -1", "createrole"] {
        let statement = format!("alter role {} {more}", role.as_str());
        assert!(sqlx::query(AssertSqlSafe(statement)).execute(store.pool()).await.is_err(), "{more}");
    }

    world.sql("update direct_roles set created_at = now() - interval '46 days'").await;
    world.store.end_stray_agent_roles().await.unwrap();

    assert!(store.ping().await.is_err());
    assert!(world.store.agent_roles_of(user).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_team_of_two_takes_its_part_alone() {
    let world = World::start().await;
    let other = world.second_team().await;
    let user = world.member(Role::Agent).await;
    world.store.add_member(other, user, Role::Agent).await.unwrap();
    let (store, _) = world.direct(world.team, user).await;
    world.store.allow_direct(other, user, None).await.unwrap();
    assert_eq!(store.workspaces_of(user).await.unwrap().len(), 2);

    assert!(!world.store.revoke_direct(other, user).await.unwrap());

    let left = store.workspaces_of(user).await.unwrap();
    assert_eq!(left.iter().map(|workspace| workspace.id).collect::<Vec<_>>(), [world.team]);
}

#[tokio::test]
async fn an_owner_who_is_no_superuser_lets_agents_in_and_puts_them_out() {
    let world = World::of_a_plain_owner().await;
    world.store.migrate().await.unwrap();
    world.add_team(world.team, ACCOUNT, OUR_NUMBER).await;
    world.contact(world.team, ANN).await;
    let user = world.member(Role::Agent).await;

    assert!(world.store.allow_direct(world.team, user, None).await.unwrap());
    let (role, password) = (AgentRole::new(fresh_in_cluster()), "password".into());
    let refused = world.store.create_agent_role(user, &role, &password).await.unwrap_err();
    assert_eq!(refused.trouble(), Some(Trouble::NoRight), "the group is somebody else's: {refused:?}");
    let owner = world.pool().connect_options().get_username().to_owned();
    world.sql_of_a_superuser(&format!("grant deskline_agent to {owner} with admin true, inherit false")).await;

    let (store, role) = world.direct(world.team, user).await;
    assert_eq!(store.snapshot(world.team, None, SnapshotSizes::default()).await.unwrap().contacts.len(), 1);
    assert_eq!(world.number("select count(*) from contacts").await, 1, "the owner goes on seeing everything");
    let mut inside = store.pool().acquire().await.unwrap();
    world.store.end_agent_role(&role).await.unwrap();
    assert!(sqlx::query("select 1").execute(&mut *inside).await.is_err());
    assert!(store.ping().await.is_err());
}
