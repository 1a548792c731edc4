//! Files of texts: fetched when somebody looks, once, readable offline from then on, and gone with what they belong to.

use std::io::Cursor;

use axum::http::StatusCode;
use deskline_client::{
    Client, ErrorCode, Options,
    view::PictureSize::{Large, Small},
};
use deskline_domain::ids::{ContactId, MessageId};
use image::{ImageFormat, ImageReader, Rgb, RgbImage};

use crate::{
    desk::Desk,
    server::{Fault, TeamServer, error},
};

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 251) as u8, (y % 241) as u8, 90]));
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A photo, as JPEG.
pub(crate) fn photo(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ImageFormat::Jpeg)
}

/// A drawing, as PNG.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ImageFormat::Png)
}

fn size(picture: &[u8]) -> (u32, u32) {
    ImageReader::new(Cursor::new(picture)).with_guessed_format().unwrap().into_dimensions().unwrap()
}

/// A desk that was told of a photo.
async fn desk_with_photo() -> (TeamServer, Desk, ContactId, MessageId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    let id = server.receives_picture(ann, "image/jpeg", &photo(1_600, 800)).await;
    desk.until("the photo's text", async |desk| desk.client.message(id).await.is_ok()).await;
    (server, desk, ann, id)
}

fn contents(desk: &Desk) -> usize {
    std::fs::read_dir(desk.folder().join("cache-files")).map(Iterator::count).unwrap_or_default()
}

#[tokio::test]
async fn a_photo_is_fetched_when_somebody_looks_and_is_here_from_then_on() {
    let (server, mut desk, _ann, id) = desk_with_photo().await;
    assert_eq!((server.asked("/media/link"), contents(&desk)), (0, 0), "nobody has looked");
    let before = desk.client.message(id).await.unwrap().media.remove(0);
    assert_eq!((before.is_picture, before.is_there, before.width), (true, true, None));

    let after = desk.client.load_picture(id, 0).await.unwrap();
    server.set_down(true).await;
    desk.restart().await;

    assert_eq!((after.width, after.height), (Some(1_600), Some(800)));
    assert_eq!(
        desk.client.message(id).await.unwrap().media[0],
        after,
        "its size is known before its bytes are asked for"
    );
    assert_eq!(size(&desk.client.picture(id, 0, Small).await.unwrap().bytes), (640, 320));
    assert_eq!(size(&desk.client.picture(id, 0, Large).await.unwrap().bytes), (1_600, 800));
    let file = desk.client.file(id, 0).await.unwrap();
    assert_eq!((file.name.as_str(), file.content), ("deskline-1.jpg", photo(1_600, 800)));
    assert_eq!(server.asked("/media/link"), 1);
}

#[tokio::test]
async fn however_many_look_at_once_a_photo_is_fetched_once() {
    let (server, desk, _ann, id) = desk_with_photo().await;

    let looks = (0..8).map(|_| desk.client.picture(id, 0, Small));
    let shown = futures_util::future::try_join_all(looks).await.unwrap();

    assert!(shown.iter().all(|picture| picture.bytes == shown[0].bytes));
    assert_eq!(server.asked("/media/link"), 1);
}

#[tokio::test]
async fn a_fetch_that_fails_says_why_and_the_next_one_tries_again() {
    let (server, desk, _ann, id) = desk_with_photo().await;
    server.fault("/media/link", Fault::Break);
    server.fault("/media/link", Fault::Say(StatusCode::NOT_FOUND, error("File not found")));

    assert_eq!(desk.client.load_picture(id, 0).await.unwrap_err().code(), ErrorCode::Unreachable);
    assert_eq!(desk.client.load_picture(id, 0).await.unwrap_err().code(), ErrorCode::NotFound);

    assert!(desk.client.load_picture(id, 0).await.is_ok());
}

#[tokio::test]
async fn half_a_file_is_none() {
    let (server, desk, _ann, id) = desk_with_photo().await;
    let path = format!("/media/{}", server.state().files.keys().next().unwrap());
    server.fault(&path, Fault::CutBody);

    assert!(desk.client.load_picture(id, 0).await.is_err());

    assert_eq!(contents(&desk), 0);
    assert!(desk.client.load_picture(id, 0).await.is_ok());
}

