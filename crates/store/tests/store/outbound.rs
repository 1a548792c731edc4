//! Texts on their way out: stored first, one after the other, never twice.

use std::collections::HashSet;

use deskline_domain::{
    delivery::DeliveryStatus::{self, Queued, Sent},
    gate::Refusal,
    ids::{ContactId, MessageId, WorkspaceId},
};
use deskline_store::{Again, NewOutbound, Number, Outbound, OutboundError, Send, SendFrom, SendingChange, Setback};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use crate::world::{ANN, BOB, LEASE, OUR_NUMBER, World, at, fresh, inbound, our_number, outbound, uuid};

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
async fn texts_of_one_contact_leave_one_after_the_other_and_others_do_not_wait() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);

    let first = claimed(world.sends(ann, "1").await.unwrap());
    let second = behind(world.sends(ann, "2").await.unwrap());
    let third = behind(world.sends(ann, "3").await.unwrap());
    claimed(world.sends(bob, "1").await.unwrap());
    assert!(world.store.claim_due(at(1), LEASE, 10).await.unwrap().is_empty(), "the first one is still on its way");

    for (id, next) in [(first.message.id, Some(second)), (second, Some(third)), (third, None)] {
        world.store.record_accepted(id, &sid(), Queued, None, at(1)).await.unwrap();
        let due: Vec<_> =
            world.store.claim_due(at(1), LEASE, 10).await.unwrap().into_iter().map(|send| send.message.id).collect();
        assert_eq!(due, Vec::from_iter(next));
    }
}

#[tokio::test]
async fn a_text_whose_lease_ended_is_looked_up_first_and_an_old_number_changes_nothing() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let lost = claimed(world.sends(ann, "Hello").await.unwrap());
    let id = lost.message.id;
    assert!(world.store.claim_due(at(59), LEASE, 10).await.unwrap().is_empty());
    assert_eq!(world.store.next_due().await.unwrap(), Some(at(60)));

    let found = world.store.claim_due(at(60), LEASE, 10).await.unwrap();

    let [found] = &found[..] else { panic!("one text, got {found:?}") };
    assert_eq!((found.message.id, found.started_before, found.attempt), (id, true, 2));
    assert!(!world.puts_back(id, lost.attempt, Setback::Unreachable, at(60)).await);
    assert!(!world.puts_back(id, lost.attempt, Setback::Unknown, at(60)).await);
    let row = world.store.record_refused(id, lost.attempt, Some(21211), "Bad number", at(60)).await.unwrap();
    assert_eq!(row.status, Queued, "the late refusal of an attempt that somebody else repeats says nothing");
    assert!(matches!(world.store.claim_again(id, lost.attempt, at(60), LEASE).await.unwrap(), Again::Gone));
    let Again::Send(again) = world.store.claim_again(id, found.attempt, at(61), LEASE).await.unwrap() else {
        panic!("not there, so it may be sent again")
    };
    assert_eq!((again.attempt, again.started_before), (3, false));
}

#[tokio::test]
async fn a_text_that_nobody_can_say_is_looked_up_when_it_is_time() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let send = claimed(world.sends(ann, "Hello").await.unwrap());

    assert!(world.puts_back(send.message.id, send.attempt, Setback::Unknown, at(10)).await);
    assert!(world.store.claim_due(at(9), LEASE, 10).await.unwrap().is_empty());
    let due = world.store.claim_due(at(10), LEASE, 10).await.unwrap();

    assert!(due.len() == 1 && due[0].started_before);
    assert!(world.store.claim_due(at(10), LEASE, 10).await.unwrap().is_empty(), "it is in somebody's hands");
}

#[tokio::test]
async fn a_text_that_twilio_did_not_take_is_sent_again_when_it_is_time() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let send = claimed(world.sends(ann, "Hello").await.unwrap());

    assert!(world.puts_back(send.message.id, send.attempt, Setback::Unreachable, at(2)).await);
    let due = world.store.claim_due(at(2), LEASE, 10).await.unwrap();

    assert!(due.len() == 1 && !due[0].started_before && due[0].attempt == 2);
    let refused = world.store.record_refused(send.message.id, 2, Some(21211), "Bad number", at(3)).await.unwrap();
    assert_eq!((refused.status, refused.error_code), (DeliveryStatus::Failed, Some(21211)));
    assert_eq!(refused.error_message.as_deref(), Some("Bad number"));
    assert_eq!(world.store.sends_waiting().await.unwrap(), 0);
}

