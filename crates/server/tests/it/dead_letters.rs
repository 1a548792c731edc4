//! Texts that no workspace could take: listed and routed by whoever may.

use std::process::Output;

use deskline_simulator::{AccountConfig, InboundText};
use deskline_store::Role;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    admin::{line, program, run},
    world::{ANN, World, assert_error, store_number},
};

const NOBODYS: &str = "+15559990000";

/// A text for a number that nobody has; its SID.
async fn lost(world: &World, body: &str) -> String {
    let account_sid = Some(world.twilio.account_sid());
    let text = InboundText { account_sid, ..InboundText::new(ANN, NOBODYS, body) };
    let delivery = world.twilio.receive(text).await;
    assert_eq!(delivery.status(), 404);
    delivery.sid
}

async fn list(world: &World) -> Vec<Value> {
    let path = format!("/twilio/dead-letters?workspaceId={}", world.workspace);
    let (status, answer) = world.call(Method::GET, &path, None).await;
    assert_eq!(status, 200, "{answer}");
    answer["deadLetters"].as_array().unwrap().clone()
}

async fn route(world: &World, sid: &str) -> (reqwest::StatusCode, Value) {
    let body = json!({ "workspaceId": world.workspace });
    world.call(Method::POST, &format!("/twilio/dead-letters/{sid}/route"), Some(body)).await
}

#[tokio::test]
async fn a_dead_letter_is_listed_and_routed_once_and_heard_like_any_text() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let sid = lost(&world, "anybody there?").await;
    let listed = list(&world).await;
    assert_eq!((listed.len(), &listed[0]["twilioSid"], &listed[0]["from"]), (1, &json!(sid), &json!(ANN)));
    assert_eq!((&listed[0]["to"], &listed[0]["body"]), (&json!(NOBODYS), &json!("anybody there?")));

    let (status, first) = route(&world, &sid).await;
    let (again, second) = route(&world, &sid).await;

    assert_eq!((status.as_u16(), again.as_u16()), (200, 200), "{first} {second}");
    assert_eq!(first["message"]["id"], second["message"]["id"]);
    let told = dashboard.wait_for("new_message", |_| true).await;
    assert_eq!((&told["message"]["content"], &told["contact"]["unread_count"]), (&json!("anybody there?"), &json!(1)));
    assert!(list(&world).await.is_empty());
    assert_eq!(world.count("select count(*) from messages").await, 1);
    assert_eq!(
        world.count("select count(*) from dead_letters where routed_to is not null and routed_by is not null").await,
        1
    );
}

#[tokio::test]
async fn a_stop_among_the_dead_letters_is_honoured_when_it_is_routed() {
    let world = World::start().await;
    let sid = lost(&world, "STOP").await;

    let (_, answer) = route(&world, &sid).await;

    assert!(answer["contact"]["opted_out_at"].is_string(), "{answer}");
}

#[tokio::test]
async fn only_admins_of_a_workspace_with_the_account_see_and_route_them() {
    let world = World::start().await;
    let sid = lost(&world, "secret").await;
    let agent = world.member(Role::Agent).await;
    let admin = world.member(Role::Admin).await;
    let (other, stranger) = world.another_workspace().await;
    let account = world.twilio.add_account(&AccountConfig { numbers: Vec::new(), ..AccountConfig::default() });
    let token = SecretString::from(world.twilio.auth_token_of(&account).unwrap().expose().to_owned());
    world.store.save_twilio_account(other, account.as_str(), &token, &[store_number("+15553334444")]).await.unwrap();
    let get = |workspace| format!("/twilio/dead-letters?workspaceId={workspace}");
    let post = format!("/twilio/dead-letters/{sid}/route");
    let to = |workspace| Some(json!({ "workspaceId": workspace }));

    for user in [agent, stranger] {
        assert_eq!(world.call_as(user, Method::GET, &get(world.workspace), None).await.0, 403);
        assert_eq!(world.call_as(user, Method::POST, &post, to(world.workspace)).await.0, 403);
    }
    let (_, theirs) = world.call_as(stranger, Method::GET, &get(other), None).await;
    assert_eq!(theirs["deadLetters"], json!([]));
    assert_eq!(world.call_as(stranger, Method::POST, &post, to(other)).await.0, 404);
    assert_eq!(route(&world, "SM0").await.0, 404);
    assert_eq!(world.count("select count(*) from messages").await, 0);
    assert_eq!(world.call_as(admin, Method::POST, &post, to(world.workspace)).await.0, 200);
}

#[tokio::test]
async fn of_two_workspaces_with_one_account_the_first_to_route_a_letter_has_it() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;
    world.connect_twilio(other).await;
    let sid = lost(&world, "hi").await;
    assert_eq!(route(&world, &sid).await.0, 200);

    let path = format!("/twilio/dead-letters/{sid}/route");
    let late = world.call_as(owner, Method::POST, &path, Some(json!({ "workspaceId": other }))).await;

    assert_error(&late, 409, "This text was routed to another workspace.");
    assert!(late.1.get("message").is_none(), "nothing is told of it");
}

#[tokio::test]
async fn a_sender_that_cannot_be_a_contact_stays_a_dead_letter() {
    let world = World::start().await;
    let delivery = world.twilio.receive_sms("<script>", &world.number(), "hi").await;
    assert_eq!(delivery.status(), 400);

    let (status, answer) = route(&world, &delivery.sid).await;

    assert_eq!(status, 409, "{answer}");
    assert_eq!(list(&world).await.len(), 1);
}

#[tokio::test]
async fn the_command_line_lists_and_routes_them() {
    let world = World::start().await;
    let sid = lost(&world, "for the command line").await;
    let workspace = world.workspace.to_string();
    let ask = async |arguments: &[&str]| -> Output { run(program(&world, world.database_url(), arguments), "").await };

    let listed = line(&ask(&["dead-letters", "list"]).await);
    assert!(listed.contains(&sid) && !listed.contains("for the command line"), "{listed}");
    let id = line(&ask(&["dead-letters", "route", &sid, "--workspace", &workspace]).await);
    assert_eq!(line(&ask(&["dead-letters", "list", "--workspace", &workspace]).await), "");

    let (_, again) = route(&world, &sid).await;
    assert_eq!(again["message"]["id"], id);
    let unknown = ask(&["dead-letters", "route", "SM0", "--workspace", &workspace]).await;
    assert!(!unknown.status.success() && String::from_utf8_lossy(&unknown.stderr).contains("SM0"), "{unknown:?}");
}
