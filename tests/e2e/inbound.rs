//! A text comes in: webhook, Postgres, change feed, socket, cache, event.

use deskline_client::{ClientEvent, view::MessageState};
use deskline_domain::message::Direction;
use deskline_e2e::{
    World,
    world::{MARIA, OMAR},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_text_reaches_every_desktop_and_reading_it_on_one_clears_it_on_all() {
    let world = World::start().await;
    let (ann, ben) = tokio::join!(world.desktop("ann"), world.desktop("ben"));

    world.text(MARIA, "Is my cake ready?").await;

    let row = ann.conversation("Maria's text is in Ann's list", |row| row.unread_count == 1).await;
    assert_eq!(row.name, format!("Unknown ({MARIA})"));
    assert_eq!(row.preview.unwrap().text, "Is my cake ready?");
    let seen = ben.conversation("Maria's text is in Ben's list", |row| row.unread_count == 1).await;
    assert_eq!(ben.client.unread_count().await.unwrap(), 1);
    assert_eq!(ben.notifications.shown().len(), 1, "one text, one notification");

    ann.client.mark_read(row.contact_id).await.unwrap();

    assert_eq!(
        ann.client.unread_count().await.unwrap(),
        0,
        "the desktop where it was read does not wait for the server"
    );
    ben.conversation("it is read at Ben's too", |row| row.unread_count == 0).await;
    assert_eq!(ben.client.unread_count().await.unwrap(), 0);
    assert_eq!(ben.notifications.withdrawn(), [seen.contact_id], "the notification goes once it was read anywhere");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_comes_while_an_older_one_is_marked_read_stays_unread() {
    let mut world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "first").await;
    let row = ann.conversation("the first text", |row| row.unread_count == 1).await;
    world.kill_server();
    ann.offline().await;

    ann.client.mark_read(row.contact_id).await.unwrap();
    world.restart_server().await;
    let ben = world.desktop("ben").await;
    world.text(MARIA, "second").await;

    for desktop in [&ann, &ben] {
        desktop
            .conversation("one text is unread: the second", |row| {
                row.unread_count == 1 && row.preview.as_ref().is_some_and(|preview| preview.text == "second")
            })
            .await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_webhook_is_one_bubble_and_one_unread_text() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;

    let sid = world.text(MARIA, "hello?").await;
    assert!(
        world.twilio.receive_again(&sid).await.is_some_and(|delivery| delivery.is_ok()),
        "a repetition is taken too"
    );
    world.text(OMAR, "after it").await;

    ann.conversation("the text after it", |row| row.phone == OMAR).await;
    let row = ann.conversation("the repeated text", |row| row.phone == MARIA).await;
    assert_eq!(row.unread_count, 1);
    assert_eq!(ann.thread(row.contact_id).await.len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_the_desktop_was_off_is_there_when_it_is_on_again() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "before").await;
    ann.conversation("the text before", |row| row.unread_count == 1).await;
    let place = ann.close().await;
    for number in 0..60 {
        world.text(MARIA, &format!("meanwhile {number}")).await;
    }

    let ann = place.open().await;

    let row = ann.conversation("all of them", |row| row.unread_count == 61).await;
    let texts: Vec<_> = ann.thread(row.contact_id).await.into_iter().map(|bubble| bubble.content).collect();
    let expected: Vec<_> =
        std::iter::once("before".to_owned()).chain((0..60).map(|n| format!("meanwhile {n}"))).collect();
    assert_eq!(texts, expected, "in the order in which they were stored");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_written_by_another_program_is_seen_live() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;

    let contact = world.foreign_contact(OMAR, "Omar Haddad").await;
    sqlx::query(
        "insert into livechatmessages (workspace_id, contact_id, content, direction, status, message_type)
         values ($1, $2, 'from the dashboard', 'outbound', 'sent', 'text')",
    )
    .bind(world.workspace.0)
    .bind(contact.0)
    .execute(&world.foreign)
    .await
    .unwrap();

    let bubble = ann.bubble(contact, "the dashboard's text", |bubble| bubble.content == "from the dashboard").await;
    assert_eq!((bubble.direction, bubble.state), (Direction::Outbound, MessageState::Sent));
    sqlx::query("update contacts set unread_count = 7 where id = $1")
        .bind(contact.0)
        .execute(&world.foreign)
        .await
        .unwrap();
    ann.conversation("the dashboard's count", |row| row.contact_id == contact && row.unread_count == 7).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_written_while_every_database_connection_was_cut_arrives() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;

    world.cut_database().await;
    let contact = world.foreign_contact(OMAR, "Omar Haddad").await;

    ann.conversation("the contact", |row| row.contact_id == contact).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn desktops_of_two_servers_on_one_database_are_one_team() {
    let world = World::start().await;
    let other = world.second_server();
    let ann = world.desktop("ann").await;
    let ben = deskline_e2e::Desktop::new().await;
    let mut sign_in = world.agent("ben").await;
    sign_in.server = format!("http://{}", other.address());
    ben.sign_in(sign_in).await;

    world.text(MARIA, "to both").await;

    let row = ben.conversation("the text, through the other server", |row| row.unread_count == 1).await;
    ben.client.mark_read(row.contact_id).await.unwrap();
    ann.conversation("read through the other server", |row| row.unread_count == 0 && row.phone == MARIA).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn emoji_and_right_to_left_text_arrive_whole() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    let text = "مرحبا 👩‍👩‍👧 \u{202e}abc\u{202c} <b>bold</b> ' or 1=1 -- \\u0000 {{x}}";

    world.text(MARIA, text).await;

    let row = ann.conversation("the text", |row| row.unread_count == 1).await;
    assert_eq!(ann.thread(row.contact_id).await[0].content, text);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unread_number_is_told_as_an_event() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;

    let told = ann.event("the unread number is 1", |event| matches!(event, ClientEvent::UnreadChanged { total: 1 }));
    tokio::join!(told, world.text(MARIA, "ping"));

    world.end().await;
}
