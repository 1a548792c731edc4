//! What an admin looks after, and what everybody looks after for oneself: opt-outs, one's own password, the version that runs.

use std::fs;

use deskline_client::view::SignIn;
use deskline_e2e::world::{MARIA, OMAR};
use deskline_store::Role;
use fantoccini::Locator;

use crate::{stage::Stage, window::Window};

const REASON: &str = "Asked on the phone not to be texted again";

#[tokio::test(flavor = "multi_thread")]
async fn who_was_opted_out_is_found_in_the_list_with_the_reason() {
    let stage = Stage::enter().await;
    let request = stage.world.agent("ann").await;
    let ann = stage.world.user("ann").await;
    stage.world.store.change_role(stage.world.workspace, ann, Role::Admin).await.expect("a role can be given");
    let window = stage.place().open().await;
    window.sign_in(&request).await;
    stage.world.text(OMAR, "Do you sell ovens?").await;
    stage.world.text(MARIA, "No more of this, please").await;
    window.open_conversation("No more of this").await;

    window.click("panel").await;
    window.click("opt-out").await;
    window.fill("consent-reason", REASON).await;
    window.click("consent-confirm").await;

    // The composer is locked, and the panel says why.
    shows(&window, "panel-consent", REASON).await;
    window.is_there("composer-locked").await;
    settings(&window, "optOuts").await;
    shows(&window, "opt-outs", REASON).await;
    window.picture("opt-outs");
    window.fill("opt-outs-search", MARIA).await;
    shows(&window, "opt-outs", REASON).await;
    window.fill("opt-outs-search", OMAR).await;
    window.is_there("no-opt-outs").await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_whoever_knows_the_old_one_which_is_refused_from_then_on() {
    const NEXT: &str = "battery staple horse correct";
    let stage = Stage::enter().await;
    let old = stage.world.agent("ann").await;
    let window = stage.place().open().await;
    window.sign_in(&old).await;
    settings(&window, "account").await;
    window.click("change-password").await;

    window.fill("password-current", "a guess").await;
    window.fill("password-next", NEXT).await;
    window.click("password-save").await;
    shows(&window, "password-failure", "not your present password").await;
    window.picture("password-refused");
    window.fill("password-current", &old.password).await;
    window.click("password-save").await;
    shows(&window, "password-changed", "changed").await;

    window.click("settings-sign-out").await;
    window.try_to_sign_in(&old).await;
    shows(&window, "signin-error", "password is wrong").await;
    window.sign_in(&SignIn { password: NEXT.to_owned(), ..old }).await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_that_was_put_in_place_is_told_to_whoever_comes_back_to_the_window() {
    let stage = Stage::enter().await;
    let (place, program) = stage.place().installed_as_an_app_image();
    let window = place.open().await;
    window.sign_in(&stage.world.agent("ann").await).await;

    fs::write(program, "a newer version").expect("a program can be replaced");
    // As a window manager, which is not here, tells a window that the agent came back to it.
    window.page().execute("dispatchEvent(new Event('focus'))", Vec::new()).await.expect("the page takes an event");

    window.is_there("update-bar").await;
    window.picture("update-ready");
    window
        .when("whoever puts it off is not told again", async |page| {
            let later = page.find(Locator::Css("[data-testid=update-bar] button")).await;
            match later {
                Ok(button) => button.click().await.ok().and(None),
                Err(_) => Some(()),
            }
        })
        .await;
    window.quit().await;
    stage.world.end().await;
}

/// A section of the settings.
async fn settings(window: &Window, section: &str) {
    window.click("agent-menu").await;
    window.click("open-settings").await;
    window.click(&format!("settings-{section}")).await;
}

async fn shows(window: &Window, test_id: &str, words: &str) {
    let place = &format!("[data-testid={test_id}]");
    window
        .when(&format!("{test_id} says \"{words}\""), async |page| {
            let text = page.find(Locator::Css(place)).await.ok()?.text().await.ok()?;
            text.contains(words).then_some(())
        })
        .await;
}
