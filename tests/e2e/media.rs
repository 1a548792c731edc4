//! Files, end to end: attached offline and sent once as an MMS; received, fetched when somebody looks, and here from then on.

use deskline_client::view::{MessageState, NewFile, PictureSize};
use deskline_e2e::{
    World,
    world::{MARIA, OUR_NUMBER},
};
use deskline_simulator::{InboundMedia, InboundText};

/// A drawing of one pixel, as PNG.
pub(crate) const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDAT\
x\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";
pub(crate) const CARD: &[u8] = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Northside Bikes\r\nEND:VCARD\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn files_attached_offline_leave_after_a_restart_as_exactly_one_mms_with_the_right_bytes() {
    let mut world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "What does it look like?").await;
    let maria = ann.conversation("Maria's text", |row| row.phone == MARIA).await.contact_id;
    world.kill_server();
    ann.offline().await;

    let file = |name: &str, content: &[u8]| NewFile {
        name: Some(name.to_owned()),
        content_type: None,
        content: content.to_vec(),
    };
    let drawing = ann.client.attach(maria, file("drawing.png", PNG)).await.unwrap();
    let card = ann.client.attach(maria, file("shop.vcf", CARD)).await.unwrap();
    let echo = ann.client.send_with(maria, "Like this.".to_owned(), &[drawing.id, card.id]).await.unwrap();
    assert_eq!(echo.media.len(), 2, "the bubble shows them while they wait");
    let place = ann.close().await;
    world.restart_server().await;
    let ann = place.open().await;

    ann.reaches(echo.id, MessageState::Delivered).await;
    let sent = world.twilio.sent();
    assert_eq!(sent.len(), 1, "one Enter is one MMS");
    assert_eq!((sent[0].body.as_str(), sent[0].media_urls.len()), ("Like this.", 2));
    for (url, expected) in sent[0].media_urls.iter().zip([PNG, CARD]) {
        assert_eq!(fetch(url).await, expected, "Twilio finds the right bytes there");
    }
    let ben = world.desktop("ben").await;
    let bubble = ben.bubble(maria, "the MMS at Ben's", |bubble| bubble.media.len() == 2).await;
    assert_eq!(ben.client.file(bubble.id, 1).await.unwrap().content, CARD);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_came_in_is_shown_at_its_size_and_can_be_looked_at_while_the_server_is_down() {
    let mut world = World::start().await;
    let ann = world.desktop("ann").await;
    let media = vec![InboundMedia { content_type: "image/png".to_owned(), bytes: PNG.to_vec() }];
    let text = InboundText { media, ..InboundText::new(MARIA, OUR_NUMBER, "This is what I mean") };
    assert!(world.twilio.receive(text).await.is_ok(), "the server takes an MMS");
    let maria = ann.conversation("Maria's photo", |row| row.phone == MARIA).await.contact_id;
    let bubble = ann
        .bubble(maria, "the server has the photo", |bubble| bubble.media.first().is_some_and(|file| file.is_there))
        .await;

    let loaded = ann.client.load_picture(bubble.id, 0).await.unwrap();
    world.kill_server();
    ann.offline().await;

    assert_eq!((loaded.width, loaded.height), (Some(1), Some(1)));
    assert!(!ann.client.picture(bubble.id, 0, PictureSize::Large).await.unwrap().bytes.is_empty());
    assert_eq!(ann.client.file(bubble.id, 0).await.unwrap().content, PNG);
    world.end().await;
}

pub(crate) async fn fetch(url: &str) -> Vec<u8> {
    let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(10)).build().unwrap();
    let response = http.get(url).send().await.unwrap();
    assert!(response.status().is_success(), "{url} answers {}", response.status());
    response.bytes().await.unwrap().to_vec()
}
