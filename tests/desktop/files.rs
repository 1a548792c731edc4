//! Files in the real window: chosen in its dialog, pasted from the system's clipboard, and pictures that come through its own protocol.

use std::path::Path;

use deskline_e2e::world::{MARIA, OUR_NUMBER};
use deskline_simulator::{InboundMedia, InboundText};
use fantoccini::{Locator, key::Key};
use serde_json::{Value, json};

use crate::{stage::Stage, window::Window};

/// An icon of the app: a PNG of a known size that every web view can show.
const PICTURE: &[u8] = include_bytes!("../../icons/128x128.png");

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_attached_and_sent_and_a_photo_that_comes_back_is_shown() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "What does it look like?").await;
    window.open_conversation("What does it look like?").await;
    let file = window.place().folder().join("wheel.png");
    std::fs::write(&file, PICTURE).expect("a file can be written");

    attach(&window, &file).await;
    is_shown(&window, "[data-testid=attachment] img").await;
    window.send("Like this").await;
    window.reaches("Like this", "delivered").await;

    let sent = stage.world.twilio.sent();
    assert_eq!((sent.len(), sent[0].media_urls.len()), (1, 1), "one Enter is one MMS with one file");
    is_shown(&window, "[data-testid=message][data-direction=outbound] [data-testid=picture] img").await;
    let media = vec![InboundMedia { content_type: "image/png".to_owned(), bytes: PICTURE.to_vec() }];
    let text = InboundText { media, ..InboundText::new(MARIA, OUR_NUMBER, "Mine looks like that") };
    assert!(stage.world.twilio.receive(text).await.is_ok(), "the server takes an MMS");
    is_shown(&window, "[data-testid=message][data-direction=inbound] [data-testid=picture] img").await;
    window.picture("files");

    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_on_the_systems_clipboard_is_attached_when_it_is_pasted() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "Send me a picture").await;
    window.open_conversation("Send me a picture").await;
    let _program = put_on_clipboard();
    window.focus().await;

    let composer = window.is_there("composer").await;
    composer.click().await.expect("the composer can be clicked");
    let paste = format!("{}v{}", char::from(Key::Control), char::from(Key::Null));
    composer.send_keys(&paste).await.expect("the composer takes a paste");

    is_shown(&window, "[data-testid=attachment] img").await;
    window.quit().await;
    stage.world.end().await;
}

/// What the system's dialog would hand over.
async fn attach(window: &Window, file: &Path) {
    let input = window.is_there("attach-input").await;
    input.send_keys(&file.display().to_string()).await.expect("the window takes a file");
}

/// Waits for a picture whose pixels are there.
async fn is_shown(window: &Window, selector: &str) {
    window
        .when(&format!("a picture is shown at {selector}"), async |page| {
            page.find(Locator::Css(selector)).await.ok()?;
            let width = "return document.querySelector(arguments[0])?.naturalWidth ?? 0";
            let width: Value = page.execute(width, vec![json!(selector)]).await.ok()?;
            (width.as_u64()? > 1).then_some(())
        })
        .await;
}

/// Another program that copied a picture, and answers whoever asks for it until this is dropped.
pub(crate) fn put_on_clipboard() -> arboard::Clipboard {
    let (width, height) = (64, 48);
    let bytes = [30, 120, 200, 255].repeat(width * height).into();
    let mut clipboard = arboard::Clipboard::new().expect("the display has a clipboard");
    clipboard.set_image(arboard::ImageData { width, height, bytes }).expect("it takes a picture");
    clipboard
}
