//! A reply goes out: once, with its tick, and with the reason when it does not arrive.

use deskline_e2e::world::MARIA;
use deskline_simulator::{CallbackPlan, Fault};

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_leaves_exactly_once_and_its_tick_goes_to_delivered() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "are you open?").await;
    window.open_conversation("are you open?").await;

    let text = "Yes, until six 🥐 — عَلى الرَّحب!";
    window.paste(text).await;
    let bubble = window.bubble("the bubble is there", |bubble| bubble.text.contains(text)).await;

    let delivered = window.reaches(text, "delivered").await;
    assert_eq!(delivered.id, bubble.id, "the bubble is the same before and after");
    assert_eq!(delivered.direction, "outbound");
    window.picture("delivered");
    let sent: Vec<(String, String)> = stage.world.twilio.sent().into_iter().map(|sent| (sent.to, sent.body)).collect();
    assert_eq!(sent, [(MARIA.to_owned(), text.to_owned())]);
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_does_not_arrive_says_why_in_plain_words() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "are you open?").await;
    window.open_conversation("are you open?").await;
    stage.world.twilio.plan_next(CallbackPlan::failing(30007));

    window.send("spam, spam, spam").await;

    let failed = window.reaches("spam, spam, spam", "failed").await;
    assert!(failed.text.contains("30007") || failed.text.to_lowercase().contains("filter"), "{failed:?}");
    window.picture("failed");
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_twilio_that_is_lost_leads_to_one_text_and_not_to_two() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "are you open?").await;
    window.open_conversation("are you open?").await;
    stage.world.twilio.plan_next(CallbackPlan::none());
    stage.world.twilio.fault(Fault::AcceptAndDropAnswer { times: 1 });

    window.send("yes we are").await;

    window
        .bubble("it is found at Twilio", |bubble| {
            bubble.text.contains("yes we are") && ["accepted", "sent", "delivered"].contains(&bubble.state.as_str())
        })
        .await;
    assert_eq!(stage.world.twilio.sent().len(), 1);
    window.quit().await;
    stage.world.end().await;
}
