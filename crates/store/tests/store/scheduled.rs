//! Texts for later: sent once when it is time, changed and called off before, and never sent against anybody's wish.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    delivery::DeliveryStatus::{self, Canceled, Failed, Queued, Scheduled},
    gate::Refusal,
    ids::{ContactId, MessageId, UserId},
    message::MessageRow,
};
use deskline_store::{Later, LedgerKind, NewOutbound, Outbound, OutboundError, Reschedule, SendFrom};
use futures_util::future::join_all;
use rstest::rstest;

use crate::world::{ANN, BOB, LEASE, OUR_NUMBER, World, at, inbound, our_number, outbound, uuid};

const GRACE: TimeDelta = TimeDelta::hours(1);

impl World {
    fn later(&self, contact: ContactId, send_at: DateTime<Utc>, cancel_on_reply: bool) -> NewOutbound {
        NewOutbound {
            later: Some(Later { send_at, cancel_on_reply }),
            ..outbound(self.team, contact, "See you tomorrow")
        }
    }

    async fn schedules(&self, contact: ContactId, seconds: i64) -> MessageId {
        match self.store.record_outbound(&self.later(contact, at(seconds), false)).await.unwrap() {
            Outbound::Scheduled(message) => message.id,
            other => panic!("expected it to wait for its time, got {other:?}"),
        }
    }

    async fn text_row(&self, id: MessageId) -> MessageRow {
        self.store.message(self.team, id).await.unwrap().unwrap()
    }

    /// What happens at a time, and which texts are handed out then.
    async fn starts(&self, seconds: i64) -> Vec<MessageId> {
        self.store.start_scheduled(at(seconds), GRACE).await.unwrap();
        let due = self.store.claim_due(at(seconds), LEASE, 10).await.unwrap();
        due.into_iter().map(|send| send.message.id).collect()
    }

    fn change(&self, id: MessageId) -> Reschedule {
        Reschedule { workspace_id: self.team, id, send_at: None, content: None, cancel_on_reply: None, now: at(1) }
    }
}

#[tokio::test]
async fn a_text_for_later_waits_for_its_time_and_is_handed_out_once() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = world.schedules(ann, 100).await;
    assert_eq!((world.text_row(id).await.status, world.text_row(id).await.send_at), (Scheduled, Some(at(100))));
    assert_eq!(world.store.next_due().await.unwrap(), Some(at(100)));
    assert!(world.starts(99).await.is_empty());

    let looked = join_all((0..8).map(|_| world.store.start_scheduled(at(100), GRACE))).await;
    let batches = join_all((0..8).map(|_| world.store.claim_due(at(100), LEASE, 10))).await;

    assert!(looked.into_iter().all(|look| look.is_ok()));
    let handed_out: Vec<_> = batches.into_iter().flat_map(|batch| batch.unwrap()).map(|send| send.message.id).collect();
    assert_eq!(handed_out, [id]);
    let row = world.text_row(id).await;
    assert_eq!((row.status, row.created_at), (Queued, at(100)), "it stands in the thread where it left");
    assert_eq!(world.store.contact(world.team, ann).await.unwrap().unwrap().last_message_at, Some(at(100)));
    assert!(world.store.scheduled(world.team, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn it_is_in_nobodys_way_before_its_time_and_takes_its_turn_after_it() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let later = world.schedules(ann, 30).await;

    let Outbound::Claimed(now) = world.sends(ann, "Now").await.unwrap() else { panic!("nothing is before it") };

    assert!(world.starts(30).await.is_empty(), "the other one is on its way");
    world.store.record_accepted(now.message.id, "SM1", Queued, None, at(31)).await.unwrap();
    assert_eq!(world.starts(31).await, [later]);
}

#[tokio::test]
async fn the_same_client_id_again_is_the_same_text_also_after_its_time() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let text = NewOutbound { client_id: Some("birthday".into()), ..world.later(ann, at(100), false) };
    let Outbound::Scheduled(first) = world.store.record_outbound(&text).await.unwrap() else { panic!("it is new") };

    let again = world.store.record_outbound(&text).await.unwrap();
    let much_later = world.store.record_outbound(&NewOutbound { now: at(200), ..text }).await.unwrap();

    assert!(matches!(again, Outbound::Repeat(row) if row.id == first.id));
    assert!(matches!(much_later, Outbound::Repeat(row) if row.id == first.id));
    assert_eq!(world.number("select count(*) from scheduled").await, 1);
}

#[rstest]
#[case::over(0)]
#[case::long_over(-1_000)]
#[case::next_century(100 * 365 * 86_400)]
#[tokio::test]
async fn a_time_that_makes_no_sense_is_refused(#[case] seconds: i64) {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = world.schedules(ann, 100).await;

    let new = world.store.record_outbound(&world.later(ann, at(seconds), false)).await;
    let change = world.store.reschedule(&Reschedule { send_at: Some(at(seconds)), ..world.change(id) }).await;

    assert!(matches!((new, change), (Err(OutboundError::BadTime), Err(OutboundError::BadTime))));
    assert_eq!(world.number("select count(*) from messages").await, 1);
}