#[tokio::test]
async fn what_the_server_could_not_get_says_why_without_being_asked_for() {
    let (server, desk, _ann, id) = desk_with_photo().await;
    server
        .change_message(id, |row| {
            row["media"][0] = serde_json::json!({
                "url": "https://api.example/Media/ME1", "content_type": "image/png", "state": "failed",
                "problem": "The file did not arrive in time.",
            });
        })
        .await;
    desk.until("the change", async |desk| !desk.client.message(id).await.unwrap().media[0].is_there).await;

    let file = desk.client.message(id).await.unwrap().media.remove(0);
    assert_eq!(file.problem.as_deref(), Some("The file did not arrive in time."));
    assert!(desk.client.load_picture(id, 0).await.unwrap_err().to_string().contains("did not arrive in time"));
    assert_eq!(server.asked("/media/link"), 0);
}

#[tokio::test]
async fn what_is_called_a_picture_and_is_none_can_be_saved_and_is_not_shown() {
    let (server, desk, ann, _) = desk_with_photo().await;
    let id = server.receives_picture(ann, "image/png", b"\x89PNG\r\n\x1a\n and nothing else").await;
    desk.until("its text", async |desk| desk.client.message(id).await.is_ok()).await;

    let error = desk.client.load_picture(id, 0).await.unwrap_err();

    assert!(error.to_string().contains("Save it"), "{error}");
    assert_eq!(desk.client.file(id, 0).await.unwrap().content, b"\x89PNG\r\n\x1a\n and nothing else");
}

#[tokio::test]
async fn a_content_that_was_damaged_on_the_disk_is_fetched_again() {
    let (server, desk, _ann, id) = desk_with_photo().await;
    desk.client.load_picture(id, 0).await.unwrap();
    for file in std::fs::read_dir(desk.folder().join("cache-files")).unwrap() {
        std::fs::write(file.unwrap().path(), "noise").unwrap();
    }

    assert_eq!(size(&desk.client.picture(id, 0, Small).await.unwrap().bytes), (640, 320));

    assert_eq!(server.asked("/media/link"), 2);
}

#[tokio::test]
async fn what_was_looked_at_longest_ago_makes_room() {
    let (server, desk, ann, first) = desk_with_photo().await;
    let mut photos = vec![first];
    for _ in 0..3 {
        photos.push(server.receives_picture(ann, "image/jpeg", &photo(1_600, 800)).await);
    }
    desk.until("all texts", async |desk| desk.thread(ann).await.len() == 4).await;
    desk.client.shutdown().await;
    // Room for two photos with their small copies.
    let room = 3 * u64::try_from(photo(1_600, 800).len()).unwrap();
    let client = Client::open(Options { media_bytes: room, ..desk.options() }).await.unwrap();
    let fetched = |server: &TeamServer| server.asked("/media/link");

    for id in &photos {
        client.load_picture(*id, 0).await.unwrap();
    }

    let bytes: u64 = std::fs::read_dir(desk.folder().join("cache-files"))
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes <= room + 1_000, "{bytes} bytes are more than {room}");
    let before = fetched(&server);
    client.picture(photos[3], 0, Small).await.unwrap();
    assert_eq!(fetched(&server), before, "the newest is here");
    client.picture(photos[0], 0, Small).await.unwrap();
    assert_eq!(fetched(&server), before + 1, "the oldest had to go");
    client.shutdown().await;
}

#[tokio::test]
async fn a_text_that_is_deleted_takes_its_files_with_it_and_so_does_signing_out() {
    let (server, mut desk, ann, id) = desk_with_photo().await;
    let stays = server.receives_picture(ann, "image/jpeg", &photo(80, 60)).await;
    desk.until("both texts", async |desk| desk.thread(ann).await.len() == 2).await;
    desk.client.load_picture(id, 0).await.unwrap();
    desk.client.load_picture(stays, 0).await.unwrap();
    assert_eq!(contents(&desk), 4);

    server.deletes(id).await;
    desk.until("it is gone", async |desk| desk.thread(ann).await.len() == 1).await;
    desk.restart().await;

    assert_eq!(contents(&desk), 2, "the next start removes what has no key any more");
    desk.client.sign_out().await.unwrap();
    assert!(!desk.folder().join("cache-files").exists());
}

#[tokio::test]
async fn a_team_that_is_left_takes_its_files_with_it() {
    let (server, mut desk, _ann, id) = desk_with_photo().await;
    desk.client.load_picture(id, 0).await.unwrap();

    server.state().member = false;
    server.close_sockets().await;
    desk.client.wake();
    desk.until("the team is gone", async |desk| desk.client.message(id).await.is_err()).await;
    desk.restart().await;

    assert_eq!(contents(&desk), 0);
}