#[tokio::test]
async fn two_workers_never_hold_the_same_text() {
    let world = World::start().await;
    for n in 0..40 {
        let contact = world.contact(world.team, &format!("+1555100{n:04}")).await;
        let send = claimed(world.sends(contact, "Hello").await.unwrap());
        world.puts_back(send.message.id, send.attempt, Setback::Unreachable, at(1)).await;
    }

    let batches = join_all((0..8).map(|_| world.store.claim_due(at(1), LEASE, 10))).await;

    let held: Vec<_> = batches.into_iter().flat_map(|batch| batch.unwrap()).map(|send| send.message.id).collect();
    assert_eq!(held.iter().collect::<HashSet<_>>().len(), held.len());
    let rest = world.store.claim_due(at(1), LEASE, 100).await.unwrap().len();
    assert_eq!(held.len() + rest, 40);
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
async fn stop_holds_back_texts_that_wait() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let first = claimed(world.sends(ann, "1").await.unwrap());
    let second = behind(world.sends(ann, "2").await.unwrap());
    world.store.record_accepted(first.message.id, "SM1", Queued, None, at(1)).await.unwrap();

    world.receives(ANN, "STOP").await;
    let due = world.store.claim_due(at(1), LEASE, 10).await.unwrap();

    assert!(due.is_empty(), "{due:?}");
    let row = world.store.message(world.team, second).await.unwrap().unwrap();
    assert_eq!((row.status, row.error_code), (DeliveryStatus::Failed, Some(21610)));
    assert!(matches!(world.sends(ann, "3").await, Err(OutboundError::Refused(Refusal::OptedOut))));
}

#[tokio::test]
async fn stop_holds_back_a_text_that_was_looked_up_and_not_found() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let send = claimed(world.sends(ann, "1").await.unwrap());
    world.puts_back(send.message.id, send.attempt, Setback::Unknown, at(1)).await;
    world.receives(ANN, "STOP").await;

    let due = world.store.claim_due(at(1), LEASE, 10).await.unwrap();
    let again = world.store.claim_again(send.message.id, due[0].attempt, at(1), LEASE).await.unwrap();

    assert!(matches!(again, Again::Refused(row) if row.error_code == Some(21610)));
}

#[tokio::test]
async fn what_another_program_stored_is_never_sent_by_us() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;

    world
        .sql("insert into livechatmessages (contact_id, content, direction) select id, 'Theirs', 'outbound' from contacts")
        .await;

    assert!(world.store.claim_due(at(1_000_000), LEASE, 10).await.unwrap().is_empty());
    claimed(world.sends(ann, "Ours, and not behind theirs").await.unwrap());
}

#[tokio::test]
async fn texts_of_a_workspace_without_a_working_account_wait_until_it_has_one() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let send = claimed(world.sends(ann, "Hello").await.unwrap());
    world.puts_back(send.message.id, send.attempt, Setback::Unreachable, at(1)).await;

    world.sql("update workspace_twilio_config set is_configured = false").await;
    assert!(world.store.claim_due(at(1), LEASE, 10).await.unwrap().is_empty());
    assert_eq!(world.store.next_due().await.unwrap(), None);
    world.sql("update workspace_twilio_config set is_configured = true, auth_token = 'v1:damaged'").await;
    assert!(world.store.claim_due(at(1), LEASE, 10).await.unwrap().is_empty());
    world.sql("update workspace_twilio_config set auth_token = 'repaired'").await;
    let due = world.store.claim_due(at(61), LEASE, 10).await.unwrap();

    assert!(due.len() == 1 && !due[0].started_before);
}

