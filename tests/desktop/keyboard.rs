//! A day at the desk without a mouse: each of the main flows in the real window, by keys alone.

use deskline_e2e::world::{MARIA, OMAR};
use deskline_simulator::CallbackPlan;
use fantoccini::{Locator, key::Key};

use crate::{files::put_on_clipboard, stage::Stage, window::Window};

#[tokio::test(flavor = "multi_thread")]
async fn the_main_flows_need_no_mouse() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    sign_in(&window, &stage.world.agent("ann").await).await;
    stage.world.text(OMAR, "Do you sell ovens?").await;
    stage.world.text(MARIA, "Are you open on sunday?").await;
    window.row("the newest text is told", |row| row.text.contains("open on sunday?") && row.pill.is_some()).await;
    window.focus().await;

    answers_the_newest_unread_text(&window).await;
    finds_a_word_and_goes_there(&window).await;
    sends_a_text_that_failed_once_more(&stage, &window).await;
    attaches_a_picture(&stage, &window).await;
    leaves_a_note(&window).await;
    snoozes(&window).await;
    finds_the_settings(&window).await;

    window.quit().await;
    stage.world.end().await;
}

async fn sign_in(window: &Window, request: &deskline_client::view::SignIn) {
    // The first field that is empty has the focus.
    window.is_focused("signin-server").await;
    window.press(&request.server).await;
    for field in [&request.email, &request.password] {
        window.press_key(Key::Tab).await;
        window.press(field).await;
    }
    window.press_key(Key::Enter).await;
    window.live().await;
}

async fn answers_the_newest_unread_text(window: &Window) {
    window.press("j").await;
    window.press_key(Key::Enter).await;
    window.bubble("the newest text is read", |bubble| bubble.text.contains("open on sunday?")).await;
    window.press("r").await;
    window.is_focused("composer").await;
    window.press("Yes, from ten to four").await;
    window.press_key(Key::Enter).await;
    window.reaches("Yes, from ten to four", "delivered").await;
    window.row("it is unread no more", |row| row.text.contains("from ten to four") && row.pill.is_none()).await;
}

async fn finds_a_word_and_goes_there(window: &Window) {
    window.press_key(Key::Escape).await;
    window.press("/").await;
    window.is_focused("search").await;
    window.press("ovens").await;
    window.is_there("found-message").await;
    window.press_key(Key::Enter).await;
    window.bubble("the text that was found is there", |bubble| bubble.text.contains("Do you sell ovens?")).await;
}

async fn sends_a_text_that_failed_once_more(stage: &Stage, window: &Window) {
    stage.world.twilio.plan_next(CallbackPlan::failing(30_008));
    to_composer(window).await;
    window.press("We sell tiles").await;
    window.press_key(Key::Enter).await;
    let failed = window.reaches("We sell tiles", "failed").await;
    assert!(failed.text.contains("does not say why"), "the bubble says what became of it: {failed:?}");
    window.reach("retry", Key::Tab, true).await;
    window.press_key(Key::Enter).await;
    window.reaches("We sell tiles", "delivered").await;
}

async fn attaches_a_picture(stage: &Stage, window: &Window) {
    let before = stage.world.twilio.sent().len();
    let _program = put_on_clipboard();
    // The button that had the focus went with its failure.
    window.press("r").await;
    window.is_focused("composer").await;
    window.press(&format!("{}v{}", char::from(Key::Control), char::from(Key::Null))).await;
    window.is_there("attachment").await;
    window.press("These ones").await;
    window.press_key(Key::Enter).await;
    window.reaches("These ones", "delivered").await;
    let sent = stage.world.twilio.sent().split_off(before);
    assert_eq!((sent.len(), sent[0].media_urls.len()), (1, 1), "one Enter is one MMS with one file");
}

async fn leaves_a_note(window: &Window) {
    window.press_key(Key::Escape).await;
    window.press("n").await;
    window.is_focused("note").await;
    window.press("Wants a catalogue").await;
    window.press_key(Key::Enter).await;
    window
        .when("the note is kept", async |page| {
            page.find(Locator::XPath("//*[@data-testid='note-item'][contains(., 'Wants a catalogue')]")).await.ok()
        })
        .await;
}

async fn snoozes(window: &Window) {
    // Out of the note, which is blank, and out of the reply.
    window.press_key(Key::Escape).await;
    window.is_focused("composer").await;
    window.press_key(Key::Escape).await;
    window.is_focused("conversation-list").await;
    window.press("s").await;
    window.is_focused("snooze-hours").await;
    window.press_key(Key::Enter).await;
    // It stays in sight for as long as it is open.
    window.row("it is snoozed", |row| row.text.contains("Snoozed")).await;
}

async fn finds_the_settings(window: &Window) {
    window.press(&format!("{}k{}", char::from(Key::Control), char::from(Key::Null))).await;
    window.is_focused("palette-field").await;
    window.press("settings").await;
    window.press_key(Key::Enter).await;
    window.is_there("settings").await;
    window.reach("settings-appearance", Key::Tab, false).await;
    window.press_key(Key::Enter).await;
    window.reach("language-", Key::Tab, false).await;
    window.press_key(Key::Escape).await;
    window
        .when("the settings are gone", async |page| {
            page.find_all(Locator::Css("[data-testid=settings]")).await.ok().filter(Vec::is_empty)
        })
        .await;
}

/// Whatever has the focus.
async fn to_composer(window: &Window) {
    window.press_key(Key::Escape).await;
    window.press("r").await;
    window.is_focused("composer").await;
}
