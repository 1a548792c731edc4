//! How fast a sender's texts leave, and what one that was told to wait does to the others.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::MessageId;
use deskline_store::{Hold, NewOutbound, Outbound, SendFrom, SendingChange, SendingError, Setback};
use futures_util::future::join_all;

use crate::world::{ACCOUNT, ANN, BOB, LEASE, OUR_NUMBER, World, at, fresh, inbound, our_number, outbound};

const SECOND_NUMBER: &str = "+15559990009";

impl World {
    async fn limits(&self, sender: &str, segments_per_second: f64) {
        let rates = vec![(sender.to_owned(), Some(segments_per_second))];
        self.store.change_sending(self.team, &SendingChange { rates, ..SendingChange::default() }).await.unwrap();
    }

    /// A text to somebody new: its id if it was handed out at once.
    async fn sends_to_somebody(&self, content: &str) -> (MessageId, bool) {
        let contact = self.contact(self.team, &format!("+1555{:07}", fresh())).await;
        match self.sends(contact, content).await.unwrap() {
            Outbound::Claimed(send) => (send.message.id, true),
            Outbound::Behind(message) => (message.id, false),
            other => panic!("expected a new text, got {other:?}"),
        }
    }

    /// Everything that may leave at a time, taken by Twilio at once.
    async fn leaves(&self, now: DateTime<Utc>) -> Vec<MessageId> {
        let mut left = Vec::new();
        loop {
            let due = self.store.claim_due(now, LEASE, 10).await.unwrap();
            if due.is_empty() {
                return left;
            }
            for send in due {
                left.push(send.message.id);
                self.is_accepted(send.message.id, now).await;
            }
        }
    }

    async fn is_accepted(&self, id: MessageId, now: DateTime<Utc>) {
        let sid = format!("SM{:032}", fresh());
        self.store
            .record_accepted(id, &sid, deskline_domain::delivery::DeliveryStatus::Queued, None, now)
            .await
            .unwrap();
    }

    async fn holds(&self, sender: &str, retry_after: Option<u64>, now: DateTime<Utc>) -> DateTime<Utc> {
        let hold = Hold {
            account_sid: ACCOUNT,
            sender,
            retry_after: retry_after.map(Duration::from_secs),
            base: Duration::from_secs(1),
            cap: Duration::from_secs(30),
            jitter: 0.0,
            now,
        };
        self.store.hold_sender(&hold).await.unwrap()
    }
}

#[tokio::test]
async fn a_sender_with_a_limit_lets_its_segments_leave_at_that_pace() {
    let world = World::start().await;
    world.limits(OUR_NUMBER, 2.0).await;
    let mut at_once = 0;
    for _ in 0..30 {
        let (id, now) = world.sends_to_somebody("Hello").await;
        if now {
            at_once += 1;
            world.is_accepted(id, at(0)).await;
        }
    }
    assert_eq!(at_once, 1, "the others wait for their turn");

    let mut left = at_once;
    for tenth in 1..=100 {
        left += world.leaves(at(0) + TimeDelta::milliseconds(100 * tenth)).await.len();
    }

    assert!((20..=21).contains(&left), "{left} texts of one segment left in ten seconds at two a second");
    let next = world.store.next_due().await.unwrap().unwrap();
    assert!(next > at(10) && next < at(11), "somebody looks again when the next one may leave: {next}");
}

#[tokio::test]
async fn a_long_text_takes_the_place_of_all_its_segments() {
    let world = World::start().await;
    world.limits(OUR_NUMBER, 1.0).await;
    let (_, long) = world.sends_to_somebody(&"я".repeat(200)).await;
    let (short, now) = world.sends_to_somebody("Hello").await;
    assert!((long, now) == (true, false), "the first one leaves, and the next one waits");

    assert!(world.leaves(at(2)).await.is_empty(), "three segments of 67 take three seconds");
    assert_eq!(world.leaves(at(3)).await, [short]);
}

#[tokio::test]
async fn a_limit_holds_for_all_processes_together_and_for_no_other_sender() {
    let world = World::start().await;
    world.store.sync_numbers(world.team, &[our_number(OUR_NUMBER), our_number(SECOND_NUMBER)]).await.unwrap();
    world.limits(OUR_NUMBER, 10.0).await;
    let knows_the_second = world.receives_at(SECOND_NUMBER, ANN).await;
    while world.sends_to_somebody("Hello").await.1 {}
    for _ in 0..20 {
        world.sends_to_somebody("Hello").await;
    }

    let Outbound::Claimed(other) = world.sends(knows_the_second, "Hi").await.unwrap() else {
        panic!("the other number has no limit")
    };
    let mut handed_out = 0;
    loop {
        let batches = join_all((0..8).map(|_| world.store.claim_due(at(1), LEASE, 10))).await;
        let now: usize = batches.into_iter().map(|batch| batch.unwrap().len()).sum();
        if now == 0 {
            break;
        }
        handed_out += now;
    }

    assert_eq!(other.from, SendFrom::Number(SECOND_NUMBER.into()));
    assert_eq!(handed_out, 3, "two tenths of a second may be made up for, and no more");
}

