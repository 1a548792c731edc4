//! Status callbacks: late, twice, out of order, and before the answer.

use chrono::TimeDelta;
use deskline_domain::{
    delivery::DeliveryStatus::{self, Accepted, Delivered, Failed, Queued, Read, Sending, Sent, Undelivered},
    ids::MessageId,
};
use deskline_store::{Outbound, Send, StatusOutcome, StatusReport};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use rstest::rstest;
use serde_json::json;

use crate::world::{ACCOUNT, ANN, LEASE, World, at, fresh};

fn sid() -> String {
    format!("SM{:032}", fresh())
}

/// A callback that comes now: none comes at the moment of another.
fn report(sid: &str, status: DeliveryStatus) -> StatusReport {
    StatusReport {
        account_sid: ACCOUNT.into(),
        message_sid: sid.into(),
        message_id: None,
        status,
        error_code: None,
        explanation: None,
        raw: json!({ "MessageStatus": status }),
        received_at: at(0) + TimeDelta::microseconds(i64::try_from(fresh()).unwrap()),
    }
}

async fn claimed(world: &World) -> Send {
    let contact = world.contact(world.team, &format!("+1555{:07}", fresh())).await;
    match world.sends(contact, "On my way").await.unwrap() {
        Outbound::Claimed(send) => *send,
        other => panic!("expected to be told to send, got {other:?}"),
    }
}

#[tokio::test]
async fn a_text_moves_forward_and_never_back() {
    let world = World::start().await;
    let (send, sid) = (claimed(&world).await, sid());
    world.store.record_accepted(send.message.id, &sid, Accepted, None, at(0)).await.unwrap();

    let delivered = world.store.record_status(&report(&sid, Delivered)).await.unwrap();
    let late = world.store.record_status(&report(&sid, Sent)).await.unwrap();
    let twice = world.store.record_status(&report(&sid, Delivered)).await.unwrap();
    let read = world.store.record_status(&report(&sid, Read)).await.unwrap();

    assert!(matches!(delivered, StatusOutcome::Applied(row) if row.status == Delivered));
    assert_eq!((late, twice), (StatusOutcome::Unchanged, StatusOutcome::Unchanged));
    assert!(matches!(read, StatusOutcome::Applied(row) if row.status == Read));
    assert_eq!(world.number("select count(*) from delivery_events").await, 5, "the ledger keeps everything");
}

#[tokio::test]
async fn a_callback_that_is_told_again_because_nobody_knows_whether_it_was_stored_stands_in_the_ledger_once() {
    let world = World::start().await;
    let (send, sid) = (claimed(&world).await, sid());
    world.store.record_accepted(send.message.id, &sid, Accepted, None, at(0)).await.unwrap();
    let (told, twin) = (report(&sid, Delivered), report(&sid, Delivered));

    for callback in [&told, &told, &twin] {
        world.store.record_status(callback).await.unwrap();
    }

    assert_eq!(
        world.store.ledger(send.message.id).await.unwrap().len(),
        3,
        "the answer, the callback, and another one like it"
    );
}

#[tokio::test]
async fn a_callback_that_changes_nothing_is_no_change_in_the_feed() {
    let world = World::start().await;
    let (send, sid) = (claimed(&world).await, sid());
    world.store.record_accepted(send.message.id, &sid, Delivered, None, at(0)).await.unwrap();
    let before = world.store.head(world.team).await.unwrap();

    world.store.record_status(&report(&sid, Sent)).await.unwrap();

    assert_eq!(world.store.head(world.team).await.unwrap(), before);
}

#[tokio::test]
async fn a_callback_with_our_id_may_come_before_the_answer() {
    let world = World::start().await;
    let (send, sid) = (claimed(&world).await, sid());
    let early = StatusReport { message_id: Some(send.message.id), ..report(&sid, Sent) };

    let outcome = world.store.record_status(&early).await.unwrap();

    assert!(
        matches!(outcome, StatusOutcome::Applied(row) if row.status == Sent && row.twilio_sid.as_ref() == Some(&sid))
    );
    assert_eq!(world.store.sends_waiting().await.unwrap(), 0, "it has left, so nobody may send it again");
    let row = world.store.record_accepted(send.message.id, &sid, Queued, None, at(1)).await.unwrap();
    assert_eq!((row.status, row.twilio_sid), (Sent, Some(sid)));
}

