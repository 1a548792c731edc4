//! A workspace's Twilio account: connecting it, and what is told about it.

use deskline_simulator::{Fault, Scope};
use deskline_store::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, assert_error};

const PATH: &str = "/twilio/test-connection";

fn credentials(world: &World, workspace: &impl serde::Serialize) -> Value {
    json!({
        "workspaceId": workspace,
        "accountSid": world.twilio.account_sid().as_str(),
        "authToken": world.twilio.auth_token().expose(),
    })
}

#[tokio::test]
async fn good_credentials_are_stored_encrypted_and_the_numbers_synced() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;

    let (status, answer) = world.call_as(owner, Method::POST, PATH, Some(credentials(&world, &other))).await;

    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["success"], true);
    let numbers: Vec<&str> = answer["phoneNumbers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number["phoneNumber"].as_str().unwrap())
        .collect();
    assert_eq!(numbers, world.twilio.numbers());
    let stored: String = sqlx::query_scalar("select auth_token from workspace_twilio_config where workspace_id = $1")
        .bind(other.0)
        .fetch_one(world.store.pool())
        .await
        .unwrap();
    assert!(!stored.contains(world.twilio.auth_token().expose()), "{stored}");
    let (_, listed) =
        world.call_as(owner, Method::GET, &format!("/twilio/phone-numbers?workspaceId={other}"), None).await;
    assert_eq!(listed["phoneNumbers"], answer["phoneNumbers"]);
    assert!(listed["phoneNumbers"][0]["sid"].is_string() && listed["phoneNumbers"][0]["friendlyName"].is_string());
    assert_eq!(listed["phoneNumbers"][0]["capabilities"]["sms"], true);
}

#[tokio::test]
async fn numbers_that_are_gone_or_renamed_follow() {
    let world = World::start().await;
    sqlx::query("update twilio_numbers set friendly_name = 'old name' where phone_number = $1")
        .bind(world.number())
        .execute(world.store.pool())
        .await
        .unwrap();
    sqlx::query("insert into twilio_numbers (workspace_id, phone_number, sid) values ($1, '+15556667777', 'PNgone')")
        .bind(world.workspace.0)
        .execute(world.store.pool())
        .await
        .unwrap();

    let (status, _) = world.call(Method::POST, PATH, Some(credentials(&world, &world.workspace))).await;

    assert_eq!(status, 200);
    let numbers = world.store.numbers(world.workspace).await.unwrap();
    assert_eq!(numbers.len(), world.twilio.numbers().len());
    assert!(numbers.iter().all(|number| number.friendly_name.as_deref() != Some("old name")));
}

#[tokio::test]
async fn bad_credentials_are_422_and_nothing_is_stored() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;
    let good = credentials(&world, &other);
    let changed = |name: &str, value: &str| {
        let mut body = good.clone();
        body[name] = json!(value);
        body
    };

    for bad in [
        changed("authToken", "wrong"),
        changed("accountSid", "AC00000000000000000000000000000000"),
        changed("accountSid", "../../etc/passwd"),
        changed("accountSid", "AC?x=1"),
    ] {
        let answer = world.call_as(owner, Method::POST, PATH, Some(bad)).await;
        assert_error(&answer, 422, "Invalid Twilio credentials");
    }
    assert!(world.store.twilio_account(other).await.unwrap().is_none());
    assert!(world.store.numbers(other).await.unwrap().is_empty());
}

#[tokio::test]
async fn with_twilio_out_of_reach_it_is_502_and_nothing_is_stored() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;
    let body = credentials(&world, &other);

    for fault in [
        Fault::ServerError { times: 1 },
        Fault::NotJson { times: 1 },
        Fault::Hang { times: 1 },
        Fault::Drop { times: 1 },
    ] {
        world.twilio.fault_on(Scope::Any, fault);
        assert_eq!(world.call_as(owner, Method::POST, PATH, Some(body.clone())).await.0, 502, "{fault:?}");
    }
    world.twilio.go_away().await.unwrap();
    assert_eq!(world.call_as(owner, Method::POST, PATH, Some(body)).await.0, 502);

    assert!(world.store.twilio_account(other).await.unwrap().is_none());
}

#[tokio::test]
async fn only_owners_and_admins_may_connect_an_account() {
    let world = World::start().await;
    let (agent, admin) = (world.member(Role::Agent).await, world.member(Role::Admin).await);
    let (_, stranger) = world.another_workspace().await;
    let body = credentials(&world, &world.workspace);

    assert_eq!(world.call_as(agent, Method::POST, PATH, Some(body.clone())).await.0, 403);
    assert_eq!(world.call_as(stranger, Method::POST, PATH, Some(body.clone())).await.0, 403);
    assert_eq!(world.call_as(admin, Method::POST, PATH, Some(body)).await.0, 200);
    let missing = world.call(Method::POST, PATH, Some(json!({ "workspaceId": world.workspace }))).await;
    assert_error(&missing, 400, "Missing required fields");
}

#[tokio::test]
async fn the_configuration_never_shows_the_token() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;

    let (status, configured) =
        world.call(Method::GET, &format!("/twilio/config?workspaceId={}", world.workspace), None).await;
    let (_, unconfigured) =
        world.call_as(owner, Method::GET, &format!("/twilio/config?workspaceId={other}"), None).await;

    assert_eq!(status, 200);
    assert_eq!(
        (&configured["isConfigured"], &configured["accountSid"]),
        (&json!(true), &json!(world.twilio.account_sid().as_str()))
    );
    assert!(!configured.to_string().contains(world.twilio.auth_token().expose()));
    assert_eq!((&unconfigured["isConfigured"], &unconfigured["accountSid"]), (&json!(false), &Value::Null));
}
