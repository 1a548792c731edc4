//! Texts that could not leave when they were written: they leave if they still fit, and the agent is asked if they may not.

use chrono::TimeDelta;
use deskline_client::{
    ErrorCode, HoldConditions,
    view::{Connection, Message, MessageState},
};
use deskline_domain::ids::ContactId;
use rstest::rstest;

use crate::{
    desk::Desk,
    server::{Fault, TeamServer},
};

/// A desk that wrote "on my way" to Ann while its server was away.
async fn written_offline() -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "where are you?").await;
    let desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["where are you?"]).await;
    server.set_down(true).await;
    desk.until("offline", async |desk| matches!(desk.client.connection(), Connection::Offline { .. })).await;
    desk.client.send_message(ann, "on my way".to_owned()).await.unwrap();
    (server, desk, ann)
}

async fn the_text(desk: &Desk, ann: ContactId) -> Message {
    desk.thread(ann).await.into_iter().find(|text| text.content == "on my way").unwrap()
}

async fn is_held(desk: &Desk, ann: ContactId, because: &str) -> Message {
    desk.until("it is held", async |desk| the_text(desk, ann).await.state == MessageState::Held).await;
    let text = the_text(desk, ann).await;
    let failure = text.failure.clone().unwrap();
    assert!(failure.explanation.contains(because), "{}", failure.explanation);
    assert!(failure.can_retry && failure.can_discard);
    text
}

#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Nothing,
    TheContactWrites,
    AColleagueAnswers,
    AWorkingDayPasses,
}

impl Meanwhile {
    async fn happens(self, server: &TeamServer, desk: &Desk, ann: ContactId) {
        match self {
            Self::Nothing => {}
            Self::TheContactWrites => drop(server.receives(ann, "never mind").await),
            Self::AColleagueAnswers => server.colleague_answers(ann, "he is ill today").await,
            Self::AWorkingDayPasses => desk.pass(TimeDelta::hours(8)),
        }
    }
}

#[rstest]
#[case(Meanwhile::TheContactWrites, "The contact has written something")]
#[case(Meanwhile::AColleagueAnswers, "Somebody else has answered")]
#[case(Meanwhile::AWorkingDayPasses, "8 hours ago")]
#[tokio::test]
async fn a_text_that_may_not_fit_any_more_is_held_with_its_reason_until_the_agent_sends_it_anyway(
    #[case] meanwhile: Meanwhile,
    #[case] because: &str,
) {
    let (server, mut desk, ann) = written_offline().await;
    meanwhile.happens(&server, &desk, ann).await;
    server.set_down(false).await;

    let held = is_held(&desk, ann, because).await;
    assert!(server.sent().is_empty(), "nothing left");
    assert_eq!(desk.client.waiting_count().await.unwrap(), 1);
    desk.restart().await;
    is_held(&desk, ann, because).await;
    desk.client.retry(held.id).await.unwrap();

    desk.until("sent", async |_| server.sent() == [(held.id.to_string(), "on my way".to_owned())]).await;
}

#[tokio::test]
async fn a_text_that_still_fits_leaves_by_itself() {
    let (server, desk, ann) = written_offline().await;
    Meanwhile::Nothing.happens(&server, &desk, ann).await;
    desk.pass(TimeDelta::hours(2));

    server.set_down(false).await;

    desk.until("sent", async |_| server.sent_texts() == ["on my way"]).await;
}

#[tokio::test]
async fn whoever_wants_no_question_is_asked_none_also_after_a_restart() {
    let (server, mut desk, ann) = written_offline().await;
    let never = HoldConditions { contact_wrote: false, colleague_answered: false, older_than_minutes: None };
    desk.client.set_hold_conditions(never).await.unwrap();
    Meanwhile::TheContactWrites.happens(&server, &desk, ann).await;
    Meanwhile::AWorkingDayPasses.happens(&server, &desk, ann).await;
    desk.restart().await;
    assert_eq!(desk.client.hold_conditions().await.unwrap(), never);

    server.set_down(false).await;

    desk.until("sent", async |_| server.sent_texts() == ["on my way"]).await;
}