#[tokio::test]
async fn a_callback_without_our_id_counts_as_soon_as_the_answer_is_there() {
    let world = World::start().await;
    let (send, sid) = (claimed(&world).await, sid());
    let failed =
        StatusReport { error_code: Some(30003), explanation: Some("Unreachable".into()), ..report(&sid, Undelivered) };

    assert_eq!(world.store.record_status(&failed).await.unwrap(), StatusOutcome::UnknownMessage);
    let row = world.store.record_accepted(send.message.id, &sid, Queued, None, at(1)).await.unwrap();

    assert_eq!(
        (row.status, row.error_code, row.error_message.as_deref()),
        (Undelivered, Some(30003), Some("Unreachable"))
    );
    assert_eq!(world.number("select count(*) from delivery_events where message_id is null").await, 0);
}

#[tokio::test]
async fn callbacks_race_with_the_answer_and_none_is_lost() {
    let world = World::start().await;
    for _ in 0..20 {
        let (send, sid) = (claimed(&world).await, sid());
        let (sent, delivered) = (report(&sid, Sent), report(&sid, Delivered));

        let (answer, first, second) = tokio::join!(
            world.store.record_accepted(send.message.id, &sid, Queued, None, at(0)),
            world.store.record_status(&sent),
            world.store.record_status(&delivered),
        );

        answer.and(first.map(drop)).and(second.map(drop)).unwrap();
        let row = world.store.message(world.team, send.message.id).await.unwrap().unwrap();
        assert_eq!(row.status, Delivered);
    }
}

#[tokio::test]
async fn what_another_program_wrote_is_never_rewound() {
    let world = World::start().await;
    let (send, sid) = (claimed(&world).await, sid());
    world.sql("update messages set status = 'read'").await;

    let row = world.store.record_accepted(send.message.id, &sid, Queued, None, at(0)).await.unwrap();
    world.store.record_status(&report(&sid, Delivered)).await.unwrap();

    assert_eq!(row.status, Read);
    assert_eq!(world.store.message(world.team, send.message.id).await.unwrap().unwrap().status, Read);
}

#[tokio::test]
async fn a_text_that_another_program_sent_is_followed_by_its_sid() {
    let world = World::start().await;
    world.contact(world.team, ANN).await;
    world
        .sql(
            "insert into livechatmessages (contact_id, content, direction, status, twilio_sid)
              select id, 'Hi', 'outbound', 'sent', 'SM7' from contacts",
        )
        .await;

    let outcome = world.store.record_status(&report("SM7", Delivered)).await.unwrap();

    assert!(matches!(outcome, StatusOutcome::Applied(row) if row.status == Delivered));
}

#[tokio::test]
async fn a_callback_signed_by_another_account_touches_nothing() {
    let world = World::start().await;
    world.second_team().await;
    let (send, sid) = (claimed(&world).await, sid());
    world.store.record_accepted(send.message.id, &sid, Queued, None, at(0)).await.unwrap();
    let theirs = StatusReport {
        account_sid: "AC00000000000000000000000000000002".into(),
        message_id: Some(send.message.id),
        ..report(&sid, Failed)
    };

    assert_eq!(world.store.record_status(&theirs).await.unwrap(), StatusOutcome::UnknownMessage);
    assert_eq!(world.store.message(world.team, send.message.id).await.unwrap().unwrap().status, Queued);
}

#[tokio::test]
async fn callbacks_for_nobodys_text_are_kept() {
    let world = World::start().await;
    let stray = StatusReport { message_id: Some(MessageId(uuid::Uuid::nil())), ..report("SM404", Sent) };

    assert_eq!(world.store.record_status(&stray).await.unwrap(), StatusOutcome::UnknownMessage);
    assert_eq!(world.number("select count(*) from delivery_events").await, 1);
    assert_eq!(world.store.record_status(&report("SM\0", Sent)).await.unwrap(), StatusOutcome::UnknownMessage);
}

