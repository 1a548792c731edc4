//! What stands beside a draft's words at one desktop: the note that was begun, and `cancelOnReply`. Two desktops side by side are in
//! `tests/e2e/drafts.rs`.

use chrono::TimeDelta;
use deskline_client::{ClientEvent, view::ConversationFilter};
use deskline_domain::{ids::ContactId, protocol::ReplySettings};
use serde_json::{Value, json};

use crate::{
    desk::Desk,
    server::{Drafts, TeamServer},
};

/// A desktop with a contact, at a server that keeps drafts: with reply settings, or an older one.
async fn desk_with_ann(takes_replies: bool) -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let mut drafts = Drafts::taking_files(true);
    drafts.takes_replies = takes_replies;
    server.state().drafts = Some(drafts);
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    (server, desk, ann)
}

fn noted(note: &str) -> ReplySettings {
    ReplySettings { cancel_on_reply: false, note: note.to_owned() }
}

fn both(note: &str) -> ReplySettings {
    ReplySettings { cancel_on_reply: true, note: note.to_owned() }
}

async fn reply(desk: &Desk, contact: ContactId) -> ReplySettings {
    desk.client.conversation(contact).await.unwrap().reply
}

/// What the server has of a draft.
fn told(server: &TeamServer, contact: ContactId, name: &str) -> Value {
    let state = server.state();
    state.drafts.as_ref().unwrap().of(contact).map(|row| row[name].clone()).unwrap_or_default()
}

/// A version from another desktop, edited so many seconds from now. The server takes each version of ours for ten seconds newer than the one
/// before.
fn set_elsewhere(server: &TeamServer, contact: ContactId, reply: &ReplySettings, seconds: i64) {
    let mut state = server.state();
    let at = state.now() + TimeDelta::seconds(seconds);
    state.drafts.as_mut().unwrap().put_reply(contact, json!(reply), at);
}

#[tokio::test]
async fn a_note_that_was_begun_is_there_after_a_restart_with_a_server_and_without() {
    let (server, mut desk, ann) = desk_with_ann(true).await;
    server.set_down(true).await;

    desk.client.save_reply(ann, both("asks for a ref")).await.unwrap();
    desk.restart().await;

    assert_eq!(reply(&desk, ann).await, both("asks for a ref"));
    let row = desk.list(ConversationFilter::All).await.remove(0);
    assert_eq!((row.draft, row.reply.note.as_str()), (None, "asks for a ref"), "a note is no text that was begun");
    server.set_down(false).await;
    desk.until("it is told", async |_| told(&server, ann, "reply") == json!(both("asks for a ref"))).await;
    desk.restart().await;
    assert_eq!(reply(&desk, ann).await, both("asks for a ref"));
}

#[tokio::test]
async fn what_was_set_at_another_desktop_is_here_and_is_gone_when_it_is_gone_there() {
    let (server, mut desk, ann) = desk_with_ann(true).await;
    set_elsewhere(&server, ann, &both("asks for a refund"), 3_600);
    desk.restart().await;

    desk.until("it is here", async |desk| reply(desk, ann).await == both("asks for a refund")).await;

    set_elsewhere(&server, ann, &ReplySettings::default(), 7_200);
    desk.restart().await;
    desk.until("it is gone", async |desk| reply(desk, ann).await == ReplySettings::default()).await;
}

#[tokio::test]
async fn a_blank_note_is_none_and_an_overlong_one_is_told_as_far_as_notes_go() {
    let (server, desk, ann) = desk_with_ann(true).await;

    desk.client.save_reply(ann, noted(&"é".repeat(10_001))).await.unwrap();
    desk.until("it is told", async |_| {
        told(&server, ann, "reply")["note"].as_str().is_some_and(|note| note.chars().count() == 10_000)
    })
    .await;
    assert_eq!(reply(&desk, ann).await.note.chars().count(), 10_001, "its end stays here");
    desk.pass(TimeDelta::seconds(1));
    desk.client.save_reply(ann, noted(" ")).await.unwrap();

    assert_eq!(reply(&desk, ann).await, ReplySettings::default());
    desk.until("it is told", async |_| told(&server, ann, "reply")["note"] == "").await;
}

