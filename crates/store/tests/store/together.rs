//! Texts that share a transaction: each is stored as if it had come alone.

use chrono::TimeDelta;
use deskline_domain::{
    contact::ConversationStatus,
    delivery::DeliveryStatus,
    ids::{ContactId, MessageId, WorkspaceId},
};
use deskline_store::{Accepted, Error, LedgerKind, NewInbound, NewOutbound, Outbound, OutboundError, StatusReport};
use futures_util::future::join_all;
use serde_json::json;

use crate::world::{ACCOUNT, ANN, World, at, inbound, outbound, uuid};

impl World {
    /// Stores texts in one transaction. Which of them were new?
    async fn stores(&self, texts: &[NewInbound]) -> Vec<bool> {
        self.store.record_inbound_all(texts).await.into_iter().map(Result::unwrap).collect()
    }
}

const BOB: &str = "+15550000002";
const NEW: &str = "+15550000003";

#[tokio::test]
async fn texts_of_several_contacts_and_teams_are_each_stored_and_counted() {
    let world = World::start().await;
    let other = world.second_team().await;
    let ann = world.contact(world.team, ANN).await;
    world.sql("update contacts set conversation_status = 'Closed'").await;
    let texts = [
        inbound(world.team, ANN, "one"),
        inbound(other, ANN, "elsewhere"),
        inbound(world.team, NEW, "hello"),
        inbound(world.team, ANN, "two"),
        inbound(world.team, NEW, "hello again"),
    ];

    let fresh = world.stores(&texts).await;

    assert_eq!(fresh, [true; 5]);
    let row = world.row(ann).await;
    assert_eq!((row.unread_count, row.conversation_status), (2, ConversationStatus::Open));
    assert_eq!(row.last_message_at, Some(at(0) + TimeDelta::microseconds(1)));
    assert_eq!(world.number("select count(*) from contacts").await, 3);
    assert_eq!(world.number("select sum(unread_count)::bigint from contacts").await, 5);
    assert_eq!(world.number("select count(*) from inbound_raw").await, 5);
    assert_eq!(world.number("select count(*) from changes where entity = 'message'").await, 5);
    let misplaced = "select count(*) from messages m join contacts c on c.id = m.contact_id
                     where c.workspace_id <> m.workspace_id or c.phone <> m.from_number";
    assert_eq!(world.number(misplaced).await, 0);
}

#[tokio::test]
async fn texts_of_one_contact_keep_the_order_in_which_they_came() {
    let world = World::start().await;
    let texts: Vec<_> =
        (0..20).map(|n| inbound(world.team, if n % 2 == 0 { ANN } else { BOB }, &n.to_string())).collect();

    world.stores(&texts).await;

    let disorder = "select count(*) from (
        select m.content::int < lag(m.content::int) over (partition by m.contact_id order by m.created_at, m.id) as by_time,
               m.content::int < lag(m.content::int) over (partition by m.contact_id order by c.created_seq) as by_feed
        from messages m join changes c on c.entity_id = m.id
      ) x where by_time or by_feed";
    assert_eq!(world.number(disorder).await, 0);
    let before_its_contact = "select count(*) from messages m join changes t on t.entity_id = m.id
                              join changes c on c.entity_id = m.contact_id where c.seq > t.seq";
    assert_eq!(world.number(before_its_contact).await, 0, "a contact is told before its texts");
}

#[tokio::test]
async fn repeats_within_a_transaction_and_of_earlier_ones_are_stored_and_counted_once() {
    let world = World::start().await;
    let known = inbound(world.team, ANN, "known");
    world.store.record_inbound(&known).await.unwrap();
    let again = |text: &NewInbound| NewInbound { id: inbound(world.team, ANN, "").id, ..text.clone() };
    let new = inbound(world.team, ANN, "new");
    // A stranger's number with a SID that is known: no contact comes of it.
    let stranger = NewInbound { twilio_sid: known.twilio_sid.clone(), ..inbound(world.team, NEW, "known") };

    let texts = [again(&known), new.clone(), again(&new), stranger, again(&known)];
    let fresh = world.stores(&texts).await;

    assert_eq!(fresh, [false, true, false, false, false]);
    assert_eq!(world.number("select count(*) from messages").await, 2);
    assert_eq!(world.number("select count(*) from contacts").await, 1);
    assert_eq!(world.number("select unread_count::bigint from contacts").await, 2);
}

