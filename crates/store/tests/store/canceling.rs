//! Calling off a text that waits in the line: it never leaves, or the answer says that it has.

use deskline_domain::{
    delivery::DeliveryStatus::{Canceled, Queued},
    ids::{MessageId, UserId},
};
use deskline_store::{LedgerKind, Outbound, OutboundError, Setback};
use futures_util::future::join_all;

use crate::world::{ANN, BOB, LEASE, World, at, uuid};

impl World {
    async fn calls_off(&self, id: MessageId) -> Result<(), String> {
        match self.store.cancel(self.team, id, UserId(uuid()), at(10)).await {
            Ok(message) => {
                assert_eq!(message.status, Canceled);
                Ok(())
            }
            Err(OutboundError::WrongState(why)) => Err(why.to_owned()),
            Err(error) => panic!("calling off failed: {error}"),
        }
    }

    /// What is handed out at a time.
    async fn handed_out(&self, seconds: i64) -> Vec<MessageId> {
        let due = self.store.claim_due(at(seconds), LEASE, 100).await.unwrap();
        due.into_iter().map(|send| send.message.id).collect()
    }
}

fn id_of(outbound: Outbound) -> MessageId {
    match outbound {
        Outbound::Claimed(send) => send.message.id,
        Outbound::Behind(message) => message.id,
        other => panic!("expected a text in the line, got {other:?}"),
    }
}

#[tokio::test]
async fn a_text_that_waits_behind_another_is_called_off_and_the_next_one_takes_its_place() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let [first, second, third] = [
        id_of(world.sends(ann, "One").await.unwrap()),
        id_of(world.sends(ann, "Two").await.unwrap()),
        id_of(world.sends(ann, "Three").await.unwrap()),
    ];

    assert_eq!(world.calls_off(second).await, Ok(()));
    assert_eq!(world.calls_off(second).await, Ok(()), "asking twice is asking once");
    world.store.record_accepted(first, "SM1", Queued, None, at(11)).await.unwrap();

    assert_eq!(world.handed_out(20).await, [third]);
    let ledger = world.store.ledger(second).await.unwrap();
    assert_eq!((ledger.len(), ledger[0].kind), (1, LedgerKind::Canceled));
    assert!(ledger[0].by.is_some(), "the ledger says who did it");
}

#[tokio::test]
async fn a_text_that_twilio_certainly_does_not_have_is_called_off_and_one_in_doubt_is_not() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let kept = id_of(world.sends(ann, "Nobody was there").await.unwrap());
    let in_doubt = id_of(world.sends(bob, "The answer was lost").await.unwrap());
    let on_its_way = world.calls_off(kept).await.unwrap_err();
    assert!(on_its_way.contains("leaving at this moment"), "{on_its_way}");

    world.puts_back(kept, 1, Setback::Unreachable, at(60)).await;
    world.puts_back(in_doubt, 1, Setback::Unknown, at(60)).await;

    assert_eq!(world.calls_off(kept).await, Ok(()));
    let unknown = world.calls_off(in_doubt).await.unwrap_err();
    assert!(unknown.contains("Nobody can say yet"), "{unknown}");
    assert_eq!(world.handed_out(120).await, [in_doubt], "which is looked up, and not sent again");
    let attempts = world.store.ledger(kept).await.unwrap().into_iter().map(|row| (row.kind, row.attempt));
    assert_eq!(attempts.collect::<Vec<_>>(), [(LedgerKind::Unreachable, Some(1)), (LedgerKind::Canceled, Some(1))]);
}

#[tokio::test]
async fn what_has_left_failed_or_come_in_is_not_called_off() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let sent = id_of(world.sends(ann, "Gone").await.unwrap());
    world.store.record_accepted(sent, "SM1", Queued, None, at(1)).await.unwrap();
    let failed = id_of(world.sends(ann, "Refused").await.unwrap());
    world.store.record_refused(failed, 1, Some(21_211), "No such number.", at(1)).await.unwrap();
    let inbound = world.receives(ANN, "Hello").await.message.id;

    for (id, why) in [(sent, "has left"), (failed, "has failed"), (inbound, "The contact sent")] {
        let refusal = world.calls_off(id).await.unwrap_err();
        assert!(refusal.contains(why), "{refusal}");
    }
}

#[tokio::test]
async fn a_sender_that_was_told_to_wait_waits_on_although_a_text_was_called_off() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = id_of(world.sends(ann, "Too fast").await.unwrap());
    world.sql("insert into senders (account_sid, sender, holds, held_until) values ('AC00000000000000000000000000000001', '+15559990001', 2, '2027-01-01')").await;
    world.puts_back(id, 1, Setback::RateLimited, at(0)).await;

    assert_eq!(world.calls_off(id).await, Ok(()));

    assert_eq!(world.number("select holds::bigint from senders").await, 2);
}

#[tokio::test]
async fn of_many_who_call_off_and_hand_out_at_once_each_text_is_sent_or_called_off_and_never_both() {
    let world = World::start().await;
    for round in 0..25 {
        let texts = join_all((0..8).map(|n| {
            let world = &world;
            async move {
                let contact = world.contact(world.team, &format!("+1555{round:03}{n:04}")).await;
                let id = id_of(world.sends(contact, "Now or never").await.unwrap());
                world.puts_back(id, 1, Setback::Unreachable, at(0)).await;
                id
            }
        }))
        .await;

        let hand_out = join_all((0..4).map(|_| world.handed_out(30)));
        let call_off = join_all(texts.iter().map(|id| world.calls_off(*id)));
        let (handed_out, called_off) = tokio::join!(hand_out, call_off);
        let mut handed_out: Vec<MessageId> = handed_out.into_iter().flatten().collect();
        handed_out.extend(world.handed_out(30).await);

        for (id, called_off) in texts.iter().zip(called_off) {
            let sent = handed_out.iter().filter(|sent| *sent == id).count();
            assert_eq!(
                sent + usize::from(called_off.is_ok()),
                1,
                "{id} was handed out {sent} times and {called_off:?}"
            );
        }
        for id in handed_out {
            world.store.record_accepted(id, &format!("SM{id}"), Queued, None, at(40)).await.unwrap();
        }
    }
}
