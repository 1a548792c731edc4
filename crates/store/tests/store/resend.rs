//! A failed text is sent once more: a new attempt, and the old one stays on record.

use deskline_domain::{
    command::{Action, Command},
    delivery::DeliveryStatus::{self, Delivered, Failed, Queued, Sent, Undelivered},
    gate::Refusal,
    ids::{CommandId, MessageId, UserId},
    protocol::CommandOutcome,
};
use deskline_store::{LedgerKind, Outbound, OutboundError, Resend, Role, Send, SendFrom, StatusOutcome, StatusReport};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use crate::world::{ACCOUNT, ANN, LEASE, World, at, our_number, uuid};

fn claimed(outbound: Outbound) -> Send {
    match outbound {
        Outbound::Claimed(send) => *send,
        other => panic!("expected to be told to send, got {other:?}"),
    }
}

fn callback(sid: &str, id: MessageId, status: DeliveryStatus, code: Option<i32>) -> StatusReport {
    StatusReport {
        account_sid: ACCOUNT.into(),
        message_sid: sid.into(),
        message_id: Some(id),
        status,
        error_code: code,
        explanation: None,
        raw: json!({ "MessageStatus": status }),
        received_at: at(1),
    }
}

impl World {
    async fn resends(&self, id: MessageId) -> Result<Outbound, OutboundError> {
        let resend = Resend { workspace_id: self.team, id, by: UserId(uuid()), now: at(5), lease: LEASE };
        self.store.resend(&resend).await
    }

    /// A text to Ann that the carrier did not deliver, under this SID.
    async fn undelivered(&self, sid: &str) -> MessageId {
        let ann = self.contact(self.team, ANN).await;
        let id = claimed(self.sends(ann, "Hello").await.unwrap()).message.id;
        self.store.record_accepted(id, sid, Queued, None, at(0)).await.unwrap();
        self.store.record_status(&callback(sid, id, Undelivered, Some(30_003))).await.unwrap();
        id
    }

    async fn status(&self, id: MessageId) -> (DeliveryStatus, Option<String>, Option<i32>) {
        let row = self.store.message(self.team, id).await.unwrap().unwrap();
        (row.status, row.twilio_sid, row.error_code)
    }
}

#[tokio::test]
async fn a_failed_text_gets_a_new_attempt_and_the_old_one_stays_on_record() {
    let world = World::start().await;
    let id = world.undelivered("SM1").await;

    let again = claimed(world.resends(id).await.unwrap());
    assert_eq!((again.message.id, again.attempt, again.started_before), (id, 2, false));
    assert_eq!(world.status(id).await, (Queued, None, None));
    world.store.record_accepted(id, "SM2", Queued, None, at(6)).await.unwrap();
    world.store.record_status(&callback("SM2", id, Delivered, None)).await.unwrap();

    assert_eq!(world.status(id).await, (Delivered, Some("SM2".into()), None));
    let ledger = world.store.ledger(id).await.unwrap();
    let told: Vec<_> = ledger
        .iter()
        .map(|row| (row.kind, row.attempt, row.status, row.twilio_sid.as_deref(), row.error_code))
        .collect();
    assert_eq!(
        told,
        [
            (LedgerKind::Accepted, Some(1), Queued, Some("SM1"), None),
            (LedgerKind::Callback, Some(1), Undelivered, Some("SM1"), Some(30_003)),
            (LedgerKind::Retried, Some(1), Queued, Some("SM1"), None),
            (LedgerKind::Accepted, Some(2), Queued, Some("SM2"), None),
            (LedgerKind::Callback, Some(2), Delivered, Some("SM2"), None),
        ]
    );
    assert!(ledger[2].by.is_some());
}