/// What may happen to one text, in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    Answer,
    Callback { status: DeliveryStatus, code: Option<i32>, names_us: bool },
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let status = prop::sample::select(vec![Queued, Accepted, Sending, Sent, Delivered, Read, Undelivered, Failed]);
    let callback = (status, any::<bool>()).prop_map(|(status, names_us)| Step::Callback {
        status,
        code: status.is_failure().then_some(30_003),
        names_us,
    });
    (prop::collection::vec(callback, 0..7), any::<prop::sample::Index>()).prop_map(|(mut steps, place)| {
        steps.insert(place.index(steps.len() + 1), Step::Answer);
        steps
    })
}

fn class(status: DeliveryStatus) -> DeliveryStatus {
    if status.is_failure() { Failed } else { status }
}

#[tokio::test]
async fn callbacks_and_the_answer_settle_the_same_in_any_order() {
    let world = World::start().await;
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    for _ in 0..60 {
        let steps = any_steps().new_tree(&mut runner).unwrap().current();
        let (send, sid) = (claimed(&world).await, sid());
        let id = send.message.id;

        for step in &steps {
            match *step {
                Step::Answer => drop(world.store.record_accepted(id, &sid, Accepted, None, at(0)).await.unwrap()),
                Step::Callback { status, code, names_us } => {
                    let callback =
                        StatusReport { message_id: names_us.then_some(id), error_code: code, ..report(&sid, status) };
                    world.store.record_status(&callback).await.unwrap();
                }
            }
        }

        let row = world.store.message(world.team, id).await.unwrap().unwrap();
        let expected = steps.iter().fold(Queued, |status, step| match step {
            Step::Answer => status.advance(Accepted),
            Step::Callback { status: next, .. } => status.advance(*next),
        });
        assert_eq!(class(row.status), class(expected), "{steps:?}");
        assert_eq!(row.error_code.is_some(), expected.is_failure(), "{steps:?}");
        assert_eq!(row.twilio_sid, Some(sid));
        assert!(world.store.claim_due(at(1_000_000), LEASE, 10).await.unwrap().is_empty(), "{steps:?}");
    }
}

/// Every order of these, each reported once more at the end: what Twilio says when all goes well, and when it does not.
fn every_order(of: &[(DeliveryStatus, Option<i32>)]) -> Vec<Vec<(DeliveryStatus, Option<i32>)>> {
    let mut orders = vec![Vec::new()];
    for (taken, next) in of.iter().enumerate() {
        orders = orders
            .into_iter()
            .flat_map(|order| {
                (0..=taken).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, *next);
                    longer
                })
            })
            .collect();
    }
    orders
}

#[rstest]
#[case::delivered(&[(Queued, None), (Sending, None), (Sent, None), (Delivered, None), (Read, None)], Read, None)]
#[case::not_delivered(&[(Queued, None), (Sent, None), (Undelivered, Some(30_003)), (Delivered, None)], Undelivered, Some(30_003))]
#[case::a_second_failure_without_a_code(&[(Sent, None), (Failed, Some(30_007)), (Failed, None), (Delivered, None)], Failed, Some(30_007))]
#[case::a_code_that_comes_with_a_lesser_status(&[(Queued, None), (Sent, Some(30_008)), (Undelivered, None)], Undelivered, Some(30_008))]
#[tokio::test]
async fn every_order_and_repetition_ends_in_the_same_status_and_no_code_is_erased(
    #[case] reports: &[(DeliveryStatus, Option<i32>)],
    #[case] status: DeliveryStatus,
    #[case] code: Option<i32>,
) {
    let world = World::start().await;
    for order in every_order(reports) {
        let (send, sid) = (claimed(&world).await, sid());
        world.store.record_accepted(send.message.id, &sid, Accepted, None, at(0)).await.unwrap();

        for (status, code) in order.iter().chain(&order) {
            let callback = StatusReport { error_code: *code, ..report(&sid, *status) };
            world.store.record_status(&callback).await.unwrap();
        }

        let row = world.store.message(world.team, send.message.id).await.unwrap().unwrap();
        assert_eq!((row.status, row.error_code), (status, code), "{order:?}");
        let ledger = world.store.ledger(send.message.id).await.unwrap();
        let shown = ledger.iter().fold(Queued, |status, row| status.advance(row.status));
        assert_eq!((ledger.len(), shown), (1 + 2 * order.len(), row.status), "what is shown comes from the ledger");
    }
}
