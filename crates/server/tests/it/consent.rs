//! Opt-outs by an agent's hand, and what Twilio teaches by refusing a text.

use deskline_simulator::{CallbackPlan, Fault};
use deskline_store::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{ANN, World, assert_error};

async fn change(world: &World, contact: impl std::fmt::Display, what: &str) -> (reqwest::StatusCode, Value) {
    let agent = world.member(Role::Agent).await;
    let body = json!({ "workspaceId": world.workspace });
    world.call_as(agent, Method::POST, &format!("/contacts/{contact}/{what}"), Some(body)).await
}

#[tokio::test]
async fn an_agent_opts_a_contact_out_and_in_and_everybody_hears_it() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let contact = world.contact(ANN).await;

    let (status, answer) = change(&world, contact, "opt-out").await;
    assert_eq!((status.as_u16(), answer["contact"]["opted_out_at"].is_string()), (200, true), "{answer}");
    dashboard.wait_for("contact_updated", |told| told["contact"]["opted_out_at"].is_string()).await;
    assert_eq!(world.send(contact, "hi").await.1["code"], 21610);
    assert!(world.twilio.asked().is_empty(), "Twilio was not asked");

    let (status, answer) = change(&world, contact, "opt-in").await;
    assert_eq!((status.as_u16(), &answer["contact"]["opted_out_at"]), (200, &Value::Null));
    assert_eq!(world.send(contact, "hi").await.0, 200);
    let path = format!("/contacts/{contact}/consents?workspaceId={}", world.workspace);
    let (_, ledger) = world.call(Method::GET, &path, None).await;
    let lines: Vec<_> = ledger["consents"].as_array().unwrap().iter().map(|line| &line["decision"]).collect();
    assert_eq!(lines, ["opted_out", "opted_in"]);
    assert!(ledger["consents"][0]["userId"].is_string() && ledger["consents"][0]["at"].is_string(), "{ledger}");
}

#[tokio::test]
async fn admins_see_who_opted_out_with_the_reason_and_find_one_of_many() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let agent = world.member(Role::Agent).await;
    let opt_out = async |reason: &str| {
        let body = json!({ "workspaceId": world.workspace, "reason": reason });
        world.call_as(agent, Method::POST, &format!("/contacts/{contact}/opt-out"), Some(body)).await
    };
    assert_eq!(opt_out(&"x".repeat(501)).await.0, 400);
    assert_eq!(opt_out(" She asked on the phone. ").await.0, 200);
    let path = |search: &str| format!("/opt-outs?workspaceId={}&search={search}", world.workspace);

    let (status, found) = world.call(Method::GET, &path(&ANN[3..8]), None).await;

    assert_eq!((status.as_u16(), &found["more"]), (200, &json!(false)), "{found}");
    let one = &found["optOuts"][0];
    assert_eq!((&one["contactId"], &one["phone"], &one["userId"]), (&json!(contact), &json!(ANN), &json!(agent)));
    assert_eq!((&one["reason"], &one["decidedBy"]), (&json!("She asked on the phone."), &json!("agent")));
    assert_eq!(world.call(Method::GET, &path("nobody"), None).await.1["optOuts"], json!([]));
    assert_eq!(world.call_as(agent, Method::GET, &path(""), None).await.0, 403);
}

#[tokio::test]
async fn what_a_contact_said_no_agent_takes_back() {
    let world = World::start().await;
    world.twilio.receive_sms(ANN, &world.number(), "STOP").await;
    let contact =
        world.store.snapshot(world.workspace, None, Default::default()).await.unwrap().contacts.remove(0).value();

    let answer = change(&world, contact["id"].as_str().unwrap(), "opt-in").await;

    assert_error(&answer, 409, "This contact has opted out by text. Only they can opt in again, by texting START.");
}

#[tokio::test]
async fn strangers_and_wrong_ids_are_told_apart() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let (other, stranger) = world.another_workspace().await;
    for what in ["opt-out", "opt-in"] {
        let path = format!("/contacts/{contact}/{what}");
        let post = |user, path: String, workspace: Value| {
            let body = Some(json!({ "workspaceId": workspace }));
            let world = &world;
            async move { world.call_as(user, Method::POST, &path, body).await }
        };

        assert_eq!(post(stranger, path.clone(), json!(world.workspace)).await.0, 403);
        assert_error(&post(stranger, path.clone(), json!(other)).await, 404, "Contact not found");
        assert_error(&post(world.owner, path, Value::Null).await, 400, "Missing required fields");
        assert_eq!(post(world.owner, format!("/contacts/7/{what}"), json!(world.workspace)).await.0, 400);
    }
    let ledger = |workspace| format!("/contacts/{contact}/consents?workspaceId={workspace}");
    assert_eq!(world.call_as(stranger, Method::GET, &ledger(world.workspace), None).await.0, 403);
    assert_eq!(world.call_as(stranger, Method::GET, &ledger(other), None).await.0, 404);
}

#[tokio::test]
async fn twilio_is_asked_once_about_a_contact_that_opted_out_elsewhere() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.fault(Fault::RefuseWith { code: 21_610 });

    let (first, _) = world.send(contact, "hi").await;
    let (second, body) = world.send(contact, "hello?").await;

    assert_eq!((first.as_u16(), second.as_u16(), &body["code"]), (422, 422, &json!(21610)));
    assert_eq!(world.twilio.asked().iter().filter(|asked| asked.creates()).count(), 1);
}

#[tokio::test]
async fn a_callback_with_21610_teaches_the_same_and_its_repetition_nothing_new() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.plan_next(CallbackPlan::failing(21_610));
    world.send(contact, "hi").await;
    world.twilio.settled().await;
    assert_eq!(world.send(contact, "hello?").await.1["code"], 21610);

    world.twilio.receive_sms(ANN, &world.number(), "START").await;
    let callback = world.twilio.deliveries().into_iter().find(|one| one.field("ErrorCode") == Some("21610")).unwrap();
    let signed =
        deskline_twilio::signature::sign(&world.twilio.auth_token(), callback.url.as_ref().unwrap(), &callback.params);
    let again = world.http.post(callback.url.as_ref().unwrap()).header("X-Twilio-Signature", signed);
    assert_eq!(again.form(&callback.params).send().await.unwrap().status(), 200);

    assert_eq!(world.send(contact, "welcome back").await.0, 200);
}
