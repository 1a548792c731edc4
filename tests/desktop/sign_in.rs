//! The first screen, and everything that can be wrong there: each a plain sentence, and the form stays filled.

use deskline_client::view::SignIn;
use deskline_e2e::world::MARIA;

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_at_sign_in_has_a_sentence_and_the_right_words_still_work() {
    let mut stage = Stage::enter().await;
    let right = stage.world.agent("ann").await;
    let window = stage.place().open().await;
    window.is_there("signin-submit").await;
    window.picture("sign-in");
    let simulator = stage.world.twilio.url().to_string();
    let mistakes = [
        (SignIn { password: "wrong".to_owned(), ..right.clone() }, "e-mail address or the password is wrong"),
        (SignIn { server: "http://127.0.0.1:9".to_owned(), ..right.clone() }, "cannot be reached"),
        (SignIn { server: simulator, ..right.clone() }, "no Deskline server"),
        (SignIn { email: "nobody@example.com".to_owned(), ..right.clone() }, "e-mail address or the password is wrong"),
    ];

    for (mistake, sentence) in mistakes {
        window.try_to_sign_in(&mistake).await;

        window
            .when(&format!("the form says \"{sentence}\""), async |page| {
                let error = page.find(fantoccini::Locator::Css("[data-testid=signin-error]")).await.ok()?;
                error.text().await.ok()?.contains(sentence).then_some(())
            })
            .await;
        window.picture("sign-in-error");
    }
    window.sign_in(&right).await;
    let place = window.quit().await;

    // Nobody has to sign in again, even while the server is away.
    stage.world.kill_server();
    let window = place.open().await;
    window.connection_is("offline").await;
    stage.world.restart_server().await;
    window.live().await;
    stage.world.text(MARIA, "back again?").await;
    window.row("texts arrive", |row| row.text.contains("back again?")).await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leaves_an_empty_form_and_nothing_to_read() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    let request = stage.world.agent("ann").await;
    window.sign_in(&request).await;
    stage.world.text(MARIA, "a private matter").await;
    window.row("it is there", |row| row.text.contains("a private matter")).await;
    window.has_title("(1) Deskline").await;

    window.click("agent-menu").await;
    window.click("sign-out").await;

    window.is_there("signin-submit").await;
    window.has_title("Deskline").await;
    assert!(!window.page().source().await.expect("the page has a source").contains("a private matter"));
    window.quit().await;
    stage.world.end().await;
}