#[tokio::test]
async fn what_is_told_of_the_old_attempt_is_kept_and_moves_nothing() {
    let world = World::start().await;
    let id = world.undelivered("SM1").await;
    claimed(world.resends(id).await.unwrap());

    let late = world.store.record_status(&callback("SM1", id, Delivered, None)).await.unwrap();
    let answer = world.store.record_accepted(id, "SM1", Sent, None, at(6)).await.unwrap();

    assert_eq!(late, StatusOutcome::Unchanged);
    assert_eq!((answer.status, answer.twilio_sid), (Queued, None));
    assert_eq!(world.store.sends_waiting().await.unwrap(), 1, "the new attempt goes on");
    let ledger = world.store.ledger(id).await.unwrap();
    assert_eq!(ledger.iter().map(|row| row.attempt).collect::<Vec<_>>(), [Some(1); 5], "none of them is the new one's");
    let known = world.store.known_sids(&["SM1".into()]).await.unwrap();
    assert!(known.contains("SM1"), "so that the new attempt is never taken for the old one");
}

#[tokio::test]
async fn an_old_attempt_that_wakes_up_changes_nothing() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let old = claimed(world.sends(ann, "Hello").await.unwrap());
    world.store.record_status(&callback("SM1", old.message.id, Failed, Some(30_008))).await.unwrap();

    let again = claimed(world.resends(old.message.id).await.unwrap());
    let late = world.store.record_refused(old.message.id, old.attempt, Some(21_211), "No", at(6)).await.unwrap();

    assert!(again.attempt > old.attempt);
    assert_eq!((late.status, late.error_code), (Queued, None));
}

#[tokio::test]
async fn of_eight_who_ask_at_once_one_is_told_to_send() {
    let world = World::start().await;
    let id = world.undelivered("SM1").await;

    let answers = join_all((0..8).map(|_| world.resends(id))).await;

    let told = answers.iter().filter(|answer| matches!(answer, Ok(Outbound::Claimed(_)))).count();
    let others = answers.iter().filter(|answer| matches!(answer, Err(OutboundError::WrongState(_)))).count();
    assert_eq!((told, others), (1, 7), "{answers:?}");
}

#[rstest]
#[case("queued", "on its way")]
#[case("sent", "did not fail")]
#[case("delivered", "did not fail")]
#[case("canceled", "called off")]
#[case("scheduled", "scheduled")]
#[tokio::test]
async fn a_text_that_did_not_fail_is_not_sent_again(#[case] status: &str, #[case] sentence: &str) {
    let world = World::start().await;
    let id = world.undelivered("SM1").await;
    world.sql(&format!("update messages set status = '{status}'")).await;

    let answer = world.resends(id).await;

    assert!(matches!(answer, Err(OutboundError::WrongState(why)) if why.contains(sentence)), "{answer:?}");
    assert_eq!(world.store.sends_waiting().await.unwrap(), 0);
}

#[tokio::test]
async fn the_gate_the_account_and_the_workspace_are_asked_again() {
    let world = World::start().await;
    let other = world.second_team().await;
    let id = world.undelivered("SM1").await;
    let theirs = world.receives("+15550000077", "Hi").await.message.id;
    let strange = Resend { workspace_id: other, id, by: UserId(uuid()), now: at(5), lease: LEASE };

    assert!(matches!(world.store.resend(&strange).await, Err(OutboundError::MessageNotFound)));
    assert!(matches!(world.resends(MessageId(uuid())).await, Err(OutboundError::MessageNotFound)));
    assert!(matches!(world.resends(theirs).await, Err(OutboundError::WrongState(_))));
    world.receives(ANN, "STOP").await;
    assert!(matches!(world.resends(id).await, Err(OutboundError::Refused(Refusal::OptedOut))));
    world.receives(ANN, "START").await;
    world.sql("update workspace_twilio_config set is_configured = false").await;
    assert!(matches!(world.resends(id).await, Err(OutboundError::NotConfigured)));
    assert_eq!(world.status(id).await, (Undelivered, Some("SM1".into()), Some(30_003)), "nothing was touched");
}

