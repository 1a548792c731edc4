//! The server goes away while an agent works: reading goes on, writing waits, nothing is lost or sent twice.

use deskline_e2e::{
    eventually,
    world::{MARIA, OMAR},
};

use crate::{stage::Stage, window::counts};

#[tokio::test(flavor = "multi_thread")]
async fn texts_written_without_a_server_wait_in_order_and_leave_once_each() {
    let mut stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "can I pick it up today?").await;
    stage.world.text(OMAR, "the flour is here").await;
    window.open_conversation("the flour is here").await;
    window.open_conversation("can I pick it up today?").await;

    stage.world.kill_server();
    window.is_there("offline-bar").await;
    let texts = ["one moment please", "yes, after three", "bring the receipt"];
    for text in texts {
        window.send(text).await;
    }

    for text in texts {
        window.reaches(text, "waiting").await;
    }
    window.picture("offline");
    window.open_conversation("the flour is here").await;
    window.bubble("old conversations can be read", |bubble| bubble.text.contains("the flour is here")).await;
    assert_eq!(stage.world.twilio.sent().len(), 0);

    stage.world.restart_server().await;
    eventually("all three have left", || async { (stage.world.twilio.sent().len() >= 3).then_some(()) }).await;
    window.open_conversation(texts[2]).await;
    for text in texts {
        window.reaches(text, "delivered").await;
    }
    let sent: Vec<String> = stage.world.twilio.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(sent, texts);
    assert!(counts(&window.bubbles().await, &texts).values().all(|count| *count == 1));
    window.quit().await;
    stage.world.end().await;
}
