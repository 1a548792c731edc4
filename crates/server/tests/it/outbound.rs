//! When and from where texts leave: Twilio asks to wait, numbers come and go, and a failed text is tried again.

use std::time::Duration;

use deskline_domain::{delivery::DeliveryStatus, ids::ContactId};
use deskline_simulator::{AccountConfig, CallbackPlan, Fault, InboundText, Simulator};
use deskline_store::{Role, SendingChange};
use reqwest::Method;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::world::{ANN, BOB, SOON, Socket, World, assert_error, store_number};

const CAROL: &str = "+15557770003";

/// How often Twilio was asked to send something.
fn creates(twilio: &Simulator) -> usize {
    twilio.asked().iter().filter(|asked| asked.creates()).count()
}

impl World {
    /// A contact that has written to one of our numbers.
    async fn knows(&self, phone: &str, number: &str) -> ContactId {
        let text =
            InboundText { from: phone.into(), to: number.into(), body: "Hello".into(), ..InboundText::default() };
        assert!(self.twilio.receive(text).await.is_ok());
        let id = sqlx::query_scalar("select id from contacts where phone = $1").bind(phone);
        ContactId(id.fetch_one(self.store.pool()).await.unwrap())
    }

    async fn ledger(&self, message: &Value) -> Vec<Value> {
        let (status, answer) = self.call(Method::GET, &format!("/messages/{}/ledger", text(message)), None).await;
        assert_eq!(status, 200, "{answer}");
        answer["entries"].as_array().unwrap().clone()
    }

    pub(crate) async fn retry(&self, message: &Value) -> (reqwest::StatusCode, Value) {
        self.call(Method::POST, &format!("/messages/{}/retry", text(message)), None).await
    }
}

fn of_kind<'a>(ledger: &'a [Value], kind: &str) -> Vec<&'a Value> {
    ledger.iter().filter(|entry| entry["kind"] == kind).collect()
}

fn text(id: &Value) -> &str {
    id.as_str().unwrap()
}

#[tokio::test]
async fn a_number_that_is_told_to_wait_is_not_asked_again_before_and_another_goes_on() {
    let world = World::start().await;
    let numbers = world.twilio.numbers();
    let (ann, carol) = (world.knows(ANN, &numbers[0]).await, world.knows(CAROL, &numbers[0]).await);
    let bob = world.knows(BOB, &numbers[1]).await;
    world.twilio.fault(Fault::RateLimit { retry_after: Some(Duration::from_secs(2)), times: 1 });

    let waits = async {
        let answer = world.send(ann, "waits").await;
        (answer, tokio::time::Instant::now())
    };
    let goes_on = async {
        world
            .twilio
            .wait_until_asked(|asked| asked.iter().any(deskline_simulator::Asked::creates), SOON)
            .await
            .unwrap();
        while world.count("select count(*) from senders where held_until > clock_timestamp()").await == 0 {
            tokio::task::yield_now().await;
        }
        let answer = world.send(bob, "goes").await;
        (answer, tokio::time::Instant::now(), creates(&world.twilio))
    };
    let ((to_ann, ann_at), (to_bob, bob_at, asked_by_then)) = tokio::join!(waits, goes_on);
    let to_carol = world.send(carol, "goes afterwards").await;

    assert_eq!((to_ann.0.as_u16(), to_bob.0.as_u16(), to_carol.0.as_u16()), (200, 200, 200), "{}", to_ann.1);
    assert!(bob_at < ann_at && asked_by_then == 2, "{asked_by_then}");
    assert_eq!(creates(&world.twilio), 4, "one was told to wait");
    let ledger = world.ledger(&to_ann.1["message"]["id"]).await;
    assert_eq!((&ledger[0]["kind"], &ledger[0]["code"]), (&json!("rate_limited"), &json!(20429)));
    let accepted = of_kind(&ledger, "accepted");
    assert_eq!((accepted.len(), &accepted[0]["attempt"]), (1, &json!(2)));
}

#[rstest]
#[case::of_a_number(21611)]
#[case::of_a_service(30001)]
#[tokio::test]
async fn a_full_queue_at_twilio_is_waited_out_and_no_refusal(#[case] code: i32) {
    let world = World::start_with(|config| config.timers.queue_full_base = Duration::from_millis(100)).await;
    let contact = world.contact(ANN).await;
    world.twilio.fault(Fault::RefuseWith { code });

    let (status, answer) = world.send(contact, "hi").await;

    assert_eq!((status.as_u16(), &answer["message"]["error_code"]), (200, &Value::Null), "{answer}");
    let ledger = world.ledger(&answer["message"]["id"]).await;
    assert_eq!((&ledger[0]["kind"], &ledger[0]["code"]), (&json!("queue_full"), &json!(code)));
    assert_eq!(ledger[0]["whoCanFix"], "twilio");
}

