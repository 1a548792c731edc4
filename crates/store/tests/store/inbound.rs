//! Texts that come in.

use chrono::TimeDelta;
use deskline_domain::{
    contact::ConversationStatus,
    delivery::DeliveryStatus,
    ids::WorkspaceId,
    message::{Direction, Media, MessageType},
};
use deskline_store::{DeadLetter, Error, NewInbound};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use crate::world::{ACCOUNT, ANN, OUR_NUMBER, World, at, inbound, uuid};

#[tokio::test]
async fn a_first_text_makes_an_open_contact_with_one_unread_text() {
    let world = World::start().await;

    let recorded = world.receives(ANN, "Hello").await;

    let (message, contact) = (recorded.message, recorded.contact);
    assert!(recorded.fresh);
    assert_eq!((message.direction, message.status), (Direction::Inbound, DeliveryStatus::Delivered));
    assert_eq!((message.content.as_str(), message.message_type), ("Hello", MessageType::Text));
    assert_eq!((message.from_number.as_deref(), message.to_number.as_deref()), (Some(ANN), Some(OUR_NUMBER)));
    assert_eq!(contact.name.as_deref(), Some("Unknown (+15550000001)"));
    assert_eq!((contact.phone.as_str(), contact.phone_number.as_str()), (ANN, ANN));
    assert_eq!((contact.unread_count, contact.conversation_status), (1, ConversationStatus::Open));
    assert_eq!((contact.last_message_at, message.created_at), (Some(at(0)), at(0)));
    assert_eq!(world.number("select count(*) from inbound_raw where raw = '{\"Body\": \"Hello\"}'").await, 1);
}

#[tokio::test]
async fn the_same_sid_from_eight_sides_at_once_is_one_text_and_one_unread() {
    let world = World::start().await;
    let text = inbound(world.team, ANN, "Hello");

    let tries = (0..8).map(|_| {
        let text = NewInbound {
            id: inbound(world.team, ANN, "").id,
            contact_id: inbound(world.team, ANN, "").contact_id,
            ..text.clone()
        };
        let store = world.store.clone();
        tokio::spawn(async move { store.record_inbound(&text).await.unwrap() })
    });
    let recorded: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();

    assert_eq!(recorded.iter().filter(|one| one.fresh).count(), 1);
    assert!(recorded.iter().all(|one| one.message == recorded[0].message && one.contact == recorded[0].contact));
    assert_eq!(recorded[0].contact.unread_count, 1);
    assert_eq!(world.number("select count(*) from messages").await, 1);
    assert_eq!(world.number("select count(*) from contacts").await, 1);
}

#[tokio::test]
async fn a_repeated_sid_from_another_sender_leaves_no_contact_behind() {
    let world = World::start().await;
    let text = inbound(world.team, ANN, "Hello");
    world.store.record_inbound(&text).await.unwrap();

    let again = NewInbound { twilio_sid: text.twilio_sid.clone(), ..inbound(world.team, "+15550000077", "Hello") };
    let recorded = world.store.record_inbound(&again).await.unwrap();

    assert!(!recorded.fresh);
    assert_eq!(recorded.contact.phone, ANN);
    assert_eq!(world.number("select count(*) from contacts").await, 1);
}

#[tokio::test]
async fn texts_of_one_contact_are_stored_heard_and_shown_in_one_order() {
    let world = World::start().await;

    let texts = (0..24).map(|n| {
        let mut text = inbound(world.team, ANN, &n.to_string());
        // Clocks of two processes that disagree by up to a second.
        text.received_at = at(0) - TimeDelta::milliseconds(i64::from(n % 5) * 200);
        let store = world.store.clone();
        tokio::spawn(async move { store.record_inbound(&text).await.unwrap() })
    });
    join_all(texts).await.into_iter().for_each(|one| assert!(one.unwrap().fresh));

    let disorder = "select count(*) from (
        select m.created_at <= lag(m.created_at) over (order by c.created_seq) as wrong
        from messages m join changes c on c.entity_id = m.id
      ) x where wrong";
    assert_eq!(world.number(disorder).await, 0);
    assert_eq!(world.number("select unread_count::bigint from contacts").await, 24);
}

#[rstest]
#[case::closed("Closed", ConversationStatus::Open)]
#[case::snoozed("Snoozed", ConversationStatus::Open)]
#[case::pending("Pending", ConversationStatus::Pending)]
#[tokio::test]
async fn a_text_reopens_a_conversation(#[case] before: &str, #[case] after: ConversationStatus) {
    let world = World::start().await;
    world.contact(world.team, ANN).await;
    world.sql(&format!("update contacts set conversation_status = '{before}'")).await;

    let recorded = world.receives(ANN, "Hello again").await;

    assert_eq!(recorded.contact.conversation_status, after);
    assert_eq!(recorded.contact.name.as_deref(), Some("Somebody"), "a name that somebody gave stays");
}

