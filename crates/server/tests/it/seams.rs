//! Where parts that were built apart meet: leases and slow processes, look-ups and failures, two processes and one contact.
//!
//! The sender is driven by hand where a test has to come between two of its steps.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{ContactId, MessageId},
};
use deskline_sending::Clock;
use deskline_server::{
    Config,
    edge::{entropy, now},
    error::ApiError,
    sender::Sender,
};
use deskline_simulator::{AccountConfig, CallbackPlan, Fault, Scope};
use deskline_store::{NewOutbound, Outbound, Send};
use deskline_twilio::AuthToken;

use crate::world::{ANN, SOON, World};

/// A sender of another process, of which nothing but this runs.
fn sender(world: &World, adjust: impl FnOnce(&mut Config)) -> Arc<Sender> {
    let mut config = world.config();
    adjust(&mut config);
    Arc::new(Sender::new(world.store.clone(), &config, Arc::default(), Arc::new(Clock::new(now))).unwrap())
}

/// Nobody but the test sends.
async fn without_a_server() -> World {
    let mut world = World::start().await;
    world.servers.remove(0).stop().await.unwrap();
    world
}

fn text(world: &World, contact_id: ContactId, content: &str, lease: Duration) -> NewOutbound {
    NewOutbound {
        id: MessageId::v7(now(), entropy()),
        workspace_id: world.workspace,
        contact_id,
        content: content.to_owned(),
        media_urls: Vec::new(),
        client_id: None,
        sent_by: Some(world.owner),
        now: now(),
        lease,
        later: None,
    }
}

async fn claimed(world: &World, text: &NewOutbound) -> Send {
    match world.store.record_outbound(text).await.unwrap() {
        Outbound::Claimed(send) => *send,
        other => panic!("expected to be told to send, got {other:?}"),
    }
}

#[tokio::test]
async fn a_process_that_wakes_up_after_its_lease_leaves_the_text_to_whoever_has_it_now() {
    let world = without_a_server().await;
    let contact = world.contact(ANN).await;
    let slow = sender(&world, |config| config.timers.send_patience = Duration::from_millis(100));
    let send = claimed(&world, &text(&world, contact, "once", Duration::ZERO)).await;
    let found = world.store.claim_due(now() + TimeDelta::seconds(1), SOON, 10).await.unwrap();
    assert!(found.len() == 1 && found[0].started_before, "another process is about to look it up, and to send it");

    let answer = slow.finish(Outbound::Claimed(Box::new(send))).await;

    assert!(matches!(answer, Err(ApiError::NotSent(_))), "{answer:?}");
    assert!(world.twilio.sent().is_empty(), "two processes would have sent it");
}

#[tokio::test]
async fn a_process_that_was_slow_and_still_has_its_text_sends_it() {
    let world = without_a_server().await;
    let contact = world.contact(ANN).await;
    let slow = sender(&world, |_| {});
    let send = claimed(&world, &text(&world, contact, "once", Duration::ZERO)).await;

    let answer = slow.finish(Outbound::Claimed(Box::new(send))).await.unwrap();

    assert_eq!((answer.message.content.as_str(), world.twilio.sent().len()), ("once", 1));
    assert_eq!(world.store.sends_waiting().await.unwrap(), 0);
}

#[tokio::test]
async fn what_held_a_contact_up_is_forgotten_once_another_process_has_sent_it() {
    let world = without_a_server().await;
    let contact = world.contact(ANN).await;
    let ours = sender(&world, |_| {});
    world.twilio.go_away().await.unwrap();
    let first = claimed(&world, &text(&world, contact, "first", SOON)).await;
    let first_id = first.message.id;
    assert!(ours.finish(Outbound::Claimed(Box::new(first))).await.is_err(), "nobody is there");
    world.store.record_accepted(first_id, "SM1", DeliveryStatus::Queued, None, now()).await.unwrap();

    // The other process is at the second one while the third one is given to us.
    let second = claimed(&world, &text(&world, contact, "second", SOON)).await;
    let third = world.store.record_outbound(&text(&world, contact, "third", SOON)).await.unwrap();
    let Outbound::Behind(row) = &third else { panic!("{third:?}") };
    let third_id = row.id;
    let others = async {
        tokio::task::yield_now().await;
        world.store.record_accepted(second.message.id, "SM2", DeliveryStatus::Queued, None, now()).await.unwrap();
        world.store.record_accepted(third_id, "SM3", DeliveryStatus::Queued, None, now()).await.unwrap();
    };
    let (answer, ()) = tokio::join!(ours.finish(third), others);

    assert_eq!(answer.unwrap().twilio_sid.as_deref(), Some("SM3"), "and not that Twilio is away");
}

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

#[tokio::test]
async fn a_text_in_doubt_is_never_sent_again_through_an_account_that_came_after_it() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.hold_callbacks();
    world.twilio.fault(Fault::AcceptAndDropAnswer { times: 1 });
    // Nobody gets to look it up before the account is replaced.
    world.twilio.fault_on(Scope::Any, Fault::ServerError { times: 1_000 });
    let (status, answer) = world.send(contact, "once").await;
    assert_eq!(status, 502, "{answer}");

    let account = world.twilio.add_account(&AccountConfig::default());
    let token = world.twilio.auth_token_of(&account).unwrap().expose().to_owned().into();
    let numbers = [crate::world::store_number(&world.number())];
    world.store.save_twilio_account(world.workspace, account.as_str(), &token, &numbers).await.unwrap();
    world.twilio.clear_faults();

    world.eventually(&answer["message"]["id"], "settled", |row| row.status.is_failure()).await;
    assert_eq!(world.twilio.sent().len(), 1);
}