#[tokio::test]
async fn a_messaging_service_whose_queue_overflows_waits_and_its_failed_text_can_be_tried_again() {
    let world = World::start_with(|config| config.timers.queue_full_base = Duration::from_secs(3)).await;
    let service = "MG00000000000000000000000000000001";
    let account = world
        .twilio
        .add_account(&AccountConfig { messaging_services: vec![service.into()], ..AccountConfig::default() });
    let token = SecretString::from(world.twilio.auth_token_of(&account).unwrap().expose().to_owned());
    let numbers = [store_number("+15550001111")];
    world.store.save_twilio_account(world.workspace, account.as_str(), &token, &numbers).await.unwrap();
    let body = json!({ "workspaceId": world.workspace, "messagingServiceSid": service });
    assert_eq!(world.call(Method::POST, "/twilio/sending", Some(body)).await.0, 200);
    let contact = world.contact(ANN).await;
    world.twilio.plan_next(CallbackPlan::failed(30001));

    let (status, answer) = world.send(contact, "hi").await;
    assert_eq!(status, 200, "{answer}");
    let id = &answer["message"]["id"];
    world.eventually(id, "failed", |row| row.status == DeliveryStatus::Failed && row.error_code == Some(30001)).await;
    world.twilio.settled().await;
    let path = format!("/twilio/sending?workspaceId={}", world.workspace);
    let (_, sending) = world.call(Method::GET, &path, None).await;
    let (again, retried) = world.retry(id).await;

    let sender = sending["senders"].as_array().unwrap().iter().find(|one| one["sender"] == service).unwrap();
    assert!(sender["heldUntil"].is_string(), "{sending}");
    assert_eq!(again, 200, "{retried}");
    let sent = world.twilio.sent();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|sent| sent.messaging_service_sid.as_deref() == Some(service)), "{sent:?}");
    world.eventually(id, "delivered", |row| row.status == DeliveryStatus::Delivered).await;
}

#[tokio::test]
async fn a_limit_holds_for_two_servers_together() {
    let mut world = World::start().await;
    world.another_server().await;
    let body = json!({ "workspaceId": world.workspace, "segmentsPerSecond": { (world.number()): 5 } });
    let (status, set) = world.call(Method::POST, "/twilio/sending", Some(body)).await;
    assert_eq!((status.as_u16(), &set["senders"][0]["segmentsPerSecond"]), (200, &json!(5.0)), "{set}");
    let mut sends = Vec::new();
    for n in 0..12 {
        let contact = world.contact(&format!("+1555888{n:0>4}")).await;
        sends.push((n % 2, world.text(contact, "hi")));
    }
    let (token, started) = (crate::world::token(world.owner), tokio::time::Instant::now());

    let answers = futures_util::future::join_all(
        sends
            .into_iter()
            .map(|(server, body)| world.call_at(server, &token, Method::POST, "/sms/send-sms", Some(body))),
    )
    .await;

    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    assert_eq!(world.twilio.sent().len(), 12);
    assert!(started.elapsed() >= Duration::from_secs(2), "two at once and ten more at five a second");
}

#[tokio::test]
async fn a_new_contact_hears_from_the_default_number_that_an_admin_sets() {
    let world = World::start().await;
    let numbers = world.twilio.numbers();
    let agent = world.member(Role::Agent).await;
    let (_, stranger) = world.another_workspace().await;
    let body = json!({ "workspaceId": world.workspace, "defaultNumber": numbers[1] });
    let wrong = json!({ "workspaceId": world.workspace, "defaultNumber": "+15550009999" });
    let path = format!("/twilio/sending?workspaceId={}", world.workspace);

    for (user, expected) in [
        (agent, "Only owners and admins of this workspace may do this"),
        (stranger, "You are not a member of this workspace"),
    ] {
        let answer = world.call_as(user, Method::POST, "/twilio/sending", Some(body.clone())).await;
        assert_error(&answer, 403, expected);
    }
    assert_eq!(world.call_as(stranger, Method::GET, &path, None).await.0, 403);
    assert_error(
        &world.call(Method::POST, "/twilio/sending", Some(wrong)).await,
        400,
        "This number does not belong to the workspace",
    );
    let (status, set) = world.call(Method::POST, "/twilio/sending", Some(body)).await;
    assert_eq!((status.as_u16(), &set["defaultNumber"]), (200, &json!(numbers[1])), "{set}");
    assert_eq!(world.call_as(agent, Method::GET, &path, None).await.1["defaultNumber"], numbers[1]);

    world.send(world.contact(ANN).await, "hi").await;
    world.send(world.knows(BOB, &numbers[0]).await, "hi").await;
    world
        .store
        .change_sending(world.workspace, &SendingChange { default_number: Some(None), ..SendingChange::default() })
        .await
        .unwrap();
    world.send(world.contact(CAROL).await, "hi").await;

    let from: Vec<String> = world.twilio.sent().into_iter().map(|sent| sent.from).collect();
    assert_eq!(from, [&numbers[1], &numbers[0], &numbers[0]].map(String::as_str));
}

