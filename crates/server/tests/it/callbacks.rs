//! `POST /twilio/status`: callbacks late, twice, out of order, early and forged.

use deskline_domain::delivery::DeliveryStatus;
use deskline_simulator::CallbackPlan;
use deskline_twilio::{AuthToken, signature};
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{ANN, SOON, World, assert_error, read};

#[rstest]
#[case::in_order(CallbackPlan::normal(), "delivered")]
#[case::reversed(CallbackPlan::reversed(), "delivered")]
#[case::repeated(CallbackPlan::repeated(), "delivered")]
#[case::before_twilios_own_answer(CallbackPlan::normal().before_answer(), "delivered")]
#[case::undelivered(CallbackPlan::failing(30007), "undelivered")]
#[case::failure_before_twilios_own_answer(CallbackPlan::failing(30007).before_answer(), "undelivered")]
#[case::failure_first(CallbackPlan::of(&[DeliveryStatus::Undelivered, DeliveryStatus::Sent, DeliveryStatus::Delivered]), "undelivered")]
#[case::read_first(CallbackPlan::of(&[DeliveryStatus::Read, DeliveryStatus::Delivered]), "read")]
#[tokio::test]
async fn whatever_order_they_come_in_the_text_ends_where_it_should(#[case] plan: CallbackPlan, #[case] expected: &str) {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.plan(plan);

    let (status, answer) = world.send(contact, "hi").await;

    assert_eq!(status, 200, "{answer}");
    world.twilio.settled().await;
    let id = &answer["message"]["id"];
    let row = world.store.message(world.workspace, id.as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(row.status.as_str(), expected);
    assert!(row.twilio_sid.is_some());
    assert!(
        world.twilio.deliveries().iter().all(deskline_simulator::Delivery::is_ok),
        "{:?}",
        world.twilio.deliveries()
    );
}

#[tokio::test]
async fn a_failure_tells_its_code_in_plain_words_and_keeps_it() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let dashboard = world.joined().await;
    world.twilio.plan(CallbackPlan::failing(30006));

    let (_, answer) = world.send(contact, "hi").await;

    let told = dashboard.wait_for("message_updated", |told| told["message"]["status"] == "undelivered").await;
    assert_eq!((&told["message"]["id"], &told["message"]["error_code"]), (&answer["message"]["id"], &json!(30006)));
    assert!(told["message"]["error_message"].as_str().is_some_and(|text| !text.is_empty()), "{told}");
}

/// Posts a callback by hand.
async fn report(
    world: &World,
    path: &str,
    fields: &[(&str, &str)],
    token: Option<&AuthToken>,
) -> (reqwest::StatusCode, Value) {
    let url = format!("{}{path}", world.url());
    let params: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut request = world.http.post(&url).form(&params);
    if let Some(token) = token {
        request = request.header("X-Twilio-Signature", signature::sign(token, &url, &params));
    }
    let response = request.send().await.unwrap();
    if response.status() == 200 { (response.status(), Value::Null) } else { read(response).await }
}

#[tokio::test]
async fn errors_are_those_of_the_contract() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let (_, answer) = world.send(contact, "hi").await;
    world.twilio.settled().await;
    let sid = answer["twilioSid"].as_str().unwrap();
    let (account, token) = (world.twilio.account_sid().to_string(), world.twilio.auth_token());
    let path = "/twilio/status";
    let good = [("AccountSid", account.as_str()), ("MessageSid", sid), ("MessageStatus", "read")];
    let unknown_text = [("AccountSid", account.as_str()), ("MessageSid", "SM404"), ("MessageStatus", "sent")];
    let unknown_account = [("AccountSid", "AC404"), ("MessageSid", "SM404"), ("MessageStatus", "sent")];
    let stranger = [("AccountSid", "AC404"), ("MessageSid", sid), ("MessageStatus", "sent")];

    assert_error(&report(&world, path, &good, None).await, 403, "Invalid signature");
    assert_error(&report(&world, path, &good, Some(&AuthToken::new("forged"))).await, 403, "Invalid signature");
    assert_error(&report(&world, path, &stranger, Some(&token)).await, 403, "Invalid signature");
    assert_error(&report(&world, path, &unknown_account, Some(&token)).await, 404, "Message not found");
    assert_error(&report(&world, path, &unknown_text, Some(&token)).await, 404, "Message not found");
    assert_eq!(report(&world, path, &good[..2], Some(&token)).await.0, 400);
    assert_eq!(report(&world, path, &good, Some(&token)).await.0, 200);
    assert_eq!(report(&world, "/twilio/status?message=nonsense&x=1", &good, Some(&token)).await.0, 200);
}

#[tokio::test]
async fn a_callback_without_our_id_that_comes_before_the_answer_counts_as_soon_as_the_text_is_known() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.plan(CallbackPlan::none());
    world.twilio.hold_callbacks();
    let (account, token) = (world.twilio.account_sid().to_string(), world.twilio.auth_token());
    world.twilio.fault(deskline_simulator::Fault::AcceptAndDropAnswer { times: 1 });

    let (_, answer) = world.send(contact, "hi").await;
    let sent = world.twilio.wait_for(|sent| sent.body == "hi", SOON).await.unwrap();
    let fields = [("AccountSid", account.as_str()), ("MessageSid", sent.sid.as_str()), ("MessageStatus", "delivered")];
    report(&world, "/twilio/status", &fields, Some(&token)).await;

    world.eventually(&answer["message"]["id"], "delivered", |row| row.status == DeliveryStatus::Delivered).await;
    assert_eq!(world.twilio.sent().len(), 1);
}

#[tokio::test]
async fn what_another_program_wrote_is_never_rewound() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.hold_callbacks();
    let (_, answer) = world.send(contact, "hi").await;
    sqlx::query("update messages set status = 'delivered'").execute(world.store.pool()).await.unwrap();

    world.twilio.plan(CallbackPlan::none());
    world.twilio.release_callbacks();
    world.twilio.settled().await;

    let row = world
        .store
        .message(world.workspace, answer["message"]["id"].as_str().unwrap().parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.status, DeliveryStatus::Delivered);
}
