//! The app itself dies, at any moment between Enter and delivered: what was on the screen leaves, once.

use std::time::Duration;

use deskline_e2e::{eventually, world::MARIA};
use rand::RngExt as _;

use crate::stage::Stage;

/// How often the app is killed. `DESKLINE_KILLS` asks for more.
fn rounds() -> usize {
    std::env::var("DESKLINE_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(6)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_survives_kill_9_at_any_moment_and_never_leaves_twice() {
    let stage = Stage::enter().await;
    let mut window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "are you open?").await;
    let texts: Vec<String> = (1..=rounds()).map(|round| format!("answer number {round}.")).collect();

    for text in &texts {
        window.open_conversation("").await;
        window.send(text).await;
        let moment = Duration::from_micros(rand::rng().random_range(0..400_000));
        // Not to wait for something, but to die at a moment that nobody chose.
        tokio::time::sleep(moment).await;
        window = window.kill().await.open().await;
    }

    window.open_conversation("").await;
    window.reaches(&texts[texts.len() - 1], "delivered").await;
    // The window shows what fits; what became of every text is in the team's database.
    let delivered =
        "select content from messages where direction = 'outbound' and status = 'delivered' order by created_at, id";
    eventually("all are delivered", || async {
        let rows: Vec<String> = sqlx::query_scalar(delivered).fetch_all(&stage.world.foreign).await.ok()?;
        (rows == texts).then_some(())
    })
    .await;
    let sent: Vec<String> = stage.world.twilio.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(sent, texts);
    window.quit().await;
    stage.world.end().await;
}
