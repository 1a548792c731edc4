//! Which of the team's numbers a text goes out from.

use deskline_domain::delivery::DeliveryStatus::{Queued, Sent};
use deskline_store::{Again, Number, SendFrom, SendingChange, Setback};
use serde_json::json;

use super::{behind, claimed};
use crate::world::{ANN, BOB, LEASE, OUR_NUMBER, World, at, inbound, our_number};

#[tokio::test]
async fn a_new_contact_is_texted_from_the_default_and_a_known_one_from_what_it_knows() {
    let world = World::start().await;
    let (second, third) = ("+15559990009", "+15559990008");
    let all = [our_number(OUR_NUMBER), our_number(second), our_number(third)];
    world.store.sync_numbers(world.team, &all).await.unwrap();
    let ann = world.contact(world.team, ANN).await;
    let from = async |contact| {
        let send = claimed(world.sends(contact, "Hello").await.unwrap());
        world.sql("delete from messages where direction = 'outbound'").await;
        send.from.as_str().to_owned()
    };
    let default_is = async |number: Option<&str>| {
        let change = SendingChange { default_number: Some(number.map(str::to_owned)), ..SendingChange::default() };
        world.store.change_sending(world.team, &change).await.unwrap();
    };

    assert_eq!(from(ann).await, OUR_NUMBER, "the first, where nothing else is said");
    default_is(Some(second)).await;
    assert_eq!(from(ann).await, second);

    let mut text = inbound(world.team, BOB, "Hello");
    text.to = third.into();
    let bob = world.store.record_inbound(&text).await.unwrap().contact.id;
    assert_eq!(from(bob).await, third, "the one that the contact last saw");
    world.store.sync_numbers(world.team, &all[..2]).await.unwrap();
    assert_eq!(from(bob).await, second, "the default, when that one is gone");
    world.store.sync_numbers(world.team, &all[..1]).await.unwrap();
    assert_eq!(from(bob).await, OUR_NUMBER, "the first, when the default is gone too");
    world.store.sync_numbers(world.team, &all).await.unwrap();
    assert_eq!((from(bob).await, from(ann).await), (third.into(), second.into()), "and as before once they are back");
    default_is(None).await;
    assert_eq!(from(ann).await, OUR_NUMBER);

    world.sql("update workspace_twilio_config set messaging_service_sid = 'MG1'").await;
    assert_eq!(
        (from(ann).await, from(bob).await),
        ("MG1".into(), "MG1".into()),
        "a Messaging Service keeps numbers itself"
    );
}

#[tokio::test]
async fn a_number_that_a_contact_never_saw_is_not_the_one_it_knows() {
    let world = World::start().await;
    let second = "+15559990009";
    world.store.sync_numbers(world.team, &[our_number(OUR_NUMBER), our_number(second)]).await.unwrap();
    let ann = world.contact(world.team, ANN).await;
    for status in ["failed", "undelivered", "canceled", "scheduled"] {
        world
            .sql(&format!(
                "insert into messages (contact_id, content, direction, status, from_number)
                 select id, 'Hi', 'outbound', '{status}', '{second}' from contacts"
            ))
            .await;
    }
    world
        .sql(
            "insert into messages (contact_id, content, direction, status, from_number, created_at)
              select id, 'Hi', 'outbound', 'sent', 'MG1', now() + interval '1 day' from contacts",
        )
        .await;

    assert_eq!(claimed(world.sends(ann, "Hello").await.unwrap()).from, SendFrom::Number(OUR_NUMBER.into()));
}

#[tokio::test]
async fn a_text_in_the_line_whose_number_was_removed_goes_out_from_another() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let first = claimed(world.sends(ann, "1").await.unwrap());
    let second = behind(world.sends(ann, "2").await.unwrap());
    world.store.record_accepted(first.message.id, "SM1", Queued, None, at(1)).await.unwrap();

    world.store.sync_numbers(world.team, &[our_number("+15559990009")]).await.unwrap();
    let due = world.store.claim_due(at(1), LEASE, 10).await.unwrap();

    assert_eq!((due[0].message.id, &due[0].from), (second, &SendFrom::Number("+15559990009".into())));
    let row = world.store.message(world.team, second).await.unwrap().unwrap();
    assert_eq!(row.from_number.as_deref(), Some("+15559990009"));

    world.puts_back(second, due[0].attempt, Setback::Unknown, at(2)).await;
    world.store.sync_numbers(world.team, &[our_number(OUR_NUMBER)]).await.unwrap();
    let looked_up = world.store.claim_due(at(2), LEASE, 10).await.unwrap();
    assert_eq!(looked_up[0].from, SendFrom::Number("+15559990009".into()), "it may have left from there");
    let Again::Send(again) = world.store.claim_again(second, looked_up[0].attempt, at(2), LEASE).await.unwrap() else {
        panic!("not there, so it may be sent again")
    };
    assert_eq!(again.from, SendFrom::Number(OUR_NUMBER.into()));
}

#[tokio::test]
async fn a_contact_is_answered_from_the_number_that_it_knows() {
    let world = World::start().await;
    let second = "+15559990009";
    world.store.sync_numbers(world.team, &[our_number(OUR_NUMBER), our_number(second)]).await.unwrap();
    let mut text = inbound(world.team, ANN, "Hello");
    text.to = second.into();
    let ann = world.store.record_inbound(&text).await.unwrap().contact.id;

    let send = claimed(world.sends(ann, "Hi").await.unwrap());
    world.store.record_accepted(send.message.id, "SM1", Sent, None, at(1)).await.unwrap();
    world.store.sync_numbers(world.team, &[our_number(OUR_NUMBER)]).await.unwrap();
    let after = claimed(world.sends(ann, "Hi again").await.unwrap());

    assert_eq!(send.from, SendFrom::Number(second.into()));
    assert_eq!(after.from, SendFrom::Number(OUR_NUMBER.into()));
}

#[tokio::test]
async fn a_number_that_cannot_text_is_nobodys_first_choice() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let for_calls = Number { capabilities: json!({ "sms": false, "voice": true }), ..our_number("+15559990001") };
    world.store.sync_numbers(world.team, &[for_calls, our_number("+15559990002")]).await.unwrap();

    let send = claimed(world.sends(ann, "Hello").await.unwrap());

    assert_eq!(send.from, SendFrom::Number("+15559990002".into()));
}