#[tokio::test]
async fn the_last_keyword_of_a_contact_holds() {
    let world = World::start().await;
    let mut texts: Vec<_> = ["STOP", "start", "stop"].map(|word| inbound(world.team, ANN, word)).into();
    texts.extend(["STOP", "hello?", "START"].map(|word| inbound(world.team, BOB, word)));
    for (second, text) in (0..).zip(&mut texts) {
        text.received_at = at(second);
    }

    world.stores(&texts).await;

    let opted_out = format!("select count(*) from contacts where opted_out_at is not null and phone = '{ANN}'");
    assert_eq!(world.number(&opted_out).await, 1);
    assert_eq!(world.number("select count(*) from contacts where opted_out_at is not null").await, 1);
    assert_eq!(world.number("select count(*) from consents").await, 5);
}

#[tokio::test]
async fn a_blocked_contact_counts_nothing_and_opens_nothing_while_others_do() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    world.sql("update contacts set conversation_status = 'Closed', blocked_at = now()").await;

    let texts = [inbound(world.team, ANN, "one"), inbound(world.team, BOB, "two"), inbound(world.team, ANN, "three")];
    world.stores(&texts).await;

    let row = world.row(ann).await;
    assert_eq!((row.unread_count, row.conversation_status), (0, ConversationStatus::Closed));
    assert_eq!(world.number("select sum(unread_count)::bigint from contacts").await, 1);
}

#[tokio::test]
async fn one_text_that_cannot_be_stored_fails_none_of_the_others() {
    let world = World::start().await;
    let texts = [
        inbound(world.team, ANN, "one"),
        inbound(WorkspaceId(uuid()), ANN, "nobody's"),
        inbound(world.team, BOB, "two"),
    ];

    let stored = world.store.record_inbound_all(&texts).await;

    assert!(matches!(stored[..], [Ok(true), Err(Error::UnknownWorkspace), Ok(true)]), "{stored:?}");
    assert_eq!(world.number("select count(*) from messages").await, 2);
    assert_eq!(world.number("select count(*) from contacts").await, 2);
}

#[tokio::test]
async fn transactions_with_the_same_contacts_in_other_orders_do_not_stop_each_other() {
    let world = World::start().await;
    let phones: Vec<String> = (0..12).map(|n| format!("+1555000{n:04}")).collect();

    // Each transaction has a text of every contact, half of whom are new, and each begins with another one.
    for phone in phones.iter().step_by(2) {
        world.contact(world.team, phone).await;
    }
    let transactions = (0..12).map(|turn| {
        let texts: Vec<_> =
            phones.iter().cycle().skip(turn).take(12).map(|phone| inbound(world.team, phone, "hello")).collect();
        let store = world.store.clone();
        tokio::spawn(async move { store.record_inbound_all(&texts).await })
    });
    let stored = join_all(transactions).await.into_iter().flat_map(Result::unwrap);

    assert_eq!(stored.filter(|fresh| matches!(fresh, Ok(true))).count(), 144);
    assert_eq!(world.number("select count(*) from contacts").await, 12);
    assert_eq!(world.number("select count(*) from contacts where unread_count = 12").await, 12);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(world.number(deadlocks).await, 0, "transactions waited for each other in a circle");
}