#[tokio::test]
async fn stop_opts_one_contact_of_one_team_out_and_start_in_again() {
    let world = World::start().await;
    let other = world.second_team().await;
    let elsewhere = world.contact(other, ANN).await;

    let stopped = world.receives(ANN, "stop").await;
    let still = world.receives(ANN, "who are you?").await;
    let started = world.receives(ANN, "START").await;

    assert_eq!(stopped.contact.opted_out_at, Some(at(0)));
    assert_eq!((stopped.message.content.as_str(), stopped.contact.unread_count), ("stop", 1));
    assert_eq!(still.contact.opted_out_at, Some(at(0)));
    assert_eq!(started.contact.opted_out_at, None);
    let elsewhere = world.store.contact(other, elsewhere).await.unwrap().unwrap();
    assert_eq!(elsewhere.opted_out_at, None);
}

#[tokio::test]
async fn every_file_of_an_mms_is_kept_and_the_first_is_told_to_old_programs() {
    let world = World::start().await;
    let media = |n: u8| Media {
        url: format!("https://api.example/{n}"),
        content_type: Some("image/png".into()),
        ..Media::default()
    };
    let mut text = inbound(world.team, ANN, "");
    text.media = vec![media(1), media(2)];

    let message = world.store.record_inbound(&text).await.unwrap().message;

    assert_eq!(message.media, [media(1), media(2)]);
    assert_eq!(message.message_type, MessageType::Media);
    assert_eq!(message.media_url.as_deref(), Some("https://api.example/1"));
    assert_eq!(message.media_type.as_deref(), Some("image/png"));
}

#[tokio::test]
async fn a_sender_that_is_a_word_and_a_nul_in_the_text_are_stored() {
    let world = World::start().await;
    let mut text = inbound(world.team, "DHL Express", "par\0cel");
    text.raw = json!({ "Body": "par\0cel" });

    let recorded = world.store.record_inbound(&text).await.unwrap();

    assert_eq!(recorded.contact.phone, "DHL Express");
    assert_eq!(recorded.message.content, "par\u{fffd}cel");
}

#[tokio::test]
async fn a_text_for_a_workspace_that_is_not_there_is_an_error_and_leaves_nothing() {
    let world = World::start().await;

    let error = world.store.record_inbound(&inbound(WorkspaceId(uuid()), ANN, "Hello")).await.unwrap_err();

    assert!(matches!(error, Error::UnknownWorkspace), "{error:?}");
    assert_eq!(world.number("select count(*) from contacts").await, 0);
}

#[tokio::test]
async fn a_dead_letter_is_kept_once() {
    let world = World::start().await;
    let letter = DeadLetter {
        account_sid: ACCOUNT.into(),
        twilio_sid: "SM1".into(),
        from: ANN.into(),
        to: "+15557770000".into(),
        raw: json!({ "Body": "Hello?" }),
        received_at: at(0),
    };

    assert!(world.store.record_dead_letter(&letter).await.unwrap());
    assert!(!world.store.record_dead_letter(&letter).await.unwrap());

    let kept = world.store.dead_letters(ACCOUNT).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].to.as_str(), &kept[0].raw), ("+15557770000", &letter.raw));
}

#[rstest]
#[case::milliseconds_taken_for_seconds(
    "insert into messages (contact_id, content, direction, created_at) select id, 'x', 'outbound', to_timestamp(1764137386000) from contacts"
)]
#[case::for_ever(
    "insert into messages (contact_id, content, direction, created_at) select id, 'x', 'outbound', 'infinity' from contacts"
)]
#[case::a_new_time("update contacts set created_at = '-infinity', last_message_at = to_timestamp(1764137386000)")]
#[case::an_opt_out_for_ever("update contacts set opted_out_at = 'infinity'")]
#[case::a_block_for_long("update contacts set blocked_at = to_timestamp(1764137386000)")]
#[case::a_snooze_for_long(
    "update contacts set conversation_status = 'Snoozed', snoozed_until = to_timestamp(1764137386000)"
)]
#[case::a_time_to_leave(
    "insert into messages (contact_id, content, direction, send_at) select id, 'x', 'outbound', 'infinity' from contacts"
)]
#[tokio::test]
async fn a_time_that_no_calendar_has_loses_no_text_of_its_contact(#[case] sql: &str) {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;

    world.sql(sql).await;
    let text = world.store.record_inbound(&inbound(world.team, ANN, "Hi")).await.expect("every row can be read");

    assert_eq!((text.contact.id, text.contact.unread_count), (ann, i32::from(text.contact.blocked_at.is_none())));
    assert_eq!(text.contact.opted_out_at.is_some(), sql.contains("opted_out_at"), "an opt-out stays one");
    let page = world.store.changes_after(world.team, 0, 10).await.unwrap();
    assert!(page.changes.iter().all(|change| change.decode().is_ok()), "{page:?}");
}
