//! The cache is overwritten with noise, before the start and under an open window: it says so, and everything comes back by itself.

use std::{fs, path::Path};

use deskline_e2e::world::MARIA;
use fantoccini::Locator;

use crate::{stage::Stage, window::Window};

const TEXT: &str = "can I pick it up today?";

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_of_noise_is_fetched_again_at_the_start_and_while_the_window_is_open() {
    let mut stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, TEXT).await;
    window.row("Maria's text", |row| row.text.contains(TEXT)).await;

    let place = window.quit().await;
    noise(&place.data().join("cache.db"));
    stage.world.kill_server();
    let window = place.open().await;
    is_told(&window).await;
    stage.world.restart_server().await;
    is_whole_again(&window).await;

    window.open_conversation(TEXT).await;
    stage.world.kill_server();
    window.is_there("offline-bar").await;
    window.send("yes, after three").await;
    for name in ["cache.db", "cache.db-wal"] {
        noise(&window.place().data().join(name));
    }
    // Nobody has to look for it: the next thing that is asked finds it.
    window.click("filter-all").await;
    is_told(&window).await;
    window.picture("rebuilding");
    stage.world.restart_server().await;
    is_whole_again(&window).await;
    window.open_conversation("yes, after three").await;
    window.reaches("yes, after three", "delivered").await;
    window.quit().await;
    stage.world.end().await;
}

/// Every byte of a file is another one than before.
fn noise(file: &Path) {
    let length = fs::metadata(file).expect("the file is there").len();
    assert!(length > 0, "{} has something in it to overwrite", file.display());
    let noise: Vec<u8> = (0..length).map(|at| (at % 251) as u8 ^ 0xa5).collect();
    // Over the bytes that are there, as a failing disk does: the same file as before.
    let mut open = fs::OpenOptions::new().write(true).open(file).expect("the file can be written");
    std::io::Write::write_all(&mut open, &noise).expect("the file takes noise");
}

async fn is_told(window: &Window) {
    let bar = window.is_there("rebuilding-bar").await;
    let words = bar.text().await.expect("the bar has words");
    assert!(words.contains("was damaged") && words.contains("as soon as the server can be reached"), "{words}");
}

async fn is_whole_again(window: &Window) {
    window.row("Maria's text is here again", |row| row.text.contains("Maria") || row.text.contains("+1")).await;
    window
        .when("nothing is said any more", async |page| {
            page.find(Locator::Css("[data-testid=rebuilding-bar]")).await.err().map(drop)
        })
        .await;
}
