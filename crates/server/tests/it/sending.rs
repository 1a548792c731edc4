//! `POST /sms/send-sms`: what is refused, what is sent once, and what happens when Twilio does not play along.

use std::time::Duration;

use deskline_domain::delivery::DeliveryStatus;
use deskline_simulator::{Asked, Fault, Scope};
use reqwest::Method;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::world::{ANN, BOB, Heard, SOON, World, assert_error, start, token};

#[tokio::test]
async fn what_is_missing_is_400_before_anything_is_looked_up() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    for body in [
        json!({}),
        json!([]),
        json!({ "workspaceId": world.workspace, "contactId": contact }),
        json!({ "workspaceId": world.workspace, "contactId": contact, "message": "" }),
        json!({ "workspaceId": world.workspace, "message": "hi" }),
        json!({ "contactId": contact, "message": "hi" }),
    ] {
        let answer = world.call(Method::POST, "/sms/send-sms", Some(body)).await;

        assert_error(&answer, 400, "Missing required fields");
    }
}

#[tokio::test]
async fn another_workspaces_contact_is_not_found() {
    let world = World::start().await;
    let (other, _) = world.another_workspace().await;
    let theirs = world.contact_of(other, ANN).await;

    assert_error(&world.send(theirs, "hi").await, 404, "Contact not found");
    assert_error(
        &world.send("018f3c2e-7b1a-7000-8000-000000000001".parse().unwrap(), "hi").await,
        404,
        "Contact not found",
    );
}

#[tokio::test]
async fn a_workspace_that_one_is_no_member_of_is_403_whether_it_exists_or_not() {
    let world = World::start().await;
    let (other, _) = world.another_workspace().await;
    let contact = world.contact_of(other, ANN).await;

    for workspace in [json!(other), json!("018f3c2e-7b1a-7000-8000-000000000001")] {
        let body = json!({ "workspaceId": workspace, "contactId": contact, "message": "hi" });
        assert_eq!(world.call(Method::POST, "/sms/send-sms", Some(body)).await.0, 403);
    }
}

#[tokio::test]
async fn without_an_account_or_numbers_the_contract_says_which() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;
    let contact = world.contact_of(other, ANN).await;
    let body = json!({ "workspaceId": other, "contactId": contact, "message": "hi" });

    let unconfigured = world.call_as(owner, Method::POST, "/sms/send-sms", Some(body.clone())).await;
    let token = SecretString::from(world.twilio.auth_token().expose().to_owned());
    world.store.save_twilio_account(other, world.twilio.account_sid().as_str(), &token, &[]).await.unwrap();
    let without_numbers = world.call_as(owner, Method::POST, "/sms/send-sms", Some(body)).await;

    assert_error(&unconfigured, 400, "Twilio not configured for this workspace");
    assert_error(&without_numbers, 400, "No Twilio numbers available for this workspace");
    assert_eq!(world.count("select count(*) from messages").await, 0);
}

#[tokio::test]
async fn the_same_client_id_again_answers_the_same_message_and_sends_nothing() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let mut body = world.text(contact, "once");
    body["clientId"] = json!("🦆".repeat(200));

    let (first_status, first) = world.call(Method::POST, "/sms/send-sms", Some(body.clone())).await;
    let (again_status, again) = world.call(Method::POST, "/sms/send-sms", Some(body)).await;

    assert_eq!((first_status.as_u16(), again_status.as_u16()), (200, 200), "{first} {again}");
    assert_eq!(first["message"]["id"], again["message"]["id"]);
    assert_eq!(first["twilioSid"], again["twilioSid"]);
    assert_eq!(world.twilio.sent().len(), 1);
}

