//! The team's server is down, and the team works on: desktops that go straight to Postgres and Twilio, with credentials of one agent each.

use std::time::Duration;

use deskline_client::view::{Connection, MessageState, direct::TwilioLogin};
use deskline_domain::{command::Action, contact::ConversationStatus, ids::ContactId, protocol::DirectAccess};
use deskline_e2e::{
    Desktop, World, eventually,
    world::{MARIA, OMAR, OUR_NUMBER, PASSWORD},
};
use deskline_simulator::{CallbackPlan, Fault};
use deskline_store::Role;
use deskline_twilio::{Client as Twilio, Credentials};
use secrecy::ExposeSecret;
use sqlx::{Connection as _, PgConnection};
use tokio::time::Instant;

/// A desktop that may work directly.
async fn desk(world: &World, name: &str) -> Desktop {
    let desktop = world.desktop(name).await;
    desktop.client.work_directly(world.lets_work_directly(name).await).await.expect("Postgres takes the agent's role");
    desktop
}

async fn maria_at(desktop: &Desktop) -> ContactId {
    desktop.conversation("Maria's row", |row| row.phone == MARIA).await.contact_id
}

fn bodies(world: &World) -> Vec<String> {
    world.twilio.sent().into_iter().map(|sent| sent.body).collect()
}