#[tokio::test]
async fn a_refused_text_is_sent_again_and_both_attempts_are_on_record() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let dashboard = world.joined().await;
    world.twilio.fault(Fault::RefuseWith { code: 21408 });
    let (_, refused) = world.send(contact, "hi").await;
    let id = &refused["message"]["id"];

    let (status, again) = world.retry(id).await;

    assert_eq!((status.as_u16(), &again["success"], &again["message"]["id"]), (200, &json!(true), id), "{again}");
    assert_eq!(again["message"]["error_code"], Value::Null, "it is what the new attempt makes of it");
    world.twilio.settled().await;
    let ledger = world.ledger(id).await;
    // The first callback may be faster than the answer.
    let (accepted, callbacks) = (of_kind(&ledger, "accepted"), of_kind(&ledger, "callback"));
    assert_eq!(
        (&ledger[0]["kind"], &ledger[1]["kind"], accepted.len(), callbacks.len()),
        (&json!("refused"), &json!("retried"), 1, 3)
    );
    assert_eq!(
        (&ledger[0]["code"], &ledger[0]["whoCanFix"], &ledger[0]["attempt"]),
        (&json!(21408), &json!("admin"), &json!(1))
    );
    assert!(ledger[0]["explanation"].as_str().unwrap().ends_with('.') && ledger[0]["at"].is_string(), "{ledger:?}");
    assert_eq!((&ledger[1]["by"], &accepted[0]["attempt"]), (&json!(world.owner), &json!(2)));
    assert_eq!((&accepted[0]["twilioSid"], accepted[0]["whoCanFix"].is_null()), (&again["twilioSid"], true));
    assert!(callbacks.iter().all(|one| one["attempt"] == 2 && one["twilioSid"] == again["twilioSid"]), "{ledger:?}");
    dashboard.wait_for("message_updated", |told| told["message"]["status"] == "delivered").await;

    let settled = world.retry(id).await;
    assert_error(&settled, 409, "This text did not fail. Write a new one to say it again.");
    assert_eq!(settled.1["code"], "wrong_state");
    assert_eq!(world.twilio.sent().len(), 1);
}

#[tokio::test]
async fn an_undelivered_text_is_sent_again_and_late_callbacks_of_the_first_attempt_move_nothing() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.plan_next(CallbackPlan::failing(30003));
    let (_, first) = world.send(contact, "hi").await;
    let id = &first["message"]["id"];
    world.eventually(id, "undelivered", |row| row.status == DeliveryStatus::Undelivered).await;
    world.twilio.settled().await;
    world.twilio.hold_callbacks();

    let (status, again) = world.retry(id).await;
    assert_eq!(status, 200, "{again}");
    assert_ne!(again["twilioSid"], first["twilioSid"]);
    let late = world.twilio.deliveries().into_iter().find(|one| one.sid == text(&first["twilioSid"])).unwrap();
    let url = late.url.unwrap();
    let signature = deskline_twilio::signature::sign(&world.twilio.auth_token(), url.as_str(), &late.params);
    let answer =
        world.http.post(url.clone()).header("X-Twilio-Signature", signature).form(&late.params).send().await.unwrap();

    assert_eq!(answer.status(), 200);
    let row = world.store.message(world.workspace, text(id).parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((row.status, row.twilio_sid.as_deref()), (DeliveryStatus::Queued, again["twilioSid"].as_str()));
    let kept = world.ledger(id).await;
    assert_eq!(kept.last().unwrap()["twilioSid"], first["twilioSid"], "it is kept all the same");
    world.twilio.release_callbacks();
    world.eventually(id, "delivered", |row| row.status == DeliveryStatus::Delivered).await;
}

