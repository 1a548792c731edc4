//! The line: whose turn it is, what comes up again and when, and what others decided about a text meanwhile.

use std::collections::HashSet;

use deskline_domain::{
    delivery::DeliveryStatus::{self, Queued, Sent},
    gate::Refusal,
    ids::{ContactId, MessageId},
};
use deskline_store::{Again, OutboundError, Setback};
use futures_util::future::join_all;
use rstest::rstest;

use super::{behind, claimed, sid};
use crate::world::{ANN, BOB, LEASE, OUR_NUMBER, World, at, our_number};

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
