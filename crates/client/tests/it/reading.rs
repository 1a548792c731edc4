//! Reading a thread: at once here, then on the server, and never more than was on screen.

use axum::http::StatusCode;
use deskline_client::{ClientEvent, view::ConversationFilter};
use deskline_domain::command::Action;
use serde_json::json;

use crate::{
    desk::Desk,
    server::{Fault, TeamServer, error},
};

async fn desk_with_two_unread() -> (TeamServer, Desk, deskline_domain::ids::ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "one").await;
    server.receives(ann, "two").await;
    let desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["one", "two"]).await;
    (server, desk, ann)
}

#[tokio::test]
async fn a_thread_is_read_at_once_and_the_server_hears_of_it_once() {
    let (server, desk, ann) = desk_with_two_unread().await;
    let mut events = desk.client.events();

    desk.client.mark_read(ann).await.unwrap();
    desk.client.mark_read(ann).await.unwrap();

    assert_eq!(desk.client.unread_count().await.unwrap(), 0);
    assert_eq!(desk.client.conversation(ann).await.unwrap().unread_count, 0);
    assert!(desk.names(ConversationFilter::Unread).await.is_empty());
    desk.until("read on the server", async |_| server.unread(ann) == 0).await;
    assert_eq!(server.state().commands.len(), 1);
    let mut totals = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let ClientEvent::UnreadChanged { total } = event {
            totals.push(total);
        }
    }
    // The first sync may have told its figure only now.
    let told = totals.strip_prefix(&[2]).unwrap_or(&totals);
    assert_eq!(told, [0], "the number never jumps back");
}

#[tokio::test]
async fn reading_while_offline_is_told_later_and_a_newer_text_stays_unread() {
    let (server, desk, ann) = desk_with_two_unread().await;
    server.set_down(true).await;

    desk.client.mark_read(ann).await.unwrap();
    server.receives(ann, "three").await;
    server.set_down(false).await;

    desk.until_shown(ann, &["one", "two", "three"]).await;
    desk.until("told", async |_| server.state().commands.len() == 1).await;
    desk.until("one is unread", async |desk| desk.client.unread_count().await.unwrap() == 1).await;
    assert_eq!(server.unread(ann), 1);
    let Action::MarkRead { contact_id, up_to } = server.state().commands[0].action else { panic!("another command") };
    assert_eq!((contact_id, up_to), (ann, Some(desk.thread(ann).await[1].id)));
}

#[tokio::test]
async fn reading_survives_the_end_of_the_program() {
    let (server, mut desk, ann) = desk_with_two_unread().await;
    server.set_down(true).await;
    desk.client.mark_read(ann).await.unwrap();

    desk.restart().await;
    assert_eq!(desk.client.unread_count().await.unwrap(), 0);
    server.set_down(false).await;

    desk.until("read on the server", async |_| server.unread(ann) == 0).await;
}

#[tokio::test]
async fn what_the_server_refuses_is_taken_back() {
    let (server, desk, ann) = desk_with_two_unread().await;
    server.fault("/commands", Fault::Say(StatusCode::FORBIDDEN, error("Forbidden")));

    desk.client.mark_read(ann).await.unwrap();

    desk.until("unread again", async |desk| desk.client.unread_count().await.unwrap() == 2).await;
    assert!(desk.client.taken_back().await.unwrap().is_empty(), "looking at a thread is nothing to be told about");
}

#[tokio::test]
async fn a_blocked_contacts_text_is_stored_and_notifies_nobody() {
    let (server, desk, ann) = desk_with_two_unread().await;
    server.change_contact(ann, |row| row["blocked_at"] = json!("2026-09-21T00:00:00Z")).await;
    desk.until("blocked", async |desk| desk.client.conversation(ann).await.unwrap().blocked).await;

    server.receives(ann, "three").await;

    desk.until_shown(ann, &["one", "two", "three"]).await;
    let bob = server.contact("Bob", "+15550100002");
    server.receives(bob, "hello").await;
    desk.until("Bob's", async |desk| !desk.notifier.shown().is_empty()).await;
    assert_eq!(desk.notifier.shown().iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["Bob"]);
}