#[tokio::test]
async fn a_text_in_the_line_that_another_program_calls_failed_is_not_sent_twice() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let id = claimed(world.sends(ann, "Hello").await.unwrap()).message.id;
    world.sql("update messages set status = 'failed'").await;

    assert!(matches!(world.resends(id).await, Err(OutboundError::WrongState(why)) if why.contains("on its way")));
    assert_eq!(world.store.sends_waiting().await.unwrap(), 1);
}

#[tokio::test]
async fn it_waits_behind_texts_on_their_way_and_goes_out_from_a_number_that_is_still_there() {
    let world = World::start().await;
    let id = world.undelivered("SM1").await;
    let ann = world.store.message(world.team, id).await.unwrap().unwrap().contact_id;
    let first = claimed(world.sends(ann, "On its way").await.unwrap());
    world.store.sync_numbers(world.team, &[our_number("+15559990009")]).await.unwrap();

    assert!(matches!(world.resends(id).await.unwrap(), Outbound::Behind(row) if row.id == id));
    assert!(world.store.claim_due(at(6), LEASE, 10).await.unwrap().is_empty());
    world.store.record_accepted(first.message.id, "SM2", Queued, None, at(6)).await.unwrap();
    let due = world.store.claim_due(at(6), LEASE, 10).await.unwrap();

    assert_eq!((due.len(), due[0].message.id, due[0].attempt), (1, id, 2));
    assert_eq!(due[0].from, SendFrom::Number("+15559990009".into()));
}

impl World {
    async fn commands_resend(&self, user: UserId, id: MessageId, seen: Option<MessageId>) -> Result<(), String> {
        let contact_id = self.store.message(self.team, id).await.unwrap().unwrap().contact_id;
        self.does(user, Action::Resend { contact_id, message_id: id, seen }).await
    }
}

#[tokio::test]
async fn an_agents_command_puts_a_failed_text_into_the_line_once_and_the_worker_finds_it_there() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let id = world.undelivered("SM1").await;
    let contact_id = world.store.message(world.team, id).await.unwrap().unwrap().contact_id;
    let action = Action::Resend { contact_id, message_id: id, seen: Some(id) };
    let command = Command { id: CommandId(uuid()), workspace_id: world.team, at: at(4), action };

    for _ in 0..2 {
        let outcome = world.store.execute(agent, &command, at(5)).await.unwrap();
        assert!(matches!(outcome, CommandOutcome::Done { .. }), "{outcome:?}");
    }

    assert_eq!(world.status(id).await, (Queued, None, None));
    let due = world.store.claim_due(at(6), LEASE, 10).await.unwrap();
    assert_eq!(due.iter().map(|send| (send.message.id, send.attempt)).collect::<Vec<_>>(), [(id, 2)]);
    let ledger = world.store.ledger(id).await.unwrap();
    let retried: Vec<_> = ledger.iter().filter(|row| row.kind == LedgerKind::Retried).map(|row| row.by).collect();
    assert_eq!(retried, [Some(agent)], "the same command again does nothing");
    let again = world.commands_resend(agent, id, Some(id)).await.unwrap_err();
    assert!(again.contains("on its way"), "{again}");
}

#[tokio::test]
async fn a_text_is_not_sent_again_when_the_contact_wrote_something_that_the_agent_had_not_seen() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let id = world.undelivered("SM1").await;
    let reply = world.receives(ANN, "Never mind, it is done").await.message.id;

    let refusal = world.commands_resend(agent, id, Some(id)).await.unwrap_err();

    assert!(refusal.contains("had not seen"), "{refusal}");
    assert_eq!(world.status(id).await.0, Undelivered);
    assert_eq!(world.commands_resend(agent, id, Some(reply)).await, Ok(()), "who has read it may send it all the same");
}

#[tokio::test]
async fn the_gate_is_asked_before_a_text_is_sent_again_by_command() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let id = world.undelivered("SM1").await;
    let stop = world.receives(ANN, "STOP").await.message.id;

    let refusal = world.commands_resend(agent, id, Some(stop)).await.unwrap_err();

    assert_eq!(refusal, Refusal::OptedOut.to_string());
    assert_eq!(world.store.sends_waiting().await.unwrap(), 0);
}