#[tokio::test]
async fn it_is_listed_and_changed_until_it_leaves() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let (first, second) = (world.schedules(ann, 100).await, world.schedules(bob, 50).await);
    let before = world.text_row(first).await.updated_at;

    let changed = Reschedule {
        send_at: Some(at(40)),
        content: Some("See you on Monday".into()),
        cancel_on_reply: Some(true),
        ..world.change(first)
    };
    world.store.reschedule(&changed).await.unwrap();
    let too_long = Reschedule { content: Some("x".repeat(1_601)), ..world.change(first) };

    assert!(matches!(world.store.reschedule(&too_long).await, Err(OutboundError::Refused(Refusal::TooLong))));
    let listed = world.store.scheduled(world.team, None).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|one| (one.message.id, one.message.send_at, one.cancel_on_reply)).collect();
    assert_eq!(listed, [(first, Some(at(40)), true), (second, Some(at(50)), false)]);
    assert_eq!(world.store.scheduled(world.team, Some(bob)).await.unwrap().len(), 1);
    assert!(world.text_row(first).await.updated_at > before);
    assert_eq!(world.text_row(first).await.content, "See you on Monday");
    assert_eq!(world.starts(40).await, [first]);
    let late = world.store.reschedule(&world.change(first)).await;
    assert!(matches!(late, Err(OutboundError::WrongState(why)) if why.contains("left")), "{late:?}");
}

#[tokio::test]
async fn a_new_time_alone_is_a_change_of_the_row() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = world.schedules(ann, 100).await;
    let (before, head) = (world.text_row(id).await.updated_at, world.store.head(world.team).await.unwrap());

    world.store.reschedule(&Reschedule { send_at: Some(at(120)), ..world.change(id) }).await.unwrap();

    assert!(world.text_row(id).await.updated_at > before);
    assert_ne!(world.store.head(world.team).await.unwrap(), head, "every desktop hears of it");
}

#[tokio::test]
async fn one_that_was_called_off_never_leaves() {
    let world = World::start().await;
    let other = world.second_team().await;
    let ann = world.contact(world.team, ANN).await;
    let (id, agent) = (world.schedules(ann, 100).await, UserId(uuid()));
    let cancel = async |team| world.store.cancel(team, id, agent, at(1)).await;

    assert!(matches!(cancel(other).await, Err(OutboundError::MessageNotFound)));
    assert_eq!(cancel(world.team).await.unwrap().status, Canceled);
    assert_eq!(cancel(world.team).await.unwrap().status, Canceled, "asking twice is asking once");

    assert!(world.starts(1_000).await.is_empty());
    let ledger = world.store.ledger(id).await.unwrap();
    assert_eq!((ledger.len(), ledger[0].kind, ledger[0].by), (1, LedgerKind::Canceled, Some(agent)));
    let change = world.store.reschedule(&world.change(id)).await;
    assert!(matches!(change, Err(OutboundError::WrongState(why)) if why.contains("called off")), "{change:?}");
}

#[tokio::test]
async fn one_that_has_left_cannot_be_called_off() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = world.schedules(ann, 100).await;
    assert_eq!(world.starts(100).await, [id]);

    let cancel = world.store.cancel(world.team, id, UserId(uuid()), at(101)).await;

    assert!(matches!(cancel, Err(OutboundError::WrongState(why)) if why.contains("left")), "{cancel:?}");
    assert_eq!(world.text_row(id).await.status, Queued);
}

#[tokio::test]
async fn calling_off_and_its_time_race_and_one_of_them_wins() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    for _ in 0..20 {
        let id = world.schedules(ann, 100).await;

        let (cancel, _) = tokio::join!(
            world.store.cancel(world.team, id, UserId(uuid()), at(100)),
            world.store.start_scheduled(at(100), GRACE),
        );

        let started = world.number("select count(*) from sends").await == 1;
        assert_eq!(cancel.is_ok(), !started, "{cancel:?}");
        assert_eq!(world.text_row(id).await.status, if started { Queued } else { Canceled });
        world.sql("delete from sends").await;
    }
}

