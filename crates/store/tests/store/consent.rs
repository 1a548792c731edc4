//! Who may be texted, and the ledger of who said so.

use chrono::{DateTime, Utc};
use deskline_domain::{
    gate::Refusal,
    ids::{ContactId, UserId},
};
use deskline_store::{ByHand, ConsentOutcome, NewInbound, Outbound, OutboundError, Send};

use crate::world::{ANN, BOB, OUR_NUMBER, World, at, inbound, uuid};

const OTHER_NUMBER: &str = "+15559990009";
const SERVICE: &str = "MG00000000000000000000000000000001";

impl World {
    /// Ann texts one of our numbers.
    async fn says(&self, body: &str, to: &str, service: Option<&str>, seconds: i64) -> bool {
        let text = NewInbound {
            to: to.to_owned(),
            service: service.map(str::to_owned),
            received_at: at(seconds),
            ..inbound(self.team, ANN, body)
        };
        self.store.record_inbound(&text).await.unwrap().contact.opted_out_at.is_some()
    }

    async fn ledger(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select concat_ws(' ', coalesce(sender, 'all'), decision, decided_by) from consents order by at, id",
        )
        .fetch_all(self.pool())
        .await
        .unwrap()
    }

    async fn two_numbers(&self) {
        let numbers = [crate::world::our_number(OUR_NUMBER), crate::world::our_number(OTHER_NUMBER)];
        self.store.sync_numbers(self.team, &numbers).await.unwrap();
    }
}

fn by_hand(world: &World, contact: ContactId, by: UserId, now: DateTime<Utc>) -> ByHand<'static> {
    ByHand { workspace_id: world.team, contact_id: contact, by, reason: None, now }
}

fn claimed(outbound: Outbound) -> Send {
    match outbound {
        Outbound::Claimed(send) => *send,
        other => panic!("not claimed: {other:?}"),
    }
}

fn is_opted_out(outcome: &ConsentOutcome) -> bool {
    match outcome {
        ConsentOutcome::Done(contact) => contact.opted_out_at.is_some(),
        other => panic!("not done: {other:?}"),
    }
}

#[tokio::test]
async fn each_keyword_is_a_line_of_the_ledger_with_the_number_it_was_said_to() {
    let world = World::start().await;

    assert!(world.says("STOP", OUR_NUMBER, None, 1).await);
    assert!(world.says("help", OUR_NUMBER, None, 2).await, "asking is no opting in");
    assert!(!world.says("Start", OUR_NUMBER, None, 3).await);
    assert!(!world.says("please stop", OUR_NUMBER, None, 4).await, "only the whole body counts");

    let said = ["+15559990001 opted_out contact", "+15559990001 help contact", "+15559990001 opted_in contact"];
    assert_eq!(world.ledger().await, said);
    assert_eq!(world.number("select count(*) from consents c join messages m on m.id = c.message_id").await, 3);
}

#[tokio::test]
async fn a_repeated_webhook_is_one_line() {
    let world = World::start().await;
    let stop = inbound(world.team, ANN, "STOP");

    for _ in 0..3 {
        world.store.record_inbound(&stop).await.unwrap();
    }

    assert_eq!(world.ledger().await.len(), 1);
}

#[tokio::test]
async fn a_contact_stays_bound_until_every_number_that_it_said_stop_to_has_heard_start() {
    let world = World::start().await;
    world.two_numbers().await;
    world.says("STOP", OUR_NUMBER, None, 1).await;
    world.says("STOP", OTHER_NUMBER, None, 2).await;

    assert!(world.says("START", OTHER_NUMBER, None, 3).await);
    assert!(!world.says("START", OUR_NUMBER, None, 4).await);
}

#[tokio::test]
async fn what_was_said_to_a_number_that_the_team_has_no_more_ends_with_any_start() {
    let world = World::start().await;
    world.two_numbers().await;
    world.says("STOP", OTHER_NUMBER, None, 1).await;
    world.store.sync_numbers(world.team, &[crate::world::our_number(OUR_NUMBER)]).await.unwrap();

    assert!(!world.says("START", OUR_NUMBER, None, 2).await);
}

#[tokio::test]
async fn stop_to_a_messaging_service_is_said_to_all_of_it() {
    let world = World::start().await;
    world.two_numbers().await;
    world.sql(&format!("update workspace_twilio_config set messaging_service_sid = '{SERVICE}'")).await;
    world.says("STOP", OUR_NUMBER, Some(SERVICE), 1).await;

    assert!(world.says("START", OTHER_NUMBER, None, 2).await, "a number outside of the service");
    assert!(!world.says("START", OTHER_NUMBER, Some(SERVICE), 3).await, "another number of the service");
}

#[tokio::test]
async fn a_stop_that_arrives_late_is_put_before_the_start_that_came_after_it() {
    let world = World::start().await;
    world.says("START", OUR_NUMBER, None, 10).await;

    assert!(!world.says("STOP", OUR_NUMBER, None, 5).await);
    assert!(world.says("STOP", OUR_NUMBER, None, 15).await);
}

#[tokio::test]
async fn a_refusal_by_twilio_teaches_that_the_contact_opted_out_until_it_texts_start() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let send = claimed(world.sends(ann, "Hello").await.unwrap());

    world.store.record_refused(send.message.id, send.attempt, Some(21_610), "opted out", at(1)).await.unwrap();

    assert!(world.store.contact(world.team, ann).await.unwrap().unwrap().opted_out_at.is_some());
    assert_eq!(world.ledger().await, ["+15559990001 opted_out twilio"]);
    let refused = world.sends(ann, "Hello again").await;
    assert!(matches!(refused, Err(OutboundError::Refused(Refusal::OptedOut))), "{refused:?}");
    assert!(!world.says("START", OUR_NUMBER, None, 2).await);
}

