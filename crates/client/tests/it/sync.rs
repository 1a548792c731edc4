//! The cache follows the feed, whatever breaks on the way.

use axum::http::StatusCode;
use chrono::TimeDelta;
use deskline_client::{
    ClientEvent,
    view::{Connection, ConversationFilter, ConversationQuery, MessageQuery},
};
use deskline_domain::contact::ConversationStatus;
use serde_json::json;

use crate::{
    desk::Desk,
    server::{Fault, TeamServer, error},
};

#[tokio::test]
async fn a_first_sync_shows_the_conversations_newest_first_and_notifies_nobody() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let bob = server.contact("Bob", "+15550100002");
    server.receives(bob, "is it ready?").await;
    server.receives(ann, "are you open?").await;

    let desk = Desk::signed_in(&server).await;

    desk.until_shown(ann, &["are you open?"]).await;
    let list = desk.list(ConversationFilter::Open).await;
    assert_eq!(list.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Ann", "Bob"]);
    assert_eq!(list[0].preview.as_ref().unwrap().text, "are you open?");
    assert_eq!((list[0].unread_count, desk.client.unread_count().await.unwrap()), (1, 2));
    assert_eq!(desk.notifier.shown(), []);
}

#[tokio::test]
async fn a_text_that_comes_in_is_shown_counted_and_notified_once() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann in the list", async |desk| desk.names(ConversationFilter::Open).await == ["Ann"]).await;

    server.receives(ann, "are you open?").await;

    desk.until_shown(ann, &["are you open?"]).await;
    desk.until("a notification", async |desk| !desk.notifier.shown().is_empty()).await;
    assert_eq!(desk.client.unread_count().await.unwrap(), 1);
    let shown = desk.notifier.shown();
    assert_eq!((shown.len(), shown[0].title.as_str(), shown[0].body.as_str()), (1, "Ann", "are you open?"));
}

#[tokio::test]
async fn history_arrives_in_pages_and_goes_on_where_it_was_cut_off() {
    let server = TeamServer::start().await;
    server.state().snapshot_page = 7;
    let ann = server.contact("Ann", "+15550100001");
    for n in 0..60 {
        server.receives(ann, &format!("text {n}")).await;
    }
    let mut desk = Desk::open(&server).await;
    // The first page arrives; the second breaks off in the middle.
    server.fault("/commands", Fault::Break);
    desk.sign_in().await.unwrap();
    desk.until("a first page", async |desk| !desk.thread(ann).await.is_empty()).await;
    server.fault("/sync", Fault::CutBody);
    desk.restart().await;

    desk.until("all of the history", async |desk| desk.thread(ann).await.len() == 60).await;

    let texts = desk.texts(ann).await;
    assert_eq!((texts[0].as_str(), texts[59].as_str()), ("text 0", "text 59"));
    assert_eq!(desk.notifier.shown(), [], "history is no news");
}

#[tokio::test]
async fn a_page_that_breaks_off_changes_nothing_and_is_asked_for_again() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann in the list", async |desk| desk.names(ConversationFilter::Open).await == ["Ann"]).await;

    for _ in 0..3 {
        server.fault("/sync", Fault::CutBody);
    }
    server.receives(ann, "first").await;
    server.receives(ann, "second").await;

    desk.until_shown(ann, &["first", "second"]).await;
    assert_eq!(desk.client.unread_count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_set_aside_and_the_others_arrive() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann in the list", async |desk| desk.names(ConversationFilter::Open).await == ["Ann"]).await;

    server.set_down(true).await;
    let bad = server.receives(ann, "unreadable").await;
    server.change_message(bad, |row| row["direction"] = json!("sideways")).await;
    server.receives(ann, "readable").await;
    server.set_down(false).await;

    desk.until_shown(ann, &["readable"]).await;
    server.change_message(bad, |row| row["direction"] = json!("inbound")).await;
    desk.until_shown(ann, &["unreadable", "readable"]).await;
}

#[tokio::test]
async fn another_feed_starts_over_from_a_snapshot_and_keeps_what_waits() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let gone = server.contact("Gone", "+15550100002");
    server.receives(ann, "hello").await;
    let desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["hello"]).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "on my way".to_owned()).await.unwrap();

    server.state().delete("contact", gone.0);
    server.restore_backup();
    server.set_down(false).await;

    desk.until("the text on the server", async |_| server.sent_texts() == ["on my way"]).await;
    desk.until("the restored rows", async |desk| desk.names(ConversationFilter::All).await == ["Ann"]).await;
    desk.until_shown(ann, &["hello", "on my way"]).await;
}

#[tokio::test]
async fn a_deleted_text_and_a_deleted_contact_disappear() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let bob = server.contact("Bob", "+15550100002");
    let text = server.receives(ann, "hello").await;
    let desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["hello"]).await;

    server.state().delete("message", text.0);
    server.state().delete("contact", bob.0);

    desk.until_shown(ann, &[]).await;
    desk.until("Ann alone", async |desk| desk.names(ConversationFilter::All).await == ["Ann"]).await;
}