impl World {
    async fn receives_at(&self, number: &str, from: &str) -> deskline_domain::ids::ContactId {
        let mut text = inbound(self.team, from, "Hello");
        text.to = number.to_owned();
        self.store.record_inbound(&text).await.unwrap().contact.id
    }
}

#[tokio::test]
async fn a_contact_with_many_texts_holds_up_nobody_else() {
    let world = World::start().await;
    world.limits(OUR_NUMBER, 1.0).await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let mut ids = Vec::new();
    for (contact, seconds) in [(ann, 0), (ann, 0), (ann, 0), (ann, 0), (bob, 1), (bob, 1)] {
        let text = NewOutbound { now: at(seconds), ..outbound(world.team, contact, "Hello") };
        ids.push(match world.store.record_outbound(&text).await.unwrap() {
            Outbound::Claimed(send) => send.message.id,
            Outbound::Behind(message) => message.id,
            other => panic!("{other:?}"),
        });
    }
    world.is_accepted(ids[0], at(2)).await;

    let mut order = Vec::new();
    for seconds in 2..8 {
        order.extend(world.leaves(at(seconds)).await);
    }

    assert_eq!(order, [ids[4], ids[1], ids[5], ids[2], ids[3]], "in turns, and each contact's own in order");
}

#[tokio::test]
async fn a_sender_that_is_told_to_wait_waits_and_others_do_not() {
    let world = World::start().await;
    world.store.sync_numbers(world.team, &[our_number(OUR_NUMBER), our_number(SECOND_NUMBER)]).await.unwrap();
    let knows_the_second = world.receives_at(SECOND_NUMBER, ANN).await;

    assert_eq!(world.holds(OUR_NUMBER, Some(7), at(0)).await, at(7));
    let (waits, now) = world.sends_to_somebody("Hello").await;

    assert!(!now, "it is known that Twilio would say no");
    assert!(matches!(world.sends(knows_the_second, "Hi").await.unwrap(), Outbound::Claimed(_)));
    assert!(world.leaves(at(6)).await.is_empty());
    assert_eq!(world.store.next_due().await.unwrap(), Some(at(7)));
    assert_eq!(world.leaves(at(7)).await, [waits]);
}

#[tokio::test]
async fn each_time_in_a_row_it_waits_twice_as_long_until_a_text_was_taken() {
    let world = World::start().await;
    let (first, _) = world.sends_to_somebody("Hello").await;

    assert_eq!(world.holds(OUR_NUMBER, None, at(0)).await, at(1));
    assert_eq!(world.holds(OUR_NUMBER, None, at(0)).await, at(1), "several requests at once are told so once");
    assert_eq!(world.holds(OUR_NUMBER, None, at(1)).await, at(3));
    assert_eq!(world.holds(OUR_NUMBER, None, at(3)).await, at(7));
    assert_eq!(world.holds(OUR_NUMBER, None, at(5)).await, at(7), "still the same round");
    assert_eq!(world.holds(OUR_NUMBER, Some(1), at(6)).await, at(7), "never shorter than what was said before");
    assert_eq!(world.holds(OUR_NUMBER, Some(20), at(6)).await, at(26), "what Twilio says counts at once");
    for _ in 0..10 {
        world.holds(OUR_NUMBER, None, at(1_000)).await;
    }
    assert!(world.holds(OUR_NUMBER, None, at(2_000)).await <= at(2_030), "and never longer than the longest");

    world.is_accepted(first, at(3_000)).await;
    assert_eq!(world.holds(OUR_NUMBER, None, at(3_000)).await, at(3_001));
}

