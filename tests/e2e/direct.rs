//! The team's server is down, and the team works on: desktops that go straight to Postgres and Twilio, with credentials of one agent each.

mod access;

use deskline_client::view::{Connection, MessageState, direct::TwilioLogin};
use deskline_domain::{command::Action, contact::ConversationStatus, ids::ContactId, protocol::DirectAccess};
use deskline_e2e::{
    Desktop, World, eventually,
    world::{MARIA, OMAR, OUR_NUMBER},
};
use deskline_simulator::{CallbackPlan, Fault};
use secrecy::ExposeSecret;

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