#[tokio::test]
async fn the_list_is_filtered_and_paged_without_a_gap_or_a_repetition() {
    let server = TeamServer::start().await;
    for n in 0..25 {
        server.contact(&format!("Contact {n:02}"), &format!("+155501000{n:02}"));
    }
    let closed = server.contact("Closed", "+15550100099");
    server.change_contact(closed, |row| row["conversation_status"] = json!("Closed")).await;
    let desk = Desk::signed_in(&server).await;
    desk.until("all contacts", async |desk| desk.list(ConversationFilter::All).await.len() == 26).await;

    let mut names = Vec::new();
    let mut page = None;
    loop {
        let query = ConversationQuery { page, limit: 10, ..ConversationQuery::default() };
        let answer = desk.client.conversations(query).await.unwrap();
        names.extend(answer.conversations.into_iter().map(|row| row.name));
        let Some(next) = answer.next else { break };
        page = Some(next);
    }

    let expected: Vec<String> = (0..25).rev().map(|n| format!("Contact {n:02}")).collect();
    assert_eq!(names, expected);
    assert_eq!(desk.names(ConversationFilter::Closed).await, ["Closed"]);
    assert_eq!(desk.list(ConversationFilter::Closed).await[0].status, ConversationStatus::Closed);
}

#[tokio::test]
async fn a_thread_is_paged_backwards_with_waiting_texts_in_their_place() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    for n in 0..10 {
        server.receives(ann, &format!("{n}")).await;
    }
    let desk = Desk::signed_in(&server).await;
    desk.until("ten texts", async |desk| desk.thread(ann).await.len() == 10).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "10".to_owned()).await.unwrap();
    desk.client.send_message(ann, "11".to_owned()).await.unwrap();

    let mut texts: Vec<String> = Vec::new();
    let mut page = None;
    loop {
        let answer = desk.client.messages(MessageQuery { contact_id: ann, page, limit: 5 }).await.unwrap();
        texts.splice(0..0, answer.messages.into_iter().map(|message| message.content));
        let Some(older) = answer.older else { break };
        page = Some(older);
    }

    assert_eq!(texts, (0..12).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_that_is_away_is_said_to_be_away_since_when_and_what_waits() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann in the list", async |desk| desk.names(ConversationFilter::Open).await == ["Ann"]).await;

    server.set_down(true).await;
    desk.until("offline", async |desk| matches!(desk.client.connection(), Connection::Offline { .. })).await;
    let Connection::Offline { since, .. } = desk.client.connection() else { panic!("it is offline") };
    desk.pass(TimeDelta::minutes(5));
    desk.client.send_message(ann, "later".to_owned()).await.unwrap();

    desk.until("one text waits", async |desk| {
        matches!(desk.client.connection(), Connection::Offline { waiting: 1, since: still, .. } if still == since)
    })
    .await;
    server.set_down(false).await;
    desk.until("online", async |desk| !matches!(desk.client.connection(), Connection::Offline { .. })).await;
}

#[tokio::test]
async fn a_server_that_wants_a_newer_desktop_says_so_and_nothing_is_lost() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann in the list", async |desk| desk.names(ConversationFilter::Open).await == ["Ann"]).await;

    server.fault("/sms/send-sms", Fault::Say(StatusCode::UPGRADE_REQUIRED, error("Update")));
    for _ in 0..40 {
        server.fault("/session", Fault::Say(StatusCode::UPGRADE_REQUIRED, error("Update")));
        server.fault("/sync", Fault::Say(StatusCode::UPGRADE_REQUIRED, error("Update")));
    }
    desk.client.send_message(ann, "still here".to_owned()).await.unwrap();

    desk.until("incompatible", async |desk| matches!(desk.client.connection(), Connection::Incompatible { .. })).await;
    desk.until_shown(ann, &["still here"]).await;
    desk.until("the text on the server", async |_| server.sent_texts() == ["still here"]).await;
}

#[tokio::test]
async fn what_a_comparison_with_twilio_came_to_is_told_kept_and_taken_back() {
    let server = TeamServer::start().await;
    server.audits(412, 411).await;
    let mut desk = Desk::signed_in(&server).await;
    let figures = async |desk: &Desk| desk.client.audit().await.unwrap().map(|audit| (audit.twilio, audit.here));
    desk.until("the snapshot's figures", async |desk| figures(desk).await == Some((412, 411))).await;

    let events = std::sync::Mutex::new(desk.client.events());
    server.audits(413, 413).await;
    desk.until("newer figures", async |desk| figures(desk).await == Some((413, 413))).await;
    desk.until("the window hears of it", async |_| {
        let mut events = events.lock().unwrap();
        std::iter::from_fn(|| events.try_recv().ok()).any(|event| event == ClientEvent::AuditChanged)
    })
    .await;
    let checked_at = desk.client.audit().await.unwrap().unwrap().checked_at;
    assert_eq!(checked_at, server.state().now(), "by the clock of the database");

    server.set_down(true).await;
    desk.restart().await;
    assert_eq!(figures(&desk).await, Some((413, 413)), "it is on this machine");
    let workspace = server.state().workspace_id;
    server.state().delete("audit", workspace.0);
    server.set_down(false).await;
    desk.until("nothing, once the account is gone", async |desk| figures(desk).await.is_none()).await;
}