/// What may come from the contact, and what becomes of a text that should not be sent after a reply, and of one that should.
#[rstest]
#[case::a_reply(1, true)]
#[case::an_older_text_that_was_imported(-100, false)]
#[tokio::test]
async fn a_contact_who_writes_first_calls_off_what_should_be(#[case] seconds: i64, #[case] called_off: bool) {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let mut ids = Vec::new();
    for text in [world.later(ann, at(100), true), world.later(ann, at(100), false), world.later(bob, at(100), true)] {
        let Outbound::Scheduled(message) = world.store.record_outbound(&text).await.unwrap() else { panic!("new") };
        ids.push(message.id);
    }

    world
        .sql(&format!(
            "insert into livechatmessages (contact_id, content, direction, created_at)
             select id, 'I am here already', 'inbound', timestamptz '{}' from contacts where phone = '{ANN}'",
            at(seconds).to_rfc3339(),
        ))
        .await;

    let mut left = world.starts(100).await;
    left.extend(world.starts(100).await);
    assert_eq!(world.text_row(ids[0]).await.status, if called_off { Canceled } else { Queued });
    assert!(left.contains(&ids[1]) != left.contains(&ids[0]), "one of Ann's at a time");
    assert!(left.contains(&ids[2]), "and Bob has said nothing");
    assert_eq!(world.store.ledger(ids[0]).await.unwrap().len(), usize::from(called_off));
}

#[tokio::test]
async fn a_webhook_calls_it_off_too() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let Outbound::Scheduled(later) = world.store.record_outbound(&world.later(ann, at(100), true)).await.unwrap()
    else {
        panic!("new")
    };
    let mut reply = inbound(world.team, ANN, "I am here already");
    reply.received_at = at(3);

    world.store.record_inbound(&reply).await.unwrap();

    assert_eq!(world.text_row(later.id).await.status, Canceled);
    assert!(world.starts(100).await.is_empty());
}

#[tokio::test]
async fn the_gate_is_asked_again_when_it_is_time() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = world.schedules(ann, 100).await;
    world.receives(ANN, "STOP").await;

    assert!(world.starts(100).await.is_empty());

    let row = world.text_row(id).await;
    assert_eq!((row.status, row.error_code), (Failed, Some(21610)));
    let refused = world.store.record_outbound(&world.later(ann, at(100), false)).await;
    assert!(matches!(refused, Err(OutboundError::Refused(Refusal::OptedOut))));
}

#[rstest]
#[case::a_little_late(3_600, Queued)]
#[case::too_late(3_601, Failed)]
#[tokio::test]
async fn after_a_long_time_without_a_server_it_is_not_sent_any_more(
    #[case] late: i64,
    #[case] expected: DeliveryStatus,
) {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = world.schedules(ann, 100).await;

    let left = world.starts(100 + late).await;

    let row = world.text_row(id).await;
    assert_eq!((row.status, left.len()), (expected, usize::from(expected == Queued)));
    assert_eq!(row.error_message.is_some_and(|why| why.contains("60 minutes late")), expected == Failed);
    let expired = world.store.ledger(id).await.unwrap().iter().any(|row| row.kind == LedgerKind::Expired);
    assert_eq!(expired, expected == Failed);
}

#[tokio::test]
async fn it_goes_out_from_the_number_that_is_right_when_it_is_time() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = world.schedules(ann, 100).await;
    world.store.sync_numbers(world.team, &[our_number("+15559990009")]).await.unwrap();
    world.store.start_scheduled(at(100), GRACE).await.unwrap();
    world.store.sync_numbers(world.team, &[our_number(OUR_NUMBER)]).await.unwrap();

    let due = world.store.claim_due(at(100), LEASE, 10).await.unwrap();

    assert_eq!(
        (due[0].message.id, &due[0].from),
        (id, &SendFrom::Number(OUR_NUMBER.into())),
        "and again when it leaves"
    );
    assert_eq!(world.text_row(id).await.from_number.as_deref(), Some(OUR_NUMBER));
}

#[tokio::test]
async fn what_another_program_says_about_it_holds_but_what_it_schedules_is_never_sent() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = world.schedules(ann, 100).await;

    world.sql("update messages set status = 'canceled'").await;
    world
        .sql(
            "insert into messages (contact_id, content, direction, status, send_at)
             select id, 'Theirs', 'outbound', 'scheduled', now() - interval '1 minute' from contacts",
        )
        .await;

    assert!(world.starts(100).await.is_empty());
    assert_eq!(world.text_row(id).await.status, Canceled);
    assert_eq!(world.store.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn a_text_that_moves_to_another_contact_keeps_its_time_and_its_place() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let id = world.schedules(ann, 30).await;
    let Outbound::Claimed(first) = world.sends(bob, "1").await.unwrap() else { panic!("new") };

    world.sql(&format!("update messages set contact_id = '{bob}' where id = '{id}'")).await;

    assert_eq!(world.store.scheduled(world.team, Some(bob)).await.unwrap().len(), 1);
    assert!(world.starts(30).await.is_empty(), "behind the one that is on its way to Bob");
    world.store.record_accepted(first.message.id, "SM1", Queued, None, at(31)).await.unwrap();
    assert_eq!(world.starts(31).await, [id]);
    assert_eq!(world.text_row(id).await.to_number.as_deref(), Some(BOB));
}