#[tokio::test]
async fn one_client_id_over_http_and_sockets_and_two_servers_at_once_is_one_text() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let contact = world.contact(ANN).await;
    let mut body = world.text(contact, "once");
    body["clientId"] = json!("order-4711");
    let sockets = [world.joined_at(0, world.owner).await, world.joined_at(second, world.owner).await];
    let token = token(world.owner);

    let by_http = (0..8).map(|n| world.call_at(n % 2, &token, Method::POST, "/sms/send-sms", Some(body.clone())));
    // Answered by event: this client mixes up acks that it awaits at the same time.
    let by_socket = sockets.iter().map(async |socket| {
        for _ in 0..4 {
            socket.emit("send_message", body.clone()).await;
        }
        let answers = |heard: &[Heard]| -> Vec<Value> {
            heard.iter().filter(|heard| heard.name == "message_sent").map(|heard| heard.data.clone()).collect()
        };
        socket.wait_until("four answers", |heard| Some(answers(heard)).filter(|answers| answers.len() == 4)).await
    });
    let (http, socket) =
        tokio::join!(futures_util::future::join_all(by_http), futures_util::future::join_all(by_socket));

    let answers: Vec<&Value> = http.iter().map(|(_, body)| body).chain(socket.iter().flatten()).collect();
    assert_eq!(answers.len(), 16);
    assert!(answers.iter().all(|answer| answer["success"] == true), "{answers:?}");
    assert!(answers.iter().all(|answer| answer["message"]["id"] == answers[0]["message"]["id"]));
    assert_eq!(world.twilio.sent().len(), 1);
}

#[tokio::test]
async fn a_client_id_that_is_a_uuid_becomes_the_id_and_is_free_in_another_workspace() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;
    world.connect_twilio(other).await;
    let id = "018f3c2e-7b1a-7000-8000-00000000abcd";
    let body = |workspace: Value, contact: Value| json!({ "workspaceId": workspace, "contactId": contact, "message": "hi", "clientId": id });
    let ours = body(json!(world.workspace), json!(world.contact(ANN).await));
    let theirs = body(json!(other), json!(world.contact_of(other, BOB).await));

    let (_, first) = world.call(Method::POST, "/sms/send-sms", Some(ours)).await;
    let (status, second) = world.call_as(owner, Method::POST, "/sms/send-sms", Some(theirs)).await;

    assert_eq!(first["message"]["id"], id);
    assert_eq!(status, 200, "{second}");
    assert_ne!(second["message"]["id"], id);
    assert_eq!(world.twilio.sent().len(), 2);
}

#[tokio::test]
async fn files_go_with_the_text() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let mut body = world.text(contact, "");
    body["mediaUrls"] = json!(["https://files.example/a.png", "https://files.example/b.jpg"]);

    let (status, answer) = world.call(Method::POST, "/sms/send-sms", Some(body)).await;

    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["message"]["message_type"], "media");
    assert_eq!(world.twilio.sent()[0].media_urls, ["https://files.example/a.png", "https://files.example/b.jpg"]);
}

#[rstest]
#[case::too_long("x".repeat(1_601), json!(21617))]
#[case::to_be_trimmed_by_nobody("x".repeat(1_600), Value::Null)]
#[tokio::test]
async fn the_gate_counts_characters(#[case] text: String, #[case] code: Value) {
    let world = World::start().await;
    let contact = world.contact(ANN).await;

    let (status, answer) = world.send(contact, &text).await;

    assert_eq!((status.as_u16(), &answer["code"]), (if code.is_null() { 200 } else { 422 }, &code), "{answer}");
}

#[tokio::test]
async fn what_twilio_refuses_is_422_with_its_code_and_stays_stored_as_failed() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let dashboard = world.joined().await;
    world.twilio.fault(Fault::RefuseWith { code: 21211 });

    let (status, answer) = world.send(contact, "hi").await;

    assert_error(&(status, answer.clone()), 422, "Error sending SMS");
    assert_eq!(answer["code"], 21211);
    assert!(answer["explanation"].as_str().unwrap().contains("phone number"), "{answer}");
    assert_eq!((&answer["message"]["status"], &answer["message"]["error_code"]), (&json!("failed"), &json!(21211)));
    dashboard
        .wait_until("the failure", |heard| {
            heard.iter().find(|heard| heard.data["message"]["status"] == "failed").cloned()
        })
        .await;
    assert_eq!(world.twilio.sent().len(), 0);
    assert_eq!(world.send(contact, "the next one").await.0, 200, "a refused text holds up nobody");
}

