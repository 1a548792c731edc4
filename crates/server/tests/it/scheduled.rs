//! Texts for later, over HTTP: they live here and not at Twilio until their time comes.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::delivery::DeliveryStatus;
use deskline_server::edge::now;
use deskline_simulator::InboundText;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{ANN, BOB, World, assert_error};

impl World {
    async fn schedule(&self, phone: &str, send_at: DateTime<Utc>, more: &[(&str, Value)]) -> (StatusCode, Value) {
        let contact: Option<uuid::Uuid> = sqlx::query_scalar("select id from contacts where phone = $1")
            .bind(phone)
            .fetch_optional(self.store.pool())
            .await
            .unwrap();
        let contact = match contact {
            Some(id) => id.into(),
            None => self.contact(phone).await,
        };
        let mut body = self.text(contact, "See you tomorrow");
        body["sendAt"] = json!(send_at.to_rfc3339());
        for (name, value) in more {
            body[*name] = value.clone();
        }
        self.call(Method::POST, "/sms/send-sms", Some(body)).await
    }

    async fn listed(&self) -> Vec<Value> {
        let (status, answer) =
            self.call(Method::GET, &format!("/sms/scheduled?workspaceId={}", self.workspace), None).await;
        assert_eq!(status, 200, "{answer}");
        answer["scheduled"].as_array().unwrap().clone()
    }

    async fn post(&self, message: &Value, verb: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, &format!("/messages/{}/{verb}", message["id"].as_str().unwrap()), Some(body)).await
    }
}

fn in_an_hour() -> DateTime<Utc> {
    now() + TimeDelta::hours(1)
}

#[tokio::test]
async fn a_text_for_later_is_kept_and_leaves_once_by_itself_on_whichever_server() {
    let mut world = World::start().await;
    for _ in 0..2 {
        world.another_server().await;
    }
    let dashboard = world.joined().await;
    let send_at = now() + TimeDelta::seconds(2);

    let (status, answer) = world.schedule(ANN, send_at, &[]).await;

    let message = &answer["message"];
    assert_eq!(
        (status.as_u16(), &answer["success"], &answer["twilioSid"]),
        (200, &json!(true), &Value::Null),
        "{answer}"
    );
    assert_eq!(message["status"], "scheduled");
    assert!(message["send_at"].is_string(), "{message}");
    assert_eq!(world.twilio.asked().iter().filter(|asked| asked.creates()).count(), 0, "Twilio knows nothing of it");
    world.eventually(&message["id"], "delivered", |row| row.status == DeliveryStatus::Delivered).await;
    assert!(now() >= send_at);
    world.twilio.settled().await;
    assert_eq!(world.twilio.sent().len(), 1);
    dashboard.wait_for("message_updated", |told| told["message"]["status"] == "delivered").await;
    assert!(world.listed().await.is_empty());
}

#[tokio::test]
async fn it_is_one_text_by_its_client_id_over_http_and_sockets() {
    let world = World::start().await;
    let client_id = [("clientId", json!("birthday"))];
    let (_, first) = world.schedule(ANN, in_an_hour(), &client_id).await;

    let (status, again) = world.schedule(ANN, in_an_hour(), &client_id).await;
    let socket = world.joined().await;
    let mut body = world.text(first["message"]["contact_id"].as_str().unwrap().parse().unwrap(), "See you tomorrow");
    body["clientId"] = json!("birthday");
    body["sendAt"] = json!(in_an_hour().to_rfc3339());
    let by_socket = socket.ask("send_message", body).await;

    assert_eq!((status.as_u16(), &again["message"]["id"]), (200, &first["message"]["id"]), "{again}");
    assert_eq!((&by_socket["message"]["id"], &by_socket["success"]), (&first["message"]["id"], &json!(true)));
    assert_eq!(world.listed().await.len(), 1);
}

#[tokio::test]
async fn it_is_listed_changed_and_called_off() {
    let world = World::start().await;
    let agent = world.member(deskline_store::Role::Agent).await;
    let (_, stranger) = world.another_workspace().await;
    let (_, ann) = world.schedule(ANN, in_an_hour(), &[("cancelOnReply", json!(true))]).await;
    let (_, bob) = world.schedule(BOB, in_an_hour(), &[]).await;
    let (ann, bob) = (&ann["message"], &bob["message"]);
    let path = format!("/sms/scheduled?workspaceId={}", world.workspace);

    assert_eq!(world.call_as(stranger, Method::GET, &path, None).await.0, 403);
    let of_bob = format!("{path}&contactId={}", bob["contact_id"].as_str().unwrap());
    let (_, of_bob) = world.call_as(agent, Method::GET, &of_bob, None).await;
    assert_eq!(
        (of_bob["scheduled"].as_array().unwrap().len(), &of_bob["scheduled"][0]["message"]["id"]),
        (1, &bob["id"])
    );
    assert_eq!(world.listed().await.iter().map(|one| one["cancelOnReply"] == true).collect::<Vec<_>>(), [true, false]);

    let sooner = (now() + TimeDelta::minutes(5)).to_rfc3339();
    let (status, changed) = world.post(bob, "schedule", json!({ "sendAt": sooner, "message": "See you soon" })).await;
    assert_eq!((status.as_u16(), &changed["message"]["content"]), (200, &json!("See you soon")), "{changed}");
    assert_eq!(world.listed().await[0]["message"]["id"], bob["id"], "the next one first");
    assert_error(&world.post(bob, "schedule", json!({})).await, 400, "Missing required fields");
    let past = json!({ "sendAt": "2020-01-01T00:00:00Z" });
    assert_error(
        &world.post(bob, "schedule", past).await,
        400,
        "sendAt must be in the future, and not more than a year ahead",
    );
    assert_eq!(world.post(bob, "schedule", json!({ "message": "x".repeat(1_601) })).await.0, 422);

    for _ in 0..2 {
        let (status, canceled) = world.post(ann, "cancel", json!({})).await;
        assert_eq!((status.as_u16(), &canceled["message"]["status"]), (200, &json!("canceled")), "{canceled}");
    }
    let change = world.post(ann, "schedule", json!({ "message": "after all" })).await;
    assert_error(&change, 409, "This text was called off. Write it again to send it.");
    assert_eq!(world.listed().await.len(), 1);
    assert_eq!(world.twilio.sent().len(), 0);
}