#[tokio::test]
async fn sending_a_text_keeps_the_note_and_forgets_what_was_set_for_it() {
    let (server, desk, ann) = desk_with_ann(true).await;
    desk.client.save_draft(ann, "Dear Ann".to_owned()).await.unwrap();
    desk.client.save_reply(ann, both("asks for a refund")).await.unwrap();
    desk.until("it is told", async |_| told(&server, ann, "reply") == json!(both("asks for a refund"))).await;
    desk.pass(TimeDelta::seconds(1));

    desk.client.send_message(ann, "Dear Ann".to_owned()).await.unwrap();

    assert_eq!(reply(&desk, ann).await, noted("asks for a refund"));
    assert_eq!(desk.client.draft(ann).await.unwrap(), None);
    desk.until("it is told", async |_| {
        told(&server, ann, "reply") == json!(noted("asks for a refund")) && told(&server, ann, "content").is_null()
    })
    .await;
    desk.pass(TimeDelta::seconds(1));
    desk.client.save_draft(ann, "And".to_owned()).await.unwrap();
    desk.client.save_draft(ann, String::new()).await.unwrap();
    assert_eq!(reply(&desk, ann).await, noted("asks for a refund"), "deleting words takes no note away");
}

#[tokio::test]
async fn an_older_server_takes_nothing_away_and_is_told_once_it_is_a_newer_one() {
    let (server, mut desk, ann) = desk_with_ann(false).await;
    desk.client.save_draft(ann, "Dear Ann".to_owned()).await.unwrap();
    desk.client.save_reply(ann, both("asks for a refund")).await.unwrap();
    desk.until("the words are told", async |_| told(&server, ann, "content") == "Dear Ann").await;
    desk.pass(TimeDelta::seconds(1));
    desk.client.save_draft(ann, String::new()).await.unwrap();
    desk.until("a draft of settings alone is none there", async |_| told(&server, ann, "content").is_null()).await;

    // It asks, and hears of no draft.
    desk.restart().await;
    desk.pass(TimeDelta::seconds(1));
    desk.client.save_draft(ann, "Dear".to_owned()).await.unwrap();
    desk.until("the words are told", async |_| told(&server, ann, "content") == "Dear").await;
    assert_eq!(reply(&desk, ann).await, both("asks for a refund"));
    desk.pass(TimeDelta::seconds(1));
    desk.client.save_draft(ann, String::new()).await.unwrap();
    desk.until("they are deleted there", async |_| told(&server, ann, "content").is_null()).await;
    assert_eq!(told(&server, ann, "reply"), json!({}));

    server.state().drafts.as_mut().unwrap().takes_replies = true;
    desk.restart().await;

    desk.until("it is told", async |_| told(&server, ann, "reply") == json!(both("asks for a refund"))).await;
    assert_eq!(reply(&desk, ann).await, both("asks for a refund"));
}

#[tokio::test]
async fn words_that_are_typed_on_take_no_note_away_that_was_begun_elsewhere_meanwhile() {
    let (server, desk, ann) = desk_with_ann(true).await;
    desk.client.save_draft(ann, "Dear".to_owned()).await.unwrap();
    desk.until("it is told", async |_| told(&server, ann, "content") == "Dear").await;
    let mut events = desk.client.events();
    set_elsewhere(&server, ann, &noted("asks for a refund"), 5);

    desk.pass(TimeDelta::seconds(10));
    desk.client.save_draft(ann, "Dear Ann".to_owned()).await.unwrap();

    desk.until("the words are told", async |_| told(&server, ann, "content") == "Dear Ann").await;
    desk.until("the note is here", async |desk| reply(desk, ann).await == noted("asks for a refund")).await;
    assert_eq!(desk.client.draft(ann).await.unwrap().as_deref(), Some("Dear Ann"));
    assert_eq!(told(&server, ann, "reply"), json!(noted("asks for a refund")));
    while events.recv().await.unwrap() != (ClientEvent::DraftChanged { contact_id: ann }) {}
}

#[tokio::test]
async fn nothing_is_put_under_the_cursor_of_whoever_writes_a_note() {
    let (server, desk, ann) = desk_with_ann(true).await;
    desk.client.save_reply(ann, noted("asks")).await.unwrap();
    desk.until("it is told", async |_| told(&server, ann, "reply") == json!(noted("asks"))).await;

    set_elsewhere(&server, ann, &noted("from home"), 15);
    desk.client.save_reply(ann, noted("asks for")).await.unwrap();

    desk.until("what is being written is the newest", async |_| {
        told(&server, ann, "reply") == json!(noted("asks for"))
    })
    .await;
    assert_eq!(reply(&desk, ann).await, noted("asks for"));
}