/// What can happen to a request. All but the last two leave it open whether the text was taken.
#[rstest]
#[case::five_hundred(Fault::ServerError { times: 2 })]
#[case::a_web_page(Fault::NotJson { times: 1 })]
#[case::reset(Fault::Drop { times: 1 })]
#[case::silence(Fault::Hang { times: 1 })]
#[case::taken_and_cut(Fault::AcceptAndDropAnswer { times: 1 })]
#[case::taken_and_silent(Fault::AcceptAndHang { times: 1 })]
#[tokio::test]
async fn a_text_whose_outcome_is_unknown_is_502_and_goes_out_exactly_once(#[case] fault: Fault) {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.fault(fault);

    let (status, answer) = world.send(contact, "hi").await;

    assert_error(&(status, answer.clone()), 502, "Error sending SMS");
    assert!(answer["explanation"].is_string(), "{answer}");
    world.eventually(&answer["message"]["id"], "delivered", |row| row.status == DeliveryStatus::Delivered).await;
    world.twilio.settled().await;
    assert_eq!(world.twilio.sent().len(), 1);
    let sid: Option<String> =
        sqlx::query_scalar("select twilio_sid from messages").fetch_one(world.store.pool()).await.unwrap();
    assert_eq!(sid, Some(world.twilio.sent()[0].sid.clone()));
}

#[tokio::test]
async fn without_callbacks_a_text_that_was_taken_is_found_in_twilios_list() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    assert_eq!(world.send(contact, "again and again").await.0, 200);
    world.twilio.settled().await;
    world.twilio.hold_callbacks();
    world.twilio.fault(Fault::AcceptAndDropAnswer { times: 1 });

    let (status, answer) = world.send(contact, "again and again").await;

    assert_eq!(status, 502);
    world.eventually(&answer["message"]["id"], "accepted", |row| row.twilio_sid.is_some()).await;
    let sent = world.twilio.sent();
    assert_eq!(sent.len(), 2, "the second was found, not sent a third time");
    let row = world
        .store
        .message(world.workspace, answer["message"]["id"].as_str().unwrap().parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.twilio_sid, Some(sent[1].sid.clone()), "and not taken for the first, which says the same");
}

#[tokio::test]
async fn while_twilio_is_away_texts_wait_in_order_and_each_leaves_once_when_it_is_back() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.go_away().await.unwrap();

    for text in ["one", "two", "three", "four"] {
        let answer = world.send(contact, text).await;
        assert_error(&answer, 502, "Error sending SMS");
        assert_eq!(answer.1["message"]["status"], "queued");
    }
    world.twilio.come_back().await.unwrap();

    let sent = world.twilio.wait_until(|sent| sent.len() == 4, SOON).await.unwrap();
    assert_eq!(sent.iter().map(|sent| sent.body.as_str()).collect::<Vec<_>>(), ["one", "two", "three", "four"]);
    assert_eq!(world.count("select count(*) from messages").await, 4);
}

#[tokio::test]
async fn one_contact_whose_text_cannot_leave_holds_up_no_other() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(ANN).await, world.contact(BOB).await);
    world.twilio.fault(Fault::Hang { times: 1 });

    let (to_ann, to_bob) = tokio::join!(world.send(ann, "hangs"), async {
        world.twilio.wait_until_asked(|asked| asked.iter().any(Asked::creates), SOON).await.unwrap();
        world.send(bob, "goes").await
    });

    assert_eq!((to_ann.0.as_u16(), to_bob.0.as_u16()), (502, 200));
}

#[tokio::test]
async fn too_many_requests_are_waited_out() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.fault(Fault::RateLimit { retry_after: Some(Duration::from_secs(1)), times: 2 });

    let (status, answer) = world.send(contact, "hi").await;

    assert_eq!(status, 200, "{answer}");
    assert_eq!(world.twilio.sent().len(), 1);
    assert_eq!(world.twilio.asked().iter().filter(|asked| asked.creates()).count(), 3);
}

