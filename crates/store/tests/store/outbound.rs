//! Texts on their way out: stored first, one after the other, never twice.

mod line;
mod numbers;

use deskline_domain::{
    delivery::DeliveryStatus::{self, Queued},
    gate::Refusal,
    ids::{ContactId, MessageId, WorkspaceId},
};
use deskline_store::{NewOutbound, Outbound, OutboundError, Send, SendFrom};
use futures_util::future::join_all;

use crate::world::{ANN, BOB, OUR_NUMBER, World, at, fresh, outbound, uuid};

fn claimed(outbound: Outbound) -> Send {
    match outbound {
        Outbound::Claimed(send) => *send,
        other => panic!("expected to be told to send, got {other:?}"),
    }
}

fn behind(outbound: Outbound) -> MessageId {
    match outbound {
        Outbound::Behind(message) => message.id,
        other => panic!("expected to wait, got {other:?}"),
    }
}

fn sid() -> String {
    format!("SM{:032}", fresh())
}

#[tokio::test]
async fn a_text_is_stored_before_it_is_sent() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;

    let send = claimed(world.sends(ann, "On my way").await.unwrap());

    assert_eq!((send.from, send.attempt, send.started_before), (SendFrom::Number(OUR_NUMBER.into()), 1, false));
    let stored = world.store.message(world.team, send.message.id).await.unwrap().unwrap();
    assert_eq!((stored.status, stored.twilio_sid), (Queued, None));
    assert_eq!((stored.to_number.as_deref(), stored.from_number.as_deref()), (Some(ANN), Some(OUR_NUMBER)));
    assert_eq!(world.store.contact(world.team, ann).await.unwrap().unwrap().last_message_at, Some(at(0)));

    let row = world.store.record_accepted(stored.id, "SM1", DeliveryStatus::Accepted, None, at(1)).await.unwrap();
    assert_eq!((row.status, row.twilio_sid.as_deref()), (DeliveryStatus::Accepted, Some("SM1")));
    assert_eq!(world.store.sends_waiting().await.unwrap(), 0);
}

#[tokio::test]
async fn the_same_client_id_from_eight_sides_at_once_is_one_text() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);

    let tries = (0..8).map(|n| {
        let contact = if n % 2 == 0 { ann } else { bob };
        let text = NewOutbound { client_id: Some("Ünïque 1".into()), ..outbound(world.team, contact, "Hello") };
        let store = world.store.clone();
        tokio::spawn(async move { store.record_outbound(&text).await.unwrap() })
    });
    let outcomes: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();

    let stored = outcomes.iter().filter(|one| matches!(one, Outbound::Claimed(_))).count();
    let repeats = outcomes.iter().filter(|one| matches!(one, Outbound::Repeat(_))).count();
    assert_eq!((stored, repeats), (1, 7));
    assert_eq!(world.number("select count(*) from messages").await, 1);
}

#[tokio::test]
async fn a_client_id_that_is_a_uuid_becomes_the_messages_id_unless_it_is_taken() {
    let world = World::start().await;
    let other = world.second_team().await;
    let (ann, elsewhere) = (world.contact(world.team, ANN).await, world.contact(other, ANN).await);
    let wish = uuid();
    let text = |team: WorkspaceId, contact: ContactId| NewOutbound {
        client_id: Some(wish.to_string()),
        ..outbound(team, contact, "Hello")
    };

    let ours = claimed(world.store.record_outbound(&text(world.team, ann)).await.unwrap());
    let theirs = claimed(world.store.record_outbound(&text(other, elsewhere)).await.unwrap());
    let repeat = world.store.record_outbound(&text(world.team, ann)).await.unwrap();

    assert_eq!(ours.message.id, MessageId(wish));
    assert_ne!(theirs.message.id, MessageId(wish));
    assert!(matches!(repeat, Outbound::Repeat(row) if row.id == MessageId(wish)));
}

#[tokio::test]
async fn a_repeat_is_answered_even_when_the_text_could_not_be_sent_any_more() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let text = NewOutbound { client_id: Some("1".into()), ..outbound(world.team, ann, "Hello") };
    claimed(world.store.record_outbound(&text).await.unwrap());
    world.receives(ANN, "STOP").await;
    world.sql("update workspace_twilio_config set is_configured = false").await;

    assert!(matches!(world.store.record_outbound(&text).await.unwrap(), Outbound::Repeat(_)));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_not_stored() {
    let world = World::start().await;
    let other = world.second_team().await;
    let (ann, elsewhere) = (world.contact(world.team, ANN).await, world.contact(other, BOB).await);
    let word = world.receives("DHL", "Your parcel").await.contact.id;

    let client_id = |id: &str| NewOutbound { client_id: Some(id.into()), ..outbound(world.team, ann, "Hello") };
    let too_long = world.store.record_outbound(&client_id(&"é".repeat(201))).await;
    let with_nul = world.store.record_outbound(&client_id("a\0b")).await;
    let file = NewOutbound { media_urls: vec!["http://\0".into()], ..outbound(world.team, ann, "") };

    assert!(matches!(world.sends(ContactId(uuid()), "Hello").await, Err(OutboundError::ContactNotFound)));
    assert!(matches!(world.sends(elsewhere, "Hello").await, Err(OutboundError::ContactNotFound)));
    assert!(matches!(world.sends(ann, " ").await, Err(OutboundError::Refused(Refusal::Empty))));
    assert!(matches!(world.sends(ann, "a\0b").await, Err(OutboundError::Refused(Refusal::Unsendable))));
    assert!(matches!(world.sends(word, "Thanks").await, Err(OutboundError::Refused(Refusal::NoAddress))));
    assert!(matches!(world.store.record_outbound(&file).await, Err(OutboundError::Refused(Refusal::Unsendable))));
    assert!(matches!((too_long, with_nul), (Err(OutboundError::BadClientId), Err(OutboundError::BadClientId))));
    assert_eq!(world.number("select count(*) from messages where direction = 'outbound'").await, 0);
    claimed(world.store.record_outbound(&client_id(&"é".repeat(200))).await.unwrap());
}

#[tokio::test]
async fn without_an_account_or_a_number_nothing_is_sent() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;

    world.store.sync_numbers(world.team, &[]).await.unwrap();
    assert!(matches!(world.sends(ann, "Hello").await, Err(OutboundError::NoNumbers)));
    world.sql("update workspace_twilio_config set messaging_service_sid = 'MG1'").await;
    let send = claimed(world.sends(ann, "Hello").await.unwrap());
    assert_eq!(send.from, SendFrom::MessagingService("MG1".into()));

    world.sql("update workspace_twilio_config set is_configured = false").await;
    assert!(matches!(world.sends(ann, "Hello").await, Err(OutboundError::NotConfigured)));
    world.sql("delete from workspace_twilio_config").await;
    assert!(matches!(world.sends(ann, "Hello").await, Err(OutboundError::NotConfigured)));
}