#[tokio::test]
async fn one_that_is_to_leave_now_leaves_now_and_once() {
    let world = World::start().await;
    let (_, ann) = world.schedule(ANN, in_an_hour(), &[]).await;

    let (status, answer) = world.post(&ann["message"], "schedule", json!({ "sendNow": true })).await;

    assert_eq!(status, 200, "{answer}");
    world.eventually(&ann["message"]["id"], "delivered", |row| row.status == DeliveryStatus::Delivered).await;
    assert_error(
        &world.post(&ann["message"], "schedule", json!({ "sendNow": true })).await,
        409,
        "This text is not waiting for its time any more: it has left, or is about to.",
    );
    assert_eq!(world.twilio.sent().len(), 1);
}

#[tokio::test]
async fn what_can_never_be_sent_is_not_scheduled() {
    let world = World::start().await;

    let past = world.schedule(ANN, now() - TimeDelta::minutes(1), &[]).await;
    let nonsense = world.schedule(ANN, in_an_hour(), &[("sendAt", json!("soon"))]).await;
    let too_long = world.schedule(ANN, in_an_hour(), &[("message", json!("x".repeat(1_601)))]).await;

    assert_error(&past, 400, "sendAt must be in the future, and not more than a year ahead");
    assert_error(&nonsense, 400, "sendAt must be a time such as 2027-03-01T09:30:00Z");
    assert_eq!((too_long.0.as_u16(), &too_long.1["code"]), (422, &json!(21617)));
    assert_eq!(world.count("select count(*) from messages").await, 0);
}

#[tokio::test]
async fn a_contact_who_writes_first_calls_it_off_and_everybody_sees_it() {
    let world = World::start().await;
    let (_, reminder) = world.schedule(ANN, in_an_hour(), &[("cancelOnReply", json!(true))]).await;
    let (_, birthday) = world.schedule(ANN, in_an_hour(), &[]).await;
    let dashboard = world.joined().await;

    let text = InboundText {
        from: ANN.into(),
        to: world.number(),
        body: "I am here already".into(),
        ..InboundText::default()
    };
    assert!(world.twilio.receive(text).await.is_ok());

    let told = dashboard.wait_for("message_updated", |told| told["message"]["status"] == "canceled").await;
    assert_eq!(told["message"]["id"], reminder["message"]["id"]);
    let left: Vec<Value> = world.listed().await.into_iter().map(|one| one["message"]["id"].clone()).collect();
    assert_eq!(left, [birthday["message"]["id"].clone()]);
}

#[tokio::test]
async fn an_opted_out_contact_gets_none_and_after_a_long_downtime_nobody_does() {
    let world = World::start().await;
    let (_, ann) = world.schedule(ANN, in_an_hour(), &[]).await;
    let (_, bob) = world.schedule(BOB, in_an_hour(), &[]).await;
    let stop = InboundText { from: ANN.into(), to: world.number(), body: "STOP".into(), ..InboundText::default() };
    assert!(world.twilio.receive(stop).await.is_ok());

    // As if no server had been running for two hours.
    for table in ["scheduled", "messages"] {
        let sql =
            format!("update {table} set send_at = clock_timestamp() - interval '2 hours' where send_at is not null");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(world.store.pool()).await.unwrap();
    }

    let failed = |row: &deskline_domain::message::MessageRow| row.status == DeliveryStatus::Failed;
    world.eventually(&ann["message"]["id"], "failed", |row| failed(row) && row.error_code == Some(21610)).await;
    world
        .eventually(&bob["message"]["id"], "failed", |row| {
            failed(row) && row.error_message.as_ref().is_some_and(|why| why.contains("more than 60 minutes late"))
        })
        .await;
    assert_eq!(world.twilio.asked().iter().filter(|asked| asked.creates()).count(), 0);
    let (status, sent_after_all) = world.post(&bob["message"], "retry", json!({})).await;
    assert_eq!(status, 200, "{sent_after_all}");
}
