//! The network is pulled, the server answers 500, the clock is a year off: the window says what is so, and comes back by itself.

use deskline_client::view::SignIn;
use deskline_e2e::{Flaky, flaky::Weather, world::MARIA};
use fantoccini::Locator;

use crate::{stage::Stage, window::Window};

const TEXT: &str = "can I pick it up today?";
const A_YEAR: i64 = 365 * 24 * 3_600;

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_network_and_a_server_in_trouble_are_told_apart_and_pass_by_themselves() {
    let stage = Stage::enter().await;
    let network = Flaky::start(stage.world.server_address(), 7).await;
    let window = stage.place().open().await;
    window.sign_in(&SignIn { server: network.url(), ..stage.world.agent("ann").await }).await;
    stage.world.text(MARIA, TEXT).await;
    window.open_conversation(TEXT).await;

    network.set(Weather::Away);
    says(&window, "offline-bar", "cannot be reached").await;
    window.send("while the network is gone").await;
    window.reaches("while the network is gone", "waiting").await;
    network.set(Weather::Calm);
    window.live().await;
    window.reaches("while the network is gone", "delivered").await;

    network.set(Weather::Failing);
    says(&window, "offline-bar", "problem of its own (500)").await;
    window.picture("server-in-trouble");
    window.send("while the server is in trouble").await;
    stage.world.text(MARIA, "and meanwhile?").await;
    network.set(Weather::Calm);
    window.live().await;
    window.reaches("while the server is in trouble", "held").await;
    window.bubble("what came meanwhile", |bubble| bubble.text.contains("and meanwhile?")).await;
    gone(&window, "offline-bar").await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_a_year_off_is_said_and_costs_nothing() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, TEXT).await;
    window.row("Maria's text", |row| row.text.contains(TEXT)).await;
    gone(&window, "clock-bar").await;

    // A cache of so long ago would be gone, had nobody asked the server what time it is.
    let mut place = window.quit().await;
    for (seconds, words) in [(A_YEAR, "365 days ahead"), (-A_YEAR, "365 days behind")] {
        place.set_clock(seconds);
        let window = place.open().await;
        window.live().await;
        says(&window, "clock-bar", words).await;
        window.picture("wrong-clock");
        let text = format!("written with a clock {words}");
        window.open_conversation("").await;
        window.send(&text).await;
        window.reaches(&text, "delivered").await;
        window.bubble("the old text is here", |bubble| bubble.text.contains(TEXT)).await;
        place = window.quit().await;
    }

    place.set_clock(0);
    let window = place.open().await;
    window.live().await;
    gone(&window, "clock-bar").await;
    window.row("Maria is here", |row| row.text.contains("written with a clock")).await;
    window.quit().await;
    stage.world.end().await;
}

async fn says(window: &Window, bar: &str, words: &str) {
    let bar = &format!("[data-testid={bar}]");
    window
        .when(&format!("{bar} says \"{words}\""), async |page| {
            let text = page.find(Locator::Css(bar)).await.ok()?.text().await.ok()?;
            text.contains(words).then_some(())
        })
        .await;
}

async fn gone(window: &Window, bar: &str) {
    let bar = &format!("[data-testid={bar}]");
    window.when(&format!("{bar} is gone"), async |page| page.find(Locator::Css(bar)).await.err().map(drop)).await;
}