#[tokio::test]
async fn a_sender_that_comes_back_from_a_hold_sends_one_text_first_and_the_rest_once_that_was_taken() {
    let world = World::start().await;
    world.holds(OUR_NUMBER, Some(7), at(0)).await;
    let mut waiting = Vec::new();
    for _ in 0..40 {
        waiting.push(world.sends_to_somebody("Hello").await.0);
    }

    let claims = join_all((0..8).map(|_| world.store.claim_due(at(7), LEASE, 32))).await;
    let first: Vec<_> = claims.into_iter().flat_map(Result::unwrap).collect();
    let [probe] = &first[..] else { panic!("{} texts left at once", first.len()) };
    assert_eq!(probe.message.id, waiting[0]);
    assert!(world.store.claim_due(at(8), LEASE, 32).await.unwrap().is_empty(), "it is not known yet what Twilio says");
    assert!(!world.sends_to_somebody("Hello").await.1, "nor does a new one go past it");

    world.holds(OUR_NUMBER, None, at(8)).await;
    world.puts_back(probe.message.id, probe.attempt, Setback::RateLimited, at(8)).await;
    let until = world.store.next_due().await.unwrap().unwrap();
    assert_eq!(until, at(10), "twice as long as the first time that Twilio did not say how long");
    let again = world.store.claim_due(until, LEASE, 32).await.unwrap();
    assert_eq!(again.len(), 1, "one again");
    world.is_accepted(again[0].message.id, until).await;

    assert_eq!(world.store.claim_due(until, LEASE, 32).await.unwrap().len(), 32, "and now the others");
}

#[tokio::test]
async fn a_process_that_dies_with_the_first_text_after_a_hold_does_not_stop_its_sender() {
    let world = World::start().await;
    world.holds(OUR_NUMBER, Some(7), at(0)).await;
    for _ in 0..3 {
        world.sends_to_somebody("Hello").await;
    }
    let [lost] = &world.store.claim_due(at(7), LEASE, 32).await.unwrap()[..] else { panic!("one text") };

    let lease_end = at(7 + 60);
    assert_eq!(world.store.next_due().await.unwrap(), Some(lease_end));
    let next = world.store.claim_due(lease_end, LEASE, 32).await.unwrap();

    let ids: Vec<_> = next.iter().map(|send| (send.message.id == lost.message.id, send.started_before)).collect();
    assert!(ids.contains(&(true, true)), "the lost one is looked up: {ids:?}");
    assert_eq!(ids.iter().filter(|(lost, _)| !lost).count(), 1, "and one text takes its place: {ids:?}");
}

#[tokio::test]
async fn a_text_that_may_have_left_is_looked_up_whatever_its_sender_has_been_told() {
    let world = World::start().await;
    let (id, _) = world.sends_to_somebody("Hello").await;
    world.puts_back(id, 1, Setback::Unknown, at(1)).await;
    world.holds(OUR_NUMBER, Some(60), at(0)).await;

    let due = world.store.claim_due(at(1), LEASE, 10).await.unwrap();

    assert!(due.len() == 1 && due[0].started_before, "{due:?}");
}

#[tokio::test]
async fn settings_are_changed_all_or_not_at_all() {
    let world = World::start().await;
    let change = |rates: Vec<(&str, Option<f64>)>| SendingChange {
        default_number: Some(Some(OUR_NUMBER.into())),
        messaging_service_sid: Some(Some("MG1".into())),
        rates: rates.into_iter().map(|(sender, rate)| (sender.to_owned(), rate)).collect(),
    };
    let set = async |change: SendingChange| world.store.change_sending(world.team, &change).await;

    assert!(matches!(set(change(vec![("+15550009999", Some(1.0))])).await, Err(SendingError::NotOurs)));
    assert!(matches!(set(change(vec![(OUR_NUMBER, Some(0.0))])).await, Err(SendingError::BadRate)));
    assert!(matches!(set(change(vec![(OUR_NUMBER, Some(f64::NAN))])).await, Err(SendingError::BadRate)));
    let nonsense = SendingChange { messaging_service_sid: Some(Some("PN1".into())), ..SendingChange::default() };
    assert!(matches!(set(nonsense).await, Err(SendingError::BadService)));
    let before = world.store.sending_settings(world.team).await.unwrap();
    assert_eq!((before.default_number, before.messaging_service_sid), (None, None));

    set(change(vec![("MG1", Some(50.0)), (OUR_NUMBER, Some(1.5))])).await.unwrap();
    set(SendingChange { default_number: Some(None), ..SendingChange::default() }).await.unwrap();

    let after = world.store.sending_settings(world.team).await.unwrap();
    assert_eq!((after.default_number, after.messaging_service_sid.as_deref()), (None, Some("MG1")));
    let rates: Vec<_> = after.senders.iter().map(|one| (one.sender.as_str(), one.segments_per_second)).collect();
    assert_eq!(rates, [(OUR_NUMBER, Some(1.5)), ("MG1", Some(50.0))]);
}
