//! Where parts that were built apart meet: leases and slow processes, look-ups and failures, two processes and one contact.

use deskline_domain::delivery::DeliveryStatus;
use deskline_simulator::{CallbackPlan, Fault, Scope};
use deskline_twilio::AuthToken;

use crate::world::{ANN, World};

#[tokio::test]
async fn a_lost_text_that_has_failed_by_the_time_it_is_found_says_why() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let (account, token) = (world.twilio.account_sid(), world.twilio.auth_token());
    world.twilio.plan(CallbackPlan::failing(30_003));
    world.twilio.hold_callbacks();
    world.twilio.fault(Fault::AcceptAndDropAnswer { times: 1 });
    world.twilio.fault_on(Scope::Any, Fault::ServerError { times: 1_000 });
    let (status, answer) = world.send(contact, "hi").await;
    assert_eq!(status, 502, "{answer}");

    // Its callbacks get lost, too, and only then can it be looked up.
    world.twilio.rotate_token(&account, AuthToken::new("signs nothing that verifies"));
    world.twilio.release_callbacks();
    world.twilio.settled().await;
    world.twilio.rotate_token(&account, token);
    world.twilio.clear_faults();

    world.eventually(&answer["message"]["id"], "found", |row| row.twilio_sid.is_some()).await;
    let id = answer["message"]["id"].as_str().unwrap().parse().unwrap();
    let row = world.store.message(world.workspace, id).await.unwrap().unwrap();
    assert_eq!((row.status, row.error_code), (DeliveryStatus::Undelivered, Some(30_003)));
    assert!(row.error_message.is_some(), "in plain words, too");
}