#[tokio::test]
async fn outbound_texts_are_each_answered_as_if_they_had_come_alone() {
    let world = World::start().await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    world.receives(BOB, "STOP").await;
    let unconfigured = WorkspaceId(uuid());
    world.store.create_workspace(unconfigured, "New").await.unwrap();
    let elsewhere = world.contact(unconfigured, ANN).await;
    let named = |text: NewOutbound, id: &str| NewOutbound { client_id: Some(id.to_owned()), ..text };
    let texts = [
        named(outbound(world.team, ann, "one"), "first"),
        outbound(world.team, ContactId(uuid()), "nobody"),
        outbound(world.team, bob, "opted out"),
        outbound(world.team, ann, "two"),
        named(outbound(world.team, ann, "one again"), "first"),
        outbound(unconfigured, elsewhere, "no account"),
        named(outbound(world.team, ann, "three"), &uuid().to_string()),
    ];

    let stored = world.store.record_outbound_all(&texts).await;

    let [
        Ok(Outbound::Claimed(one)),
        Err(OutboundError::ContactNotFound),
        Err(OutboundError::Refused(refusal)),
        rest @ ..,
    ] = &stored[..]
    else {
        panic!("{stored:?}");
    };
    assert_eq!(refusal.twilio_code(), Some(21610));
    let [
        Ok(Outbound::Behind(two)),
        Ok(Outbound::Repeat(again)),
        Err(OutboundError::NotConfigured),
        Ok(Outbound::Behind(three)),
    ] = rest
    else {
        panic!("{rest:?}");
    };
    assert_eq!((again.id, again.content.as_str()), (one.message.id, "one"));
    assert_eq!(three.client_id, Some(three.id.to_string()), "a client id that is a UUID is the text's id");
    assert!(one.message.created_at < two.created_at && two.created_at < three.created_at);
    assert_eq!(world.number("select count(*) from messages where direction = 'outbound'").await, 3);
    assert_eq!(world.number("select count(*) from sends").await, 3);
}

#[tokio::test]
async fn answers_of_twilio_are_written_down_together_with_what_came_before_them() {
    let world = World::start().await;
    let mut sends = Vec::new();
    for phone in [ANN, BOB, NEW] {
        let contact = world.contact(world.team, phone).await;
        let Ok(Outbound::Claimed(send)) = world.sends(contact, "hello").await else { panic!("nothing is in the way") };
        sends.push(send.message.id);
    }
    // A callback was faster than the answer, and another program stored a text of its own under a SID.
    let early = StatusReport {
        account_sid: ACCOUNT.into(),
        message_sid: "SM1".into(),
        message_id: None,
        status: DeliveryStatus::Delivered,
        error_code: None,
        explanation: None,
        raw: json!({}),
        received_at: at(1),
    };
    world.store.record_status(&early).await.unwrap();
    world.sql("insert into messages (workspace_id, contact_id, direction, twilio_sid) select workspace_id, id, 'outbound', 'SM2' from contacts limit 1").await;
    let mut accepted: Vec<Accepted> = (0..)
        .zip(&sends)
        .map(|(n, id)| Accepted {
            id: *id,
            sid: format!("SM{n}"),
            status: DeliveryStatus::Queued,
            failure: None,
            now: at(2),
        })
        .collect();
    accepted.push(Accepted { id: MessageId(uuid()), ..accepted[0].clone() });

    let written = world.store.record_accepted_all(&accepted).await;

    let [Ok(plain), Ok(early), Ok(taken), Err(Error::UnknownMessage)] = &written[..] else { panic!("{written:?}") };
    assert_eq!((plain.status, plain.twilio_sid.as_deref()), (DeliveryStatus::Queued, Some("SM0")));
    assert_eq!((early.status, early.twilio_sid.as_deref()), (DeliveryStatus::Delivered, Some("SM1")));
    assert_eq!((taken.status, taken.twilio_sid.as_deref()), (DeliveryStatus::Queued, None));
    assert_eq!(world.number("select count(*) from sends").await, 0);
    for id in sends {
        let ledger = world.store.ledger(id).await.unwrap();
        assert!(ledger.iter().any(|row| row.kind == LedgerKind::Accepted && row.attempt == Some(1)), "{ledger:?}");
    }
}
