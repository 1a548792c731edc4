//! What a desktop is given to work directly: it is fetched, changed and taken back, and is worth nothing to a thief from then on.

use std::time::Duration;

use deskline_client::view::MessageState;
use deskline_domain::protocol::DirectAccess;
use deskline_e2e::{
    Desktop, World, eventually,
    world::{MARIA, PASSWORD},
};
use deskline_store::Role;
use deskline_twilio::{Client as Twilio, Credentials};
use secrecy::ExposeSecret;
use sqlx::{Connection as _, PgConnection};
use tokio::time::Instant;

use super::{bodies, desk, maria_at, works_directly};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_thief_takes_out_of_the_keychain_shows_one_team_and_is_dead_within_a_second_of_the_revocation() {
    let mut world = World::start().await;
    let ann = desk(&world, "ann").await;
    world.text(MARIA, "For the team alone").await;
    let maria = maria_at(&ann).await;
    let other = deskline_domain::ids::WorkspaceId(deskline_e2e::database::fresh_id());
    world.store.create_workspace(other, "Other team").await.unwrap();
    sqlx::query("insert into contacts (workspace_id, phone) values ($1, '+15550009999')")
        .bind(other.0)
        .execute(&world.foreign)
        .await
        .unwrap();
    world.kill_server();
    works_directly(&world, &ann).await;

    // The thief has the item of the keychain, and nothing else.
    let loot = access_of(&ann).unwrap();
    let mut thief = PgConnection::connect(&loot.database_url).await.unwrap();
    let seen: Vec<String> = sqlx::query_scalar("select phone from contacts").fetch_all(&mut thief).await.unwrap();
    assert_eq!(seen, [MARIA]);

    let revoked = Instant::now();
    world.revokes_direct_work("ann").await;
    assert!(sqlx::query("select 1").execute(&mut thief).await.is_err(), "the thief's connection is cut");
    assert!(PgConnection::connect(&loot.database_url).await.is_err(), "and there is no other one");
    assert!(revoked.elapsed() < Duration::from_secs(1), "it took {:?}", revoked.elapsed());

    // The desktop says what happened, keeps what is here, and goes on through the server.
    ann.when("Ann is told", async |client| {
        client.local_copy().notices.iter().any(|notice| notice.text.contains("taken that back")).then_some(())
    })
    .await;
    assert!(!ann.keychain_item().expose_secret().contains(&loot.database_url), "and the credentials are gone");
    assert_eq!(ann.thread(maria).await.len(), 1);
    world.restart_server().await;
    let text = ann.client.send_message(maria, "Still here".to_owned()).await.unwrap();
    ann.reaches(text.id, MessageState::Delivered).await;
    world.end().await;
}

/// What Twilio says of the account's keys.
async fn keys(world: &World) -> usize {
    let account = world.twilio.credentials();
    let url = format!("{}2010-04-01/Accounts/{}/Keys.json", world.twilio.url(), account.account_sid);
    let asked = reqwest::Client::builder().no_proxy().build().unwrap().get(url);
    let answer = asked.basic_auth(&account.username, Some(account.secret.expose_secret())).send().await.unwrap();
    answer.json::<serde_json::Value>().await.unwrap()["keys"].as_array().unwrap().len()
}