#[tokio::test]
async fn a_repeat_while_the_text_is_kept_is_told_so_at_once() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.go_away().await.unwrap();
    let mut body = world.text(contact, "hi");
    body["clientId"] = json!("again");

    let first = world.call(Method::POST, "/sms/send-sms", Some(body.clone())).await;
    let again = tokio::time::timeout(Duration::from_secs(5), world.call(Method::POST, "/sms/send-sms", Some(body)))
        .await
        .unwrap();

    assert_error(&again, 502, "Error sending SMS");
    assert_eq!(first.1["message"]["id"], again.1["message"]["id"]);
}

#[tokio::test]
async fn two_servers_and_an_unreliable_twilio_send_every_text_exactly_once() {
    let mut world = World::start().await;
    world.another_server().await;
    let token = token(world.owner);
    for fault in [
        Fault::AcceptAndDropAnswer { times: 2 },
        Fault::ServerError { times: 2 },
        Fault::Drop { times: 2 },
        Fault::RateLimit { retry_after: None, times: 2 },
        Fault::AcceptAndDropAnswer { times: 1 },
    ] {
        world.twilio.fault(fault);
    }
    world.twilio.fault_on(Scope::Any, Fault::ServerError { times: 2 });
    let mut sends = Vec::new();
    for n in 0..24 {
        let contact = world.contact(&format!("+1555888{n:0>4}")).await;
        sends.push((n % 2, world.text(contact, &format!("text {n}"))));
    }

    let answers = futures_util::future::join_all(
        sends
            .into_iter()
            .map(|(server, body)| world.call_at(server, &token, Method::POST, "/sms/send-sms", Some(body))),
    )
    .await;

    for (_, answer) in &answers {
        world.eventually(&answer["message"]["id"], "accepted", |row| row.twilio_sid.is_some()).await;
    }
    let mut bodies: Vec<String> = world.twilio.sent().into_iter().map(|sent| sent.body).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!((bodies.len(), world.twilio.sent().len()), (24, 24));
}

#[tokio::test]
async fn a_server_that_dies_between_asking_twilio_and_hearing_back_sends_nothing_twice() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.hold_callbacks();
    let (mut doomed, url) = Doomed::start(&world);
    let body = world.text(contact, "hi");
    world.twilio.fault(Fault::AcceptAndHang { times: 1 });
    let asked = world.http.post(format!("{url}/sms/send-sms")).bearer_auth(token(world.owner)).json(&body).send();

    let (answer, _) = tokio::join!(asked, async {
        world.twilio.wait_until(|sent| sent.len() == 1, SOON).await.unwrap();
        doomed.die();
    });

    assert!(answer.is_err(), "nobody is left to answer");
    let id: uuid::Uuid = sqlx::query_scalar("select id from messages").fetch_one(world.store.pool()).await.unwrap();
    world.eventually(&json!(id), "accepted", |row| row.twilio_sid.is_some()).await;
    assert_eq!(world.twilio.sent().len(), 1);
}

/// A second server that dies with everything it was doing, as a process does.
struct Doomed(Option<tokio::runtime::Runtime>);

impl Doomed {
    fn start(world: &World) -> (Self, String) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let _inside = runtime.enter();
        let server = start(tokio::net::TcpListener::from_std(listener).unwrap(), world.config());
        let url = server.url.clone();
        std::mem::forget(server);
        drop(_inside);
        (Self(Some(runtime)), url)
    }

    fn die(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        self.die();
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_while_its_text_is_being_stored_leaves_no_text_behind_that_nobody_sends() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let mut lock = world.store.pool().begin().await.unwrap();
    sqlx::query("select 1 from contacts where id = $1 for update").bind(contact.0).execute(&mut *lock).await.unwrap();
    let request = world
        .http
        .post(format!("{}/sms/send-sms", world.url()))
        .bearer_auth(token(world.owner))
        .json(&world.text(contact, "on my way"))
        .send();
    let hung_up = tokio::spawn(request);
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while world.count(waiting).await == 0 {}

    hung_up.abort();
    assert!(hung_up.await.is_err());
    lock.rollback().await.unwrap();

    world.twilio.wait_until_asked(|asked| !asked.is_empty(), SOON).await.unwrap();
    assert!(
        world.twilio.asked().iter().all(Asked::creates),
        "sent at once, and not looked up when its lease had ended"
    );
}