#[tokio::test]
async fn a_refusal_of_a_text_that_was_written_before_start_teaches_nothing() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let send = claimed(world.sends(ann, "Hello").await.unwrap());
    world.says("START", OUR_NUMBER, None, 1).await;

    world.store.record_refused(send.message.id, send.attempt, Some(21_610), "opted out", at(2)).await.unwrap();

    assert!(world.store.contact(world.team, ann).await.unwrap().unwrap().opted_out_at.is_none());
}

#[tokio::test]
async fn an_agents_opt_out_is_undone_by_an_agent_and_a_contacts_by_the_contact_alone() {
    let world = World::start().await;
    let (ann, agent) = (world.contact(world.team, ANN).await, UserId(uuid()));
    let opt_in = || world.store.opt_in(by_hand(&world, ann, agent, at(9)));

    assert!(is_opted_out(&world.store.opt_out(by_hand(&world, ann, agent, at(1))).await.unwrap()));
    assert!(!is_opted_out(&opt_in().await.unwrap()));
    world.says("STOP", OUR_NUMBER, None, 10).await;
    assert!(is_opted_out(&world.store.opt_out(by_hand(&world, ann, agent, at(11))).await.unwrap()), "it was so before");

    assert_eq!(opt_in().await.unwrap(), ConsentOutcome::OnlyTheContact);
    assert_eq!(world.ledger().await, ["all opted_out agent", "all opted_in agent", "+15559990001 opted_out contact"]);
}

#[tokio::test]
async fn start_ends_what_an_agent_set() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    world.store.opt_out(by_hand(&world, ann, UserId(uuid()), at(1))).await.unwrap();

    assert!(!world.says("START", OUR_NUMBER, None, 2).await);
}

#[tokio::test]
async fn an_opt_out_that_another_program_wrote_counts_as_the_contacts() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    world.sql("update contacts set opted_out_at = now()").await;

    let outcome = world.store.opt_in(by_hand(&world, ann, UserId(uuid()), at(1))).await.unwrap();

    assert_eq!(outcome, ConsentOutcome::OnlyTheContact);
    assert!(world.says("HELP", OUR_NUMBER, None, 2).await, "asking is no opting in");
    assert!(world.says("START", OUR_NUMBER, None, -1_000_000_000).await, "it was said long before");
    assert!(!world.says("START", OUR_NUMBER, None, 3).await);
}

#[tokio::test]
async fn another_workspaces_contact_is_not_found() {
    let world = World::start().await;
    let theirs = world.contact(world.second_team().await, BOB).await;
    let agent = UserId(uuid());

    let outcomes = [
        world.store.opt_out(by_hand(&world, theirs, agent, at(1))).await.unwrap(),
        world.store.opt_in(by_hand(&world, theirs, agent, at(1))).await.unwrap(),
    ];

    assert_eq!(outcomes, [ConsentOutcome::ContactNotFound, ConsentOutcome::ContactNotFound]);
    assert_eq!(world.store.consents(world.team, theirs).await.unwrap(), None);
}

#[tokio::test]
async fn the_ledger_is_only_ever_added_to_and_goes_with_its_contact() {
    let world = World::start().await;
    world.says("STOP", OUR_NUMBER, None, 1).await;

    for sql in ["update consents set decision = 'opted_in'", "delete from consents"] {
        let error = sqlx::raw_sql(sql).execute(world.pool()).await.unwrap_err();
        assert!(error.to_string().contains("only ever added to"), "{error}");
    }
    world.sql("delete from messages").await;
    assert_eq!(world.ledger().await.len(), 1, "it outlives the text");
    world.sql("delete from contacts").await;
    assert!(world.ledger().await.is_empty());
}

#[tokio::test]
async fn opt_outs_are_listed_the_latest_first_with_who_and_why_and_found_by_name_or_number() {
    let world = World::start().await;
    let agent = UserId(uuid());
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let elsewhere = world.contact(world.second_team().await, ANN).await;
    world.sql(&format!("update contacts set name = 'Ann O’Hara' where id = '{ann}'")).await;
    let asked = ByHand { reason: Some("asked on the phone"), ..by_hand(&world, ann, agent, at(1)) };
    world.store.opt_out(asked).await.unwrap();
    world.store.opt_out(by_hand(&world, bob, agent, at(2))).await.unwrap();

    let list = async |search| world.store.opt_outs(world.team, search, 10).await.unwrap();

    let all = list(None).await;
    assert_eq!(all.iter().map(|one| one.contact_id).collect::<Vec<_>>(), [bob.0, ann.0], "{all:?}");
    assert_eq!((all[1].since, all[1].user_id, all[1].decided_by.as_deref()), (at(1), Some(agent.0), Some("agent")));
    assert_eq!(all[1].reason.as_deref(), Some("asked on the phone"));
    assert_eq!(list(Some("o’hara")).await.len(), 1);
    assert_eq!(list(Some(&BOB[5..])).await.iter().map(|one| &*one.phone).collect::<Vec<_>>(), [BOB]);
    assert!(list(Some("nobody")).await.is_empty());
    assert!(!list(None).await.iter().any(|one| one.contact_id == elsewhere.0));
    world.store.opt_in(by_hand(&world, ann, agent, at(3))).await.unwrap();
    assert_eq!(list(None).await.len(), 1);
}
