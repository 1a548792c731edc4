//! A contact that opted out is sent nothing, whichever way somebody tries, and Twilio is not even asked.

use chrono::TimeDelta;
use deskline_domain::{delivery::DeliveryStatus, message::MessageRow};
use deskline_server::edge::now;
use deskline_simulator::{Asked, Fault};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    walk::requests::{Ids, actions},
    world::{ANN, BOB, Heard, SOON, Socket, World},
};

const ZOE: &str = "+15557770003";

fn creates(world: &World) -> usize {
    world.twilio.asked().iter().filter(|asked| asked.creates()).count()
}

fn is_held_back(row: &MessageRow) -> bool {
    row.status == DeliveryStatus::Failed && row.error_code == Some(21610) && row.twilio_sid.is_none()
}

#[track_caller]
fn assert_refused(what: &str, (status, answer): &(StatusCode, Value)) {
    assert_eq!(
        (status.as_u16(), answer["error"].as_str(), answer["code"].as_i64()),
        (422, Some("Error sending SMS"), Some(21610)),
        "{what}: {answer}"
    );
    assert!(answer["explanation"].as_str().unwrap().contains("opted out"), "{what}: {answer}");
}

async fn assert_refused_over(socket: &Socket, event: &str, payload: Value) {
    let before = errors(&socket.heard());
    let ack = socket.ask(event, payload.clone()).await;
    assert_eq!((&ack["error"], &ack["code"]), (&json!("Failed to send message"), &json!(21610)), "{payload}: {ack}");
    socket.wait_until("the error by event", |heard| (errors(heard) > before).then_some(())).await;
}

fn errors(heard: &[Heard]) -> usize {
    heard.iter().filter(|heard| heard.name == "message_error" && heard.data["code"] == 21610).count()
}

/// What somebody could still try.
fn bodies(text: &Value) -> Vec<(&'static str, Value)> {
    let with = |name: &str, value: Value| {
        let mut body = text.clone();
        body[name] = value;
        body
    };
    vec![
        ("a text", text.clone()),
        ("a picture", with("mediaUrls", json!(["https://files.example/a.png"]))),
        (
            "a picture alone",
            json!({ "workspaceId": text["workspaceId"], "contactId": text["contactId"], "mediaUrls": ["https://files.example/a.png"] }),
        ),
        ("a text for later", with("sendAt", json!((now() + TimeDelta::hours(1)).to_rfc3339()))),
        ("a text with an id", with("clientId", json!("order-4711"))),
        ("a text that is too long as well", with("message", json!("x".repeat(2_000)))),
    ]
}