#[tokio::test]
async fn eight_who_press_retry_at_once_on_two_servers_send_one_text() {
    let mut world = World::start().await;
    world.another_server().await;
    let contact = world.contact(ANN).await;
    world.twilio.fault(Fault::RefuseWith { code: 21408 });
    let (_, refused) = world.send(contact, "hi").await;
    let path = format!("/messages/{}/retry", text(&refused["message"]["id"]));
    let token = crate::world::token(world.owner);

    let answers =
        futures_util::future::join_all((0..8).map(|n| world.call_at(n % 2, &token, Method::POST, &path, None))).await;

    let taken = answers.iter().filter(|(status, _)| *status == 200).count();
    let told = answers.iter().filter(|(status, _)| *status == 409).count();
    assert_eq!((taken, told), (1, 7), "{answers:?}");
    assert_eq!(world.twilio.sent().len(), 1);
}

#[tokio::test]
async fn a_socket_retries_too_and_a_stranger_or_nonsense_is_told_why_not() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let (_, stranger) = world.another_workspace().await;
    let strange = Socket::connect(world.url(), &crate::world::token(stranger)).await;
    let socket = world.joined().await;
    world.twilio.fault(Fault::RefuseWith { code: 21408 });
    let (_, refused) = world.send(contact, "hi").await;
    let ask = json!({ "messageId": refused["message"]["id"] });

    let to_stranger = strange.ask("retry_message", ask.clone()).await;
    let nonsense = socket.ask("retry_message", json!([7])).await;
    let answer = socket.ask("retry_message", ask.clone()).await;
    world.twilio.settled().await;
    let again = socket.ask("retry_message", ask).await;

    for (told, why) in [(to_stranger, "Message not found"), (nonsense, "Missing"), (again, "did not fail")] {
        assert_eq!(told["error"], "Failed to send message");
        assert!(told["explanation"].as_str().unwrap().contains(why), "{told}");
    }
    assert_eq!((&answer["success"], &answer["message"]["id"]), (&json!(true), &refused["message"]["id"]), "{answer}");
    socket.wait_for("message_sent", |told| told["message"]["id"] == refused["message"]["id"]).await;
    assert_eq!(world.twilio.sent().len(), 1);
}

#[tokio::test]
async fn a_retry_whose_answer_is_lost_is_looked_up_and_not_taken_for_the_first_attempt() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.plan_next(CallbackPlan::failing(30003));
    let (_, first) = world.send(contact, "hi").await;
    let id = &first["message"]["id"];
    world.eventually(id, "undelivered", |row| row.status == DeliveryStatus::Undelivered).await;
    world.twilio.settled().await;
    world.twilio.hold_callbacks();
    world.twilio.fault(Fault::AcceptAndDropAnswer { times: 1 });

    let lost = world.retry(id).await;

    assert_error(&lost, 502, "Error sending SMS");
    world.eventually(id, "found", |row| row.twilio_sid.is_some()).await;
    let sent = world.twilio.sent();
    let row = world.store.message(world.workspace, text(id).parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((sent.len(), row.twilio_sid.as_ref()), (2, Some(&sent[1].sid)));
}

#[tokio::test]
async fn a_text_is_tried_again_and_looked_into_by_members_only_and_never_against_a_stop() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let (_, stranger) = world.another_workspace().await;
    world.twilio.fault(Fault::RefuseWith { code: 21408 });
    let (_, refused) = world.send(contact, "hi").await;
    let id = text(&refused["message"]["id"]);

    for (method, verb) in
        [(Method::POST, "retry"), (Method::GET, "ledger"), (Method::POST, "cancel"), (Method::POST, "schedule")]
    {
        let body = (verb == "schedule").then(|| json!({ "message": "ha" }));
        let path = format!("/messages/{id}/{verb}");
        let answer = world.call_as(stranger, method.clone(), &path, body.clone()).await;
        assert_error(&answer, 404, "Message not found");
        let nowhere = format!("/messages/018f3c2e-7b1a-7000-8000-000000000001/{verb}");
        assert_error(&world.call(method.clone(), &nowhere, body.clone()).await, 404, "Message not found");
        assert_error(&world.call(method, &format!("/messages/7/{verb}"), body).await, 400, "messageId must be a UUID");
    }
    let stop = InboundText { from: ANN.into(), to: world.number(), body: "STOP".into(), ..InboundText::default() };
    assert!(world.twilio.receive(stop).await.is_ok());
    let (status, answer) = world.call(Method::POST, &format!("/messages/{id}/retry"), None).await;

    assert_eq!((status.as_u16(), &answer["code"]), (422, &json!(21610)), "{answer}");
    assert_eq!(creates(&world.twilio), 1, "Twilio was not asked");
}
