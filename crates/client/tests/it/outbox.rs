//! Texts: on disk at once, on the server once, in order, whatever breaks on the way.

use std::collections::HashSet;

use axum::http::StatusCode;
use deskline_client::{
    Error, ErrorCode,
    view::{Connection, Message, MessageState},
};
use deskline_domain::{
    command::Action,
    ids::{ContactId, MessageId},
};
use serde_json::json;

use crate::{
    desk::Desk,
    server::{Fault, TeamServer, error},
};

async fn desk_with_ann() -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    (server, desk, ann)
}

async fn the_only(desk: &Desk, contact_id: ContactId) -> Message {
    let thread = desk.thread(contact_id).await;
    assert_eq!(thread.len(), 1, "one text is one bubble");
    thread.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_text_is_shown_at_once_sent_once_and_never_doubled() {
    let (server, desk, ann) = desk_with_ann().await;

    let echo = desk.client.send_message(ann, "on my way".to_owned()).await.unwrap();

    assert_eq!((echo.state, echo.mine, echo.content.as_str()), (MessageState::Waiting, true, "on my way"));
    let mut states = Vec::new();
    desk.until("the server's row", async |desk| {
        let bubble = the_only(desk, ann).await;
        assert_eq!(bubble.id, echo.id);
        states.contains(&bubble.state) || {
            bubble.state == MessageState::Accepted
                && desk.client.message(echo.id).await.unwrap().created_at != echo.created_at
        }
    })
    .await;
    states.clear();
    assert_eq!(server.sent(), [(echo.id.to_string(), "on my way".to_owned())]);
    assert!(the_only(&desk, ann).await.mine);
    server.change_message(echo.id, |row| row["status"] = json!("delivered")).await;
    desk.until("a tick", async |desk| the_only(desk, ann).await.state == MessageState::Delivered).await;
}

#[tokio::test]
async fn a_text_that_is_shown_already_keeps_its_id_and_is_taken_once() {
    let (server, desk, ann) = desk_with_ann().await;
    let id = MessageId(uuid::Uuid::from_u128(7));

    let kept = desk.client.send_shown(id, ann, "on my way".to_owned(), &[]).await.unwrap();
    let again = desk.client.send_shown(id, ann, "on my way".to_owned(), &[]).await;

    assert_eq!((kept.id, again.unwrap_err().code()), (id, ErrorCode::Internal));
    desk.until("sent", async |_| !server.sent().is_empty()).await;
    assert_eq!(server.sent(), [(id.to_string(), "on my way".to_owned())]);
    assert_eq!(the_only(&desk, ann).await.id, id);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_the_same_id() {
    let (server, desk, ann) = desk_with_ann().await;
    server.fault("/sms/send-sms", Fault::LoseAnswer);
    server.fault("/sms/send-sms", Fault::LoseAnswer);
    server.fault("/sms/send-sms", Fault::Break);
    server.fault("/sms/send-sms", Fault::Say(StatusCode::SERVICE_UNAVAILABLE, error("Not now")));

    desk.client.send_message(ann, "once".to_owned()).await.unwrap();
    desk.client.send_message(ann, "twice".to_owned()).await.unwrap();

    desk.until("both", async |_| server.sent().len() == 2).await;
    desk.until("nothing waits", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
    assert_eq!(server.sent_texts(), ["once", "twice"]);
    desk.until_shown(ann, &["once", "twice"]).await;
}

#[tokio::test]
async fn texts_written_offline_leave_in_order_after_a_restart() {
    let (server, mut desk, ann) = desk_with_ann().await;
    let bob = server.contact("Bob", "+15550100002");
    desk.until("Bob", async |desk| desk.client.conversation(bob).await.is_ok()).await;
    server.set_down(true).await;

    for text in ["one", "two", "three"] {
        desk.client.send_message(ann, text.to_owned()).await.unwrap();
    }
    desk.client.send_message(bob, "hello Bob".to_owned()).await.unwrap();
    desk.restart().await;
    assert_eq!(desk.texts(ann).await, ["one", "two", "three"]);
    assert_eq!(desk.client.waiting_count().await.unwrap(), 4);
    server.set_down(false).await;

    desk.until("all four", async |_| server.sent().len() == 4).await;
    let to_ann: Vec<String> = server.sent_texts().into_iter().filter(|text| text != "hello Bob").collect();
    assert_eq!(to_ann, ["one", "two", "three"]);
    desk.until_shown(ann, &["one", "two", "three"]).await;
}

#[tokio::test]
async fn a_conversation_that_hangs_holds_up_its_own_texts_alone() {
    let (server, desk, ann) = desk_with_ann().await;
    let bob = server.contact("Bob", "+15550100002");
    desk.until("Bob", async |desk| desk.client.conversation(bob).await.is_ok()).await;
    server.fault("/sms/send-sms", Fault::Hang);

    desk.client.send_message(ann, "first".to_owned()).await.unwrap();
    desk.until("it hangs", async |_| server.asked("/sms/send-sms") == 1).await;
    desk.client.send_message(ann, "second".to_owned()).await.unwrap();
    desk.client.send_message(bob, "hello Bob".to_owned()).await.unwrap();

    desk.until("Bob's text", async |_| server.sent_texts() == ["hello Bob"]).await;
    server.set_down(true).await;
    server.set_down(false).await;
    desk.until("all", async |_| server.sent_texts() == ["hello Bob", "first", "second"]).await;
}

#[tokio::test]
async fn killed_at_any_point_a_text_is_neither_lost_nor_sent_twice() {
    let (server, mut desk, ann) = desk_with_ann().await;
    let mut written = Vec::new();

    for round in 0..30_u32 {
        // Each round is cut off somewhere else: before the request, in the middle of it, after it, while rows arrive.
        match round % 4 {
            0 => server.fault("/sms/send-sms", Fault::LoseAnswer),
            1 => server.fault("/sms/send-sms", Fault::Hang),
            2 => server.fault("/sync", Fault::CutBody),
            _ => {}
        }
        if round % 2 == 0 {
            // The feed was looked at since the start, so that nothing waits for it.
            let asked = server.asked("/sync");
            desk.until("two looks", async |_| server.asked("/sync") > asked + 1).await;
        }
        let text = format!("text {round}");
        desk.client.send_message(ann, text.clone()).await.unwrap();
        written.push(text);
        for _ in 0..round % 7 {
            tokio::task::yield_now().await;
        }
        desk.restart().await;
        assert_eq!(desk.texts(ann).await.len(), written.len(), "every text is shown, once, after round {round}");
    }

    // A request that hangs takes seconds, and nobody comes to end it any more.
    server.state().faults.clear();
    desk.until("all of them", async |_| server.sent().len() >= written.len()).await;
    desk.until("nothing waits", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
    assert_eq!(server.sent_texts(), written, "each once, and in order");
    let ids: HashSet<String> = server.sent().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), written.len());
}

#[tokio::test]
async fn what_twilio_refuses_is_shown_as_failed_with_the_reason_and_can_be_sent_again() {
    let (server, desk, ann) = desk_with_ann().await;

    desk.client.send_message(ann, "refuse me".to_owned()).await.unwrap();

    desk.until("failed", async |desk| the_only(desk, ann).await.failure.is_some()).await;
    let bubble = the_only(&desk, ann).await;
    let failure = bubble.failure.unwrap();
    assert_eq!((bubble.state, failure.code), (MessageState::Failed, Some(30_006)));
    assert!(failure.can_retry && !failure.can_discard);
    assert!(desk.client.conversation(ann).await.unwrap().has_failure);
    assert_eq!(desk.client.discard(bubble.id).await.unwrap_err().code(), ErrorCode::AlreadySent);
    desk.client.retry(bubble.id).await.unwrap();
    desk.until("on the server again", async |desk| the_only(desk, ann).await.state == MessageState::OnServer).await;
    assert!(!desk.client.conversation(ann).await.unwrap().has_failure);
    assert_eq!(server.sent().len(), 1, "it is the same text, and no new one");
    let told = server.state().commands.iter().filter(|told| matches!(told.action, Action::Resend { .. })).count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn a_retry_that_the_server_refuses_is_taken_back_and_the_text_has_failed_as_before() {
    let (server, desk, ann) = desk_with_ann().await;
    desk.client.send_message(ann, "refuse me".to_owned()).await.unwrap();
    desk.until("failed", async |desk| the_only(desk, ann).await.failure.is_some()).await;
    let bubble = the_only(&desk, ann).await;
    server.state().change("message", bubble.id.0, |row| row["status"] = "undelivered".into());

    desk.client.retry(bubble.id).await.unwrap();

    desk.until("taken back", async |desk| desk.client.taken_back().await.unwrap().len() == 1).await;
    let taken = desk.client.taken_back().await.unwrap().remove(0);
    assert!(matches!(taken.action, Action::Resend { message_id, .. } if message_id == bubble.id));
    assert_eq!(taken.reason, "This text did not fail.");
    assert!(the_only(&desk, ann).await.failure.is_some(), "nothing shows the retry any more");
}

#[tokio::test]
async fn what_the_server_retries_is_the_servers_and_not_sent_again() {
    let (server, desk, ann) = desk_with_ann().await;

    desk.client.send_message(ann, "twilio is away".to_owned()).await.unwrap();

    desk.until("handed over", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
    desk.until("the server's row", async |_| server.sent().len() == 1).await;
    assert_eq!(the_only(&desk, ann).await.state, MessageState::OnServer);
    assert_eq!(server.asked("/sms/send-sms"), 1);
}

#[tokio::test]
async fn a_text_to_a_contact_that_is_gone_is_parked_and_can_be_discarded() {
    let (server, desk, ann) = desk_with_ann().await;
    server.fault("/sms/send-sms", Fault::Say(StatusCode::NOT_FOUND, error("Contact not found")));

    let echo = desk.client.send_message(ann, "hello?".to_owned()).await.unwrap();

    desk.until("parked", async |desk| the_only(desk, ann).await.state == MessageState::Parked).await;
    let failure = the_only(&desk, ann).await.failure.unwrap();
    assert_eq!(failure.explanation, "This contact no longer exists on the server.");
    assert!(failure.can_discard && desk.client.conversation(ann).await.unwrap().has_failure);
    desk.client.discard(echo.id).await.unwrap();
    assert!(desk.thread(ann).await.is_empty());
    assert!(server.sent().is_empty());
}

#[tokio::test]
async fn a_parked_text_is_sent_again_under_its_own_id() {
    let (server, desk, ann) = desk_with_ann().await;
    let body = error("Twilio not configured for this workspace");
    server.fault("/sms/send-sms", Fault::Say(StatusCode::BAD_REQUEST, body));
    let echo = desk.client.send_message(ann, "hello".to_owned()).await.unwrap();
    desk.until("parked", async |desk| the_only(desk, ann).await.state == MessageState::Parked).await;

    desk.client.retry(echo.id).await.unwrap();

    desk.until("sent", async |_| server.sent() == [(echo.id.to_string(), "hello".to_owned())]).await;
}

#[tokio::test]
async fn the_gate_is_asked_before_a_text_is_queued_and_again_before_it_leaves() {
    let (server, desk, ann) = desk_with_ann().await;
    assert!(matches!(desk.client.send_message(ann, " ".to_owned()).await, Err(Error::Refused(_))));
    assert!(matches!(desk.client.send_message(ann, "x".repeat(10_000)).await, Err(Error::Refused(_))));
    server.set_down(true).await;
    // The head of the conversation cannot be stopped any more: it may have left. The one behind it can.
    desk.client.send_message(ann, "before the STOP".to_owned()).await.unwrap();
    desk.client.send_message(ann, "after the STOP".to_owned()).await.unwrap();

    server.change_contact(ann, |row| row["opted_out_at"] = json!("2026-09-21T00:00:00Z")).await;
    server.fault("/sms/send-sms", Fault::Hang);
    server.set_down(false).await;
    desk.until("opted out here", async |desk| desk.client.conversation(ann).await.unwrap().opted_out).await;
    server.set_down(true).await;
    server.set_down(false).await;

    desk.until("parked", async |desk| {
        desk.thread(ann)
            .await
            .iter()
            .any(|message| message.content == "after the STOP" && message.state == MessageState::Parked)
    })
    .await;
    assert!(!server.sent_texts().contains(&"after the STOP".to_owned()));
    assert!(matches!(desk.client.send_message(ann, "one more".to_owned()).await, Err(Error::Refused(_))));
}

#[tokio::test]
async fn a_text_that_never_left_can_be_discarded_and_one_that_may_have_left_cannot() {
    let (server, desk, ann) = desk_with_ann().await;
    server.fault("/sms/send-sms", Fault::Hang);
    let first = desk.client.send_message(ann, "may have left".to_owned()).await.unwrap();
    desk.until("it hangs", async |_| server.asked("/sms/send-sms") == 1).await;
    let second = desk.client.send_message(ann, "never left".to_owned()).await.unwrap();

    assert_eq!(desk.client.discard(first.id).await.unwrap_err().code(), ErrorCode::AlreadySent);
    desk.client.discard(second.id).await.unwrap();
    assert_eq!(desk.client.discard(second.id).await.unwrap_err().code(), ErrorCode::NotFound);

    assert_eq!(desk.texts(ann).await, ["may have left"]);
}

#[tokio::test]
async fn a_draft_is_kept_through_a_restart_and_goes_when_it_is_sent() {
    let (server, mut desk, ann) = desk_with_ann().await;

    desk.client.save_draft(ann, "I was about to".to_owned()).await.unwrap();
    desk.restart().await;

    assert_eq!(desk.client.draft(ann).await.unwrap().as_deref(), Some("I was about to"));
    assert_eq!(desk.client.conversation(ann).await.unwrap().draft.as_deref(), Some("I was about to"));
    desk.client.send_message(ann, "I was about to say".to_owned()).await.unwrap();
    assert_eq!(desk.client.draft(ann).await.unwrap(), None);
    desk.until("sent", async |_| server.sent().len() == 1).await;
}

#[tokio::test]
async fn the_texts_that_only_this_machine_has_are_listed_in_their_order_with_what_became_of_them() {
    let (server, desk, ann) = desk_with_ann().await;
    let bob = server.contact("Bob", "+15550100002");
    desk.until("Bob", async |desk| desk.client.conversation(bob).await.is_ok()).await;
    desk.client.send_message(ann, "left".to_owned()).await.unwrap();
    desk.until("the server has it", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
    assert_eq!(desk.client.outbox().await.unwrap(), [], "what the server has is not here alone");

    server.set_down(true).await;
    desk.until("offline", async |desk| matches!(desk.client.connection(), Connection::Offline { .. })).await;
    let first = desk.client.send_message(bob, "to Bob".to_owned()).await.unwrap();
    let second = desk.client.send_message(ann, "to Ann".to_owned()).await.unwrap();

    let waiting = desk.client.outbox().await.unwrap();
    assert_eq!(waiting.iter().map(|text| text.id).collect::<Vec<_>>(), [first.id, second.id]);
    assert_eq!(waiting.iter().map(|text| text.content.as_str()).collect::<Vec<_>>(), ["to Bob", "to Ann"]);
    desk.client.discard(first.id).await.unwrap();
    assert_eq!(desk.client.outbox().await.unwrap().len(), 1);
    server.set_down(false).await;
    desk.until("all have left", async |desk| desk.client.outbox().await.unwrap().is_empty()).await;
}