#[tokio::test]
async fn whichever_way_it_is_tried_nothing_is_sent_to_a_contact_that_opted_out() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let token = crate::world::token(world.owner);
    let contact = world.contact(ANN).await;
    let socket = world.joined_at(second, world.owner).await;
    world.twilio.fault(Fault::RefuseWith { code: 21408 });
    let (_, failed) = world.send(contact, "refused once").await;
    let later = async |text: &str| {
        let mut body = world.text(contact, text);
        body["sendAt"] = json!((now() + TimeDelta::hours(1)).to_rfc3339());
        world.call(Method::POST, "/sms/send-sms", Some(body)).await.1["message"]["id"].clone()
    };
    let (due, waiting) = (later("due after the stop").await, later("still waiting").await);
    world.twilio.go_away().await.unwrap();
    let (_, first) = world.send(contact, "to be tried again").await;
    let (_, behind) = world.send(contact, "waits behind it").await;
    assert_eq!((&first["message"]["status"], &behind["message"]["status"]), (&json!("queued"), &json!("queued")));
    let before = creates(&world);

    assert_eq!(world.twilio.receive_sms(ANN, &world.number(), "STOP").await.status(), 200);

    for text in [&first, &behind] {
        world.eventually(&text["message"]["id"], "held back, while Twilio is away", is_held_back).await;
    }
    world.twilio.come_back().await.unwrap();
    for (what, body) in bodies(&world.text(contact, "are you sure?")) {
        for server in [0, second] {
            let answer = world.call_at(server, &token, Method::POST, "/sms/send-sms", Some(body.clone())).await;
            assert_refused(what, &answer);
        }
        assert_refused_over(&socket, "send_message", body).await;
    }
    for text in [&failed, &first, &behind] {
        let id = &text["message"]["id"];
        let path = format!("/messages/{}/retry", id.as_str().unwrap());
        assert_refused("a retry", &world.call(Method::POST, &path, None).await);
        assert_refused_over(&socket, "retry_message", json!({ "messageId": id })).await;
    }
    let path = format!("/messages/{}/schedule", waiting.as_str().unwrap());
    assert_refused("another text for later", &world.call(Method::POST, &path, Some(json!({ "message": "hi" }))).await);
    for table in ["scheduled", "messages"] {
        let id = if table == "scheduled" { "message_id" } else { "id" };
        let sql = format!("update {table} set send_at = clock_timestamp() where {id} = $1");
        let id: uuid::Uuid = due.as_str().unwrap().parse().unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).execute(world.store.pool()).await.unwrap();
    }
    world.eventually(&due, "held back when its time came", is_held_back).await;
    for action in actions(&Ids { workspace: world.workspace, contact, user: world.owner, ..Ids::nowhere() }) {
        let id = uuid::Uuid::from_bytes(deskline_server::edge::entropy());
        let command = json!([{ "id": id, "workspaceId": world.workspace, "at": now(), "action": action }]);
        assert_eq!(world.call(Method::POST, "/commands", Some(command)).await.0, 200);
        assert_refused(&format!("after {action:?}"), &world.send(contact, "hi").await);
    }

    assert_eq!(creates(&world), before, "Twilio was not asked");
    assert_eq!(
        world.count("select count(*) from messages where direction = 'outbound' and twilio_sid is not null").await,
        0
    );
    assert_eq!(world.count("select count(*) from sends").await, 0, "nothing waits to be sent");
}

#[tokio::test]
async fn a_text_that_waits_because_twilio_asked_it_to_is_answered_422_when_the_contact_opts_out_meanwhile() {
    let world = World::start().await;
    let contact = world.contact(BOB).await;
    world.twilio.fault(Fault::RateLimit { retry_after: Some(std::time::Duration::from_secs(2)), times: 1 });

    let (answer, ()) = tokio::join!(world.send(contact, "patience"), async {
        world.twilio.wait_until_asked(|asked| asked.iter().any(Asked::creates), SOON).await.unwrap();
        assert_eq!(world.twilio.receive_sms(BOB, &world.number(), "stop").await.status(), 200);
    });

    assert_refused("a text that waited", &answer);
    assert_eq!(answer.1["message"]["status"], "failed");
    assert_eq!(creates(&world), 1);
}

#[tokio::test]
async fn who_is_merged_with_a_contact_that_opted_out_is_sent_nothing_either() {
    let world = World::start().await;
    let (bob, zoe) = (world.contact(BOB).await, world.contact(ZOE).await);
    assert_eq!(world.twilio.receive_sms(BOB, &world.number(), "STOP").await.status(), 200);
    assert_eq!(world.send(zoe, "before").await.0, 200);
    world.twilio.settled().await;

    let id = uuid::Uuid::from_bytes(deskline_server::edge::entropy());
    let action = json!({ "type": "mergeContacts", "contactId": zoe, "from": bob });
    let command = json!([{ "id": id, "workspaceId": world.workspace, "at": now(), "action": action }]);
    let (_, answer) = world.call(Method::POST, "/commands", Some(command)).await;

    assert_eq!(answer["outcomes"][0]["outcome"], "done", "{answer}");
    assert_refused("one person", &world.send(zoe, "after").await);
    assert_eq!(creates(&world), 1);
}