/// An admin says yes or no, as a dashboard would.
async fn admin_decides(world: &World, name: &str, allowed: bool) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let boss = world.user("boss").await;
    world.store.add_member(world.workspace, boss, Role::Admin).await.unwrap();
    let grant = serde_json::json!({ "email": "boss@example.com", "password": PASSWORD });
    let token = http
        .post(format!("{}/auth/v1/token?grant_type=password", world.server_url()))
        .json(&grant)
        .send()
        .await
        .unwrap();
    let token = token.json::<serde_json::Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let user = world.user(name).await;
    let body = serde_json::json!({ "workspaceId": world.workspace, "allowed": allowed });
    let decided = http
        .post(format!("{}/members/{user}/direct", world.server_url()))
        .bearer_auth(token)
        .json(&body)
        .send()
        .await
        .unwrap();
    assert!(decided.status().is_success(), "{:?}", decided.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_fetches_what_an_admin_allows_by_itself_and_it_is_gone_when_that_is_taken_back() {
    let mut world = World::start().await;
    let request = world.agent("ann").await;
    world.agent("boss").await;
    admin_decides(&world, "ann", true).await;
    let ann = Desktop::new().await;
    ann.sign_in(request).await;
    eventually("the credentials are in the keychain", || {
        let item = ann.keychain_item();
        async move { item.expose_secret().contains("deskline_agent_").then_some(()) }
    })
    .await;
    assert_eq!(keys(&world).await, 1);
    world.text(MARIA, "Hello").await;
    let maria = maria_at(&ann).await;
    world.kill_server();
    let text = ann.client.send_message(maria, "By ourselves".to_owned()).await.unwrap();
    ann.reaches(text.id, MessageState::Accepted).await;
    world.restart_server().await;

    admin_decides(&world, "ann", false).await;

    assert_eq!(keys(&world).await, 0, "the key is gone at Twilio");
    world.kill_server();
    world.restart_server().await;
    eventually("the credentials are gone from the keychain", || {
        let item = ann.keychain_item();
        async move { (!item.expose_secret().contains("deskline_agent_")).then_some(()) }
    })
    .await;
    let text = ann.client.send_message(maria, "Through the server".to_owned()).await.unwrap();
    ann.when("it leaves through the server", async |client| {
        client.message(text.id).await.ok().filter(|text| text.state == MessageState::Delivered)
    })
    .await;
    world.end().await;
}

/// What a desktop's keychain has for working directly.
fn access_of(desktop: &Desktop) -> Option<DirectAccess> {
    let item: serde_json::Value = serde_json::from_str(desktop.keychain_item().expose_secret()).ok()?;
    serde_json::from_value(item["direct"].clone()).ok()
}

/// The login role in a desktop's keychain.
fn role_of(desktop: &Desktop) -> Option<String> {
    access_of(desktop)?.role().map(str::to_owned)
}

/// Tries until it is refused, which has to be within a second.
async fn is_refused_within_a_second(what: &str, since: Instant, mut is_good: impl AsyncFnMut() -> bool) {
    while is_good().await {
        assert!(since.elapsed() < Duration::from_secs(1), "{what} is good after {:?}", since.elapsed());
    }
    assert!(since.elapsed() < Duration::from_secs(1), "{what} was good until {:?}", since.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_thief_has_in_use_is_refused_within_a_second_of_the_answer_that_access_is_taken_back() {
    let world = World::start().await;
    let request = world.agent("ann").await;
    world.agent("boss").await;
    admin_decides(&world, "ann", true).await;
    let ann = Desktop::new().await;
    ann.sign_in(request).await;
    let loot = eventually("the credentials are in the keychain", || std::future::ready(access_of(&ann))).await;
    let mut open = PgConnection::connect(&loot.database_url).await.unwrap();
    let mut listening = PgConnection::connect(&loot.database_url).await.unwrap();
    sqlx::raw_sql("begin; listen deskline_changes; select * from contacts").execute(&mut listening).await.unwrap();
    let [key] = &loot.twilio_keys[..] else { panic!("one account, one key") };
    let credentials = Credentials::api_key(key.account_sid.as_str(), &key.sid, key.secret.clone());
    let twilio = Twilio::new(world.twilio.url(), credentials, Duration::from_secs(5));
    assert!(twilio.list_numbers().await.is_ok(), "all of it is in use");

    admin_decides(&world, "ann", false).await;

    let answered = Instant::now();
    for (what, connection) in [("an open connection", &mut open), ("one within a transaction", &mut listening)] {
        is_refused_within_a_second(what, answered, async || {
            sqlx::query("select * from contacts").execute(&mut *connection).await.is_ok()
        })
        .await;
    }
    is_refused_within_a_second("a new connection", answered, async || {
        PgConnection::connect(&loot.database_url).await.is_ok()
    })
    .await;
    is_refused_within_a_second("the Twilio key", answered, async || twilio.list_numbers().await.is_ok()).await;
    assert!(twilio.list_numbers().await.unwrap_err().is_unauthorized());
    world.end().await;
}

async fn exists(world: &World, role: &str) -> bool {
    let sql = "select exists (select from pg_roles where rolname = $1)";
    sqlx::query_scalar(sql).bind(role).fetch_one(&world.foreign).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_a_month_ago_are_changed_for_others_and_there_is_always_a_way_to_send() {
    let mut world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "Hello").await;
    let maria = maria_at(&ann).await;
    let month = chrono::TimeDelta::days(31);
    let access = world.lets_work_directly("ann").await;
    let old = access.role().unwrap().to_owned();
    let issued_at = world.store.clock().await.unwrap() - month;
    ann.client.work_directly(DirectAccess { issued_at: Some(issued_at), ..access }).await.unwrap();
    world.kill_server();
    let first = ann.client.send_message(maria, "With the old ones".to_owned()).await.unwrap();
    ann.reaches(first.id, MessageState::Accepted).await;

    world.restart_server().await;
    let new = eventually("the desktop has other credentials", || {
        let role = role_of(&ann).filter(|role| *role != old);
        async move { role }
    })
    .await;
    let second = ann.client.send_message(maria, "Meanwhile".to_owned()).await.unwrap();
    ann.reaches(second.id, MessageState::Delivered).await;
    eventually("the old role is gone", || async { (!exists(&world, &old).await).then_some(()) }).await;
    assert!(exists(&world, &new).await);

    world.kill_server();
    let third = ann.client.send_message(maria, "With the new ones".to_owned()).await.unwrap();
    ann.reaches(third.id, MessageState::Accepted).await;
    assert_eq!(bodies(&world), ["With the old ones", "Meanwhile", "With the new ones"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_whose_password_a_thief_has_changed_is_ended_and_the_desktop_gets_another_one() {
    let mut world = World::start().await;
    let ann = desk(&world, "ann").await;
    let stolen = role_of(&ann).unwrap();
    world.text(MARIA, "Hello").await;
    let maria = maria_at(&ann).await;
    world.kill_server();
    works_directly(&world, &ann).await;

    // This Postgres asks nobody for a password, so that "no login" has to stand for "another password".
    sqlx::query(sqlx::AssertSqlSafe(format!("alter role {stolen} nologin"))).execute(&world.foreign).await.unwrap();
    world.cut_database().await;

    eventually("the desktop forgets it", || {
        let role = role_of(&ann);
        async move { role.is_none().then_some(()) }
    })
    .await;
    world.restart_server().await;
    eventually("the server has ended it", || async { (!exists(&world, &stolen).await).then_some(()) }).await;
    eventually("and has given another one", || {
        let role = role_of(&ann);
        async move { role }
    })
    .await;
    world.kill_server();
    let text = ann.client.send_message(maria, "Mine again".to_owned()).await.unwrap();
    ann.reaches(text.id, MessageState::Accepted).await;
    world.end().await;
}