#[tokio::test]
async fn a_held_text_holds_up_no_later_one_and_can_be_discarded() {
    let (server, desk, ann) = written_offline().await;
    Meanwhile::TheContactWrites.happens(&server, &desk, ann).await;
    server.set_down(false).await;
    let held = is_held(&desk, ann, "The contact").await;

    desk.client.send_message(ann, "understood".to_owned()).await.unwrap();
    desk.until("the new one", async |_| server.sent_texts() == ["understood"]).await;
    desk.client.discard(held.id).await.unwrap();

    assert!(!desk.texts(ann).await.contains(&"on my way".to_owned()));
}

#[tokio::test]
async fn a_text_is_taken_back_into_the_draft_above_what_was_begun_meanwhile() {
    let (server, mut desk, ann) = written_offline().await;
    Meanwhile::TheContactWrites.happens(&server, &desk, ann).await;
    server.set_down(false).await;
    let held = is_held(&desk, ann, "The contact").await;
    desk.client.save_draft(ann, "well then".to_owned()).await.unwrap();

    let draft = desk.client.take_back(held.id).await.unwrap();

    assert_eq!(draft, "on my way\nwell then");
    desk.restart().await;
    assert_eq!(desk.client.draft(ann).await.unwrap().as_deref(), Some("on my way\nwell then"));
    assert!(!desk.texts(ann).await.contains(&"on my way".to_owned()));
    assert_eq!(desk.client.take_back(held.id).await.unwrap_err().code(), ErrorCode::NotFound);
    assert!(server.sent().is_empty());
}

#[tokio::test]
async fn what_was_written_offline_waits_for_the_feed_and_what_is_written_meanwhile_does_not() {
    let (server, desk, ann) = written_offline().await;
    Meanwhile::TheContactWrites.happens(&server, &desk, ann).await;
    for _ in 0..5 {
        server.fault("/sync", Fault::Break);
    }
    let asked = server.asked("/sync");

    server.set_down(false).await;
    desk.until("the feed is tried", async |_| server.asked("/sync") > asked + 2).await;
    assert!(server.sent().is_empty(), "without the feed nobody knows that the contact wrote");

    is_held(&desk, ann, "The contact").await;
    assert!(server.sent().is_empty());
}

#[tokio::test]
async fn what_was_written_live_does_not_wait_for_a_feed_that_never_comes() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    let asked = server.asked("/sync");
    desk.until("it is live", async |_| server.asked("/sync") > asked + 2).await;
    server.fault("/sms/send-sms", Fault::Break);
    server.set_down(true).await;
    desk.client.send_message(ann, "on my way".to_owned()).await.unwrap();
    desk.until("it failed", async |desk| the_text(desk, ann).await.state == MessageState::Unknown).await;
    desk.pass(TimeDelta::minutes(10));
    for _ in 0..10_000 {
        server.fault("/sync", Fault::Break);
    }

    server.set_down(false).await;

    desk.until("sent", async |_| server.sent_texts() == ["on my way"]).await;
}

#[tokio::test]
async fn a_text_in_doubt_is_looked_up_before_it_is_held() {
    let (server, mut desk, ann) = written_offline().await;
    for _ in 0..1_000 {
        server.fault("/sms/send-sms", Fault::Break);
    }
    server.set_down(false).await;
    desk.until("in doubt", async |desk| the_text(desk, ann).await.state == MessageState::Unknown).await;
    // No request is under way any more that was asked about before the contact wrote.
    desk.client.shutdown().await;
    Meanwhile::TheContactWrites.happens(&server, &desk, ann).await;
    server.state().faults.clear();
    desk.restart().await;

    let held = is_held(&desk, ann, "The contact").await;

    assert!(server.asked(&format!("/messages/{}/ledger", held.id)) > 0, "it was looked up");
    assert!(server.sent().is_empty());
    desk.client.discard(held.id).await.unwrap();
}