#[tokio::test]
async fn a_sid_that_another_row_has_already_stays_there() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let send = claimed(world.sends(ann, "Hello").await.unwrap());
    world
        .sql("insert into messages (contact_id, content, direction, twilio_sid) select id, 'Hello', 'outbound', 'SM1' from contacts")
        .await;

    let row = world.store.record_accepted(send.message.id, "SM1", Sent, None, at(1)).await.unwrap();

    assert_eq!((row.status, row.twilio_sid), (Sent, None));
    assert_eq!(world.store.sends_waiting().await.unwrap(), 0);
    let known = world.store.known_sids(&["SM1".into(), "SM2".into()]).await.unwrap();
    assert_eq!(known, HashSet::from(["SM1".to_owned()]));
}

/// A text that comes up again after a second: to be sent, or to be looked up.
async fn kept_for_later(world: &World, contact: ContactId, why: Setback) -> MessageId {
    let send = claimed(world.sends(contact, "Hello").await.unwrap());
    assert!(world.puts_back(send.message.id, send.attempt, why, at(1)).await);
    send.message.id
}

async fn due(world: &World) -> Vec<MessageId> {
    world.store.claim_due(at(1), LEASE, 10).await.unwrap().into_iter().map(|send| send.message.id).collect()
}

#[tokio::test]
async fn a_text_whose_files_another_program_made_a_mess_of_holds_up_nobody() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    kept_for_later(&world, ann, Setback::Unreachable).await;
    let to_bob = kept_for_later(&world, bob, Setback::Unreachable).await;

    world.sql(&format!("update messages set media = '[7, {{\"url\": null}}]' where contact_id = '{ann}'")).await;

    assert!(due(&world).await.contains(&to_bob), "one row that cannot be read stops nobody else's texts");
}

#[rstest]
#[case::called_off("status = 'canceled'", Setback::Unreachable)]
#[case::given_up("status = 'failed'", Setback::Unreachable)]
#[case::sent_by_themselves("status = 'sent'", Setback::Unreachable)]
#[case::sent_with_a_sid("twilio_sid = 'SM9'", Setback::Unreachable)]
#[case::found_by_themselves("twilio_sid = 'SM9'", Setback::Unknown)]
#[tokio::test]
async fn a_text_in_the_line_that_another_program_has_decided_about_is_not_sent(
    #[case] decision: &str,
    #[case] why: Setback,
) {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let first = kept_for_later(&world, ann, why).await;
    let second = behind(world.sends(ann, "And another").await.unwrap());

    world.sql(&format!("update messages set {decision} where id = '{first}'")).await;

    assert_eq!(due(&world).await, [second], "what they decided holds, and the next text has its turn");
}

#[tokio::test]
async fn a_text_in_doubt_that_is_called_off_meanwhile_is_not_sent_again() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = kept_for_later(&world, ann, Setback::Unknown).await;
    let [found] = &world.store.claim_due(at(1), LEASE, 10).await.unwrap()[..] else { panic!("one text") };

    world.sql("update messages set status = 'canceled'").await;
    let again = world.store.claim_again(id, found.attempt, at(2), LEASE).await.unwrap();

    assert!(matches!(again, Again::Gone), "{again:?}");
    assert_eq!(world.store.sends_waiting().await.unwrap(), 0, "and it is in nobody's way");
}

#[tokio::test]
async fn a_text_in_doubt_is_not_repeated_through_another_account() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let in_doubt = kept_for_later(&world, ann, Setback::Unknown).await;
    let never_asked = kept_for_later(&world, bob, Setback::Unreachable).await;

    let another = "AC00000000000000000000000000000009";
    world.store.save_twilio_account(world.team, another, &"token".into(), &[our_number(OUR_NUMBER)]).await.unwrap();

    assert_eq!(
        due(&world).await,
        [never_asked],
        "the other account's list says nothing about the first account's texts"
    );
    let row = world.store.message(world.team, in_doubt).await.unwrap().unwrap();
    assert_eq!((row.status, row.in_doubt), (DeliveryStatus::Failed, false));
    assert!(row.error_message.unwrap().contains("account"), "somebody has to look there");
    assert_eq!(world.store.sends_waiting().await.unwrap(), 1);
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