/// Waits until a desktop has noticed that the server is gone, and is live all the same.
async fn works_directly(world: &World, desktop: &Desktop) {
    let listening =
        "select 1 from pg_stat_activity where datname = current_database() and usename like 'deskline_agent_%'";
    eventually("a desktop is connected to Postgres by itself", || async move {
        sqlx::query(listening).fetch_optional(&world.foreign).await.ok().flatten()
    })
    .await;
    desktop.live().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_desktops_go_on_chatting_without_a_server_and_what_came_meanwhile_is_there_when_it_is_back() {
    let mut world = World::start().await;
    let (ann, ben) = (desk(&world, "ann").await, desk(&world, "ben").await);
    world.text(MARIA, "Are you open?").await;
    let maria = maria_at(&ann).await;
    maria_at(&ben).await;
    world.kill_server();

    let reply = ann.client.send_message(maria, "Until six!".to_owned()).await.unwrap();
    ann.reaches(reply.id, MessageState::Accepted).await;
    let seen = ben.bubble(maria, "Ann's reply at Ben's", |bubble| bubble.id == reply.id).await;
    assert!(!seen.mine);
    ben.client.perform(world.workspace, Action::Close { contact_id: maria, seen: Some(reply.id) }).await.unwrap();
    ann.conversation("Ben has closed it", |row| row.status == ConversationStatus::Closed).await;
    let second = ben.client.send_message(maria, "And on Sundays until noon.".to_owned()).await.unwrap();
    ben.reaches(second.id, MessageState::Accepted).await;
    ann.bubble(maria, "Ben's text at Ann's", |bubble| bubble.id == second.id && !bubble.mine).await;

    assert_eq!(bodies(&world), ["Until six!", "And on Sundays until noon."]);
    assert_eq!(ann.client.connection(), Connection::Direct);
    let lost = world.twilio.receive_sms(OMAR, OUR_NUMBER, "Do you have rye?").await;
    assert!(!lost.is_ok(), "nobody takes Twilio's webhooks: {:?}", lost.answer);

    world.audit_at_once().await;
    world.restart_server().await;
    ann.conversation("the audit has brought Omar's text", |row| row.phone == OMAR).await;
    ben.conversation("and Ben sees it", |row| row.phone == OMAR).await;
    let third = ann.client.send_message(maria, "Through the server again".to_owned()).await.unwrap();
    ann.reaches(third.id, MessageState::Delivered).await;
    assert_eq!(bodies(&world).len(), 3, "each left once");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn falling_over_in_the_middle_of_a_burst_and_back_loses_nothing_and_doubles_nothing() {
    let mut world = World::start().await;
    let ann = desk(&world, "ann").await;
    world.text(MARIA, "Tell me everything").await;
    let maria = maria_at(&ann).await;
    let texts: Vec<String> = (0..30).map(|n| format!("line {n}")).collect();

    let mut ids = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        ids.push(ann.client.send_message(maria, text.clone()).await.unwrap().id);
        match n {
            8 => world.kill_server(),
            20 => {
                // The direct way is in full use before the server is back.
                ann.reaches(ids[12], MessageState::Accepted).await;
                world.restart_server().await;
            }
            _ => {}
        }
    }
    for id in &ids {
        let left = |state| matches!(state, MessageState::Accepted | MessageState::Sent | MessageState::Delivered);
        ann.when("each text has left", async |client| client.message(*id).await.ok().filter(|text| left(text.state)))
            .await;
    }

    assert_eq!(bodies(&world), texts, "each of them once, and in order");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_is_unknown_is_looked_up_directly_before_it_is_sent_again() {
    let mut world = World::start().await;
    let ann = desk(&world, "ann").await;
    world.text(MARIA, "Hello?").await;
    let maria = maria_at(&ann).await;
    world.kill_server();
    works_directly(&world, &ann).await;
    world.twilio.plan(CallbackPlan::none());
    world.twilio.fault(Fault::AcceptAndDropAnswer { times: 1 });

    let text = ann.client.send_message(maria, "Only once".to_owned()).await.unwrap();

    ann.reaches(text.id, MessageState::Accepted).await;
    assert_eq!(bodies(&world), ["Only once"]);
    world.end().await;
}

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

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_may_not_work_directly_waits_for_the_server_as_ever() {
    let mut world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "Hello").await;
    let maria = maria_at(&ann).await;
    let nobody = DirectAccess {
        database_url: "postgres://nobody:wrong@127.0.0.1:9/none?sslmode=disable".to_owned(),
        database_ca: None,
        twilio_keys: Vec::new(),
        public_url: None,
        twilio_url: None,
        issued_at: None,
    };
    ann.client.work_directly(nobody).await.expect_err("credentials that open nothing are not stored");
    world.kill_server();
    ann.offline().await;

    let text = ann.client.send_message(maria, "Later".to_owned()).await.unwrap();

    assert_eq!(text.state, MessageState::Waiting);
    world.restart_server().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_entered_by_hand_is_tried_kept_used_and_removed_again() {
    let mut world = World::start().await;
    let ann = world.desktop("ann").await;
    let mut access = world.lets_work_directly("ann").await;
    let key = access.twilio_keys.remove(0);
    ann.client.work_directly(access).await.unwrap();
    world.text(MARIA, "Hello").await;
    let maria = maria_at(&ann).await;
    world.kill_server();
    works_directly(&world, &ann).await;

    let login = |key_sid: &str, secret: &str| TwilioLogin {
        account_sid: key.account_sid.clone(),
        key_sid: key_sid.to_owned(),
        secret: secret.to_owned(),
    };
    let refused = ann.client.enter_twilio(login(&key.sid, "wrong")).await.unwrap_err().to_string();
    assert!(refused.contains("Twilio does not take this account"), "{refused}");
    assert!(ann.client.direct_work().await.accounts.is_empty(), "what is refused is not kept");
    assert!(bodies(&world).is_empty());

    let kept = ann.client.enter_twilio(login(&key.sid, &key.secret)).await.unwrap();
    assert_eq!(kept.accounts[0].key_sid.as_deref(), Some(key.sid.as_str()));
    let text = ann.client.send_message(maria, "With the key".to_owned()).await.unwrap();
    ann.reaches(text.id, MessageState::Accepted).await;
    let token = world.twilio.credentials().secret.expose_secret().to_owned();
    let kept = ann.client.enter_twilio(login("", &token)).await.unwrap();
    assert_eq!(kept.accounts.len(), 1, "the token takes the key's place");
    let text = ann.client.send_message(maria, "With the token".to_owned()).await.unwrap();
    ann.reaches(text.id, MessageState::Accepted).await;
    assert!(ann.keychain_item().expose_secret().contains(&token), "it lies in the keychain's one item");

    assert!(ann.client.forget_twilio(&key.account_sid).await.unwrap().accounts.is_empty());
    assert!(!ann.keychain_item().expose_secret().contains(&token), "and is gone from it");
    assert_eq!(bodies(&world), ["With the key", "With the token"]);
    world.end().await;
}
