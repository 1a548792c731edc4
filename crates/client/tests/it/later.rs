//! Texts for later: handed to the server at once, which keeps them; changed and called off there.

use chrono::TimeDelta;
use deskline_client::{
    ErrorCode,
    view::{Later, Message, MessageState, Reschedule},
};
use deskline_domain::ids::ContactId;
use serde_json::json;

use crate::{desk::Desk, server::TeamServer};

async fn desk_with_ann() -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    (server, desk, ann)
}

fn tomorrow(desk: &Desk) -> Later {
    Later { send_at: desk.now() + TimeDelta::hours(20), cancel_on_reply: true }
}

async fn the_only(desk: &Desk, ann: ContactId) -> Message {
    let mut texts = desk.client.scheduled(ann).await.unwrap();
    assert_eq!(texts.len(), 1, "one text for later is told once: {texts:?}");
    texts.remove(0)
}

async fn kept(desk: &Desk, ann: ContactId) -> Message {
    desk.until("the server keeps it", async |desk| the_only(desk, ann).await.state == MessageState::Scheduled).await;
    the_only(desk, ann).await
}

#[tokio::test]
async fn a_text_for_later_goes_to_the_server_at_once_and_says_when_it_leaves() {
    let (server, desk, ann) = desk_with_ann().await;
    let later = tomorrow(&desk);

    let echo = desk.client.send_later(ann, "Good morning".to_owned(), &[], later).await.unwrap();

    assert_eq!((echo.state, echo.send_at), (MessageState::Waiting, Some(later.send_at)));
    let text = kept(&desk, ann).await;
    assert_eq!((text.id, text.send_at), (echo.id, Some(later.send_at)));
    assert_eq!(server.state().row("message", echo.id.0)["status"], "scheduled");
    desk.until("the outbox has forgotten it", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
    server.change_message(echo.id, |row| row["status"] = json!("delivered")).await;
    desk.until("it has left", async |desk| desk.client.scheduled(ann).await.unwrap().is_empty()).await;
    let bubble = desk.thread(ann).await.remove(0);
    assert_eq!((bubble.state, bubble.send_at), (MessageState::Delivered, None));
}

#[tokio::test]
async fn one_that_was_written_offline_waits_here_and_keeps_its_time_through_a_restart() {
    let (server, mut desk, ann) = desk_with_ann().await;
    let later = tomorrow(&desk);
    server.set_down(true).await;

    desk.client.send_later(ann, "Good morning".to_owned(), &[], later).await.unwrap();
    desk.restart().await;

    let text = the_only(&desk, ann).await;
    assert_ne!(text.state, MessageState::Scheduled, "the server has not got it");
    assert_eq!(text.send_at, Some(later.send_at));
    // Longer than anybody may leave a text unasked, and still before its time.
    desk.pass(TimeDelta::hours(9));
    server.set_down(false).await;
    assert_eq!(kept(&desk, ann).await.send_at, Some(later.send_at));
}

#[tokio::test]
async fn one_whose_time_passed_while_the_server_was_away_is_asked_about_and_leaves_when_the_agent_says_so() {
    let (server, desk, ann) = desk_with_ann().await;
    let later = tomorrow(&desk);
    server.set_down(true).await;
    let echo = desk.client.send_later(ann, "Good morning".to_owned(), &[], later).await.unwrap();
    desk.pass(TimeDelta::hours(21));

    server.set_down(false).await;

    desk.until("it is held", async |desk| desk.client.message(echo.id).await.unwrap().state == MessageState::Held)
        .await;
    let failure = desk.client.message(echo.id).await.unwrap().failure.unwrap();
    assert!(failure.explanation.starts_with("The time that you chose has passed"), "{}", failure.explanation);
    assert!(server.sent().is_empty());
    desk.client.retry(echo.id).await.unwrap();
    desk.until("it has left", async |_| server.sent_texts() == ["Good morning"]).await;
    assert_eq!(server.state().row("message", echo.id.0)["status"], "queued", "at once, and not for later");
}

#[tokio::test]
async fn the_server_is_asked_for_another_time_other_words_and_to_send_it_now() {
    let (server, desk, ann) = desk_with_ann().await;
    let later = tomorrow(&desk);
    desk.client.send_later(ann, "Good morning".to_owned(), &[], later).await.unwrap();
    let id = kept(&desk, ann).await.id;
    let send_at = later.send_at + TimeDelta::hours(2);

    desk.client.reschedule(id, Reschedule::At { send_at }).await.unwrap();
    desk.client.reschedule(id, Reschedule::Words { text: "Good day".to_owned() }).await.unwrap();

    desk.until("both", async |desk| {
        let text = the_only(desk, ann).await;
        text.send_at == Some(send_at) && text.content == "Good day"
    })
    .await;
    desk.client.reschedule(id, Reschedule::Now).await.unwrap();
    desk.until("it is for later no more", async |desk| desk.client.scheduled(ann).await.unwrap().is_empty()).await;
    let refused = desk.client.reschedule(id, Reschedule::Now).await.unwrap_err();
    assert_eq!((refused.code(), refused.to_string().as_str()), (ErrorCode::Refused, "This text has left already."));
    server.set_down(true).await;
    assert_eq!(desk.client.reschedule(id, Reschedule::Now).await.unwrap_err().code(), ErrorCode::Unreachable);
}

#[tokio::test]
async fn one_is_called_off_at_the_server() {
    let (_server, desk, ann) = desk_with_ann().await;
    desk.client.send_later(ann, "Good morning".to_owned(), &[], tomorrow(&desk)).await.unwrap();
    let id = kept(&desk, ann).await.id;

    desk.client.call_off(id).await.unwrap();

    desk.until("called off", async |desk| desk.client.message(id).await.unwrap().state == MessageState::Canceled).await;
    assert!(desk.client.scheduled(ann).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_time_that_is_over_or_too_far_away_is_refused_before_anything_is_kept() {
    let (_server, desk, ann) = desk_with_ann().await;

    for hours in [-1, 24 * 366] {
        let later = Later { send_at: desk.now() + TimeDelta::hours(hours), cancel_on_reply: false };
        let refused = desk.client.send_later(ann, "Good morning".to_owned(), &[], later).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Refused, "{hours} hours ahead: {refused}");
    }
    assert!(desk.thread(ann).await.is_empty());
}
