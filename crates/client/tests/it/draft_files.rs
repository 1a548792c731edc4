//! Files of drafts at one desktop, whatever happens on the way to and from the server. Two desktops side by side are in `tests/e2e/drafts.rs`.

use axum::http::StatusCode;
use chrono::TimeDelta;
use deskline_client::view::{Attachment, MessageState, NewFile, PictureSize};
use deskline_domain::ids::ContactId;
use serde_json::json;
use uuid::Uuid;

use crate::{
    desk::Desk,
    media::{photo, png},
    server::{Drafts, Fault, TeamServer},
};

/// A desktop with a contact, at a server that keeps drafts: with their files, or an older one.
async fn desk_with_ann(takes_files: bool) -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    server.state().drafts = Some(Drafts::taking_files(takes_files));
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    (server, desk, ann)
}

fn picture(name: &str) -> NewFile {
    NewFile { name: Some(name.to_owned()), content_type: Some("image/jpeg".to_owned()), content: photo(60, 40) }
}

async fn attached(desk: &Desk, contact_id: ContactId) -> Vec<Attachment> {
    desk.client.conversation(contact_id).await.unwrap().attachments
}

/// The files of a draft, as the server has them.
fn told(server: &TeamServer, contact: ContactId) -> Vec<Uuid> {
    server.state().drafts.as_ref().unwrap().files(contact)
}

/// The words of a draft, as the server has them.
fn words(server: &TeamServer, contact: ContactId) -> Option<String> {
    let state = server.state();
    state.drafts.as_ref().unwrap().of(contact)?["content"].as_str().map(str::to_owned)
}

/// A version from another desktop, edited in an hour from now, so that it is the newest.
fn edit_elsewhere(server: &TeamServer, contact: ContactId, words: Option<&str>, files: &[(&str, &[u8])]) -> Vec<Uuid> {
    let mut state = server.state();
    let ids: Vec<Uuid> = files.iter().map(|(name, content)| state.keep("image/png", Some(name), content)).collect();
    let rows: Vec<_> = ids
        .iter()
        .zip(files)
        .map(|(id, (name, content))| json!({ "id": id, "name": name, "contentType": "image/png", "size": content.len() }))
        .collect();
    let at = state.now() + TimeDelta::hours(1);
    state.drafts.as_mut().unwrap().put(contact, words, &json!(rows), at);
    ids
}

#[tokio::test]
async fn a_crash_between_giving_a_file_and_telling_of_it_costs_nothing_and_gives_nothing_twice() {
    let (server, mut desk, ann) = desk_with_ann(true).await;
    server.state().drafts.as_mut().unwrap().busy = true;
    desk.client.save_draft(ann, "look".to_owned()).await.unwrap();
    let file = desk.client.attach(ann, picture("bicycle.jpg")).await.unwrap();
    desk.until("the file is given", async |_| server.asked("/media") == 1).await;

    desk.restart().await;
    server.state().drafts.as_mut().unwrap().busy = false;

    desk.until("the version is told", async |_| told(&server, ann).len() == 1).await;
    assert_eq!(words(&server, ann).as_deref(), Some("look"));
    assert_eq!(server.asked("/media"), 1, "the file is given once");
    assert_eq!(attached(&desk, ann).await, std::slice::from_ref(&file));
    let sent = desk.client.send_with(ann, "look".to_owned(), &[file.id]).await.unwrap();
    desk.until("the text has left", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
    assert_eq!(server.newest_files(), [photo(60, 40)]);
    assert_eq!(server.asked("/media"), 1, "also for the text");
    desk.until("the draft is gone at the server", async |_| told(&server, ann).is_empty()).await;
    assert!(attached(&desk, ann).await.is_empty());
    assert_eq!(desk.client.message(sent.id).await.unwrap().media.len(), 1);
}

#[tokio::test]
async fn a_file_that_was_attached_elsewhere_is_shown_as_coming_until_it_is_here() {
    let (server, mut desk, ann) = desk_with_ann(true).await;
    let content = png(8, 6);
    let ids = edit_elsewhere(&server, ann, Some("look"), &[("../../home/a\nb.png", &content)]);
    // Not to be had for now.
    let path = format!("/media/{}", ids[0]);
    for _ in 0..3 {
        server.fault(&path, Fault::Say(StatusCode::SERVICE_UNAVAILABLE, json!({ "error": "Not now" })));
    }
    server.fault(&path, Fault::CutBody);
    server.fault(&path, Fault::Hang);

    desk.restart().await;

    desk.until("it is seen", async |desk| attached(desk, ann).await.len() == 1).await;
    let coming = attached(&desk, ann).await.remove(0);
    assert_eq!((coming.name.as_deref(), coming.size), (Some("ab.png"), content.len() as u64), "a name, and no path");
    assert!(!coming.is_here, "it says so honestly");
    assert_eq!(desk.client.draft(ann).await.unwrap().as_deref(), Some("look"), "words do not wait for files");
    desk.client.picture_of_attachment(coming.id, PictureSize::Small).await.unwrap_err();
    desk.until("it was tried", async |_| server.asked(&path) == 5).await;
    desk.restart().await;

    desk.until("it is here", async |desk| attached(desk, ann).await.first().is_some_and(|file| file.is_here)).await;
    let here = attached(&desk, ann).await.remove(0);
    assert_eq!((here.id, here.width, here.height), (coming.id, Some(8), Some(6)));
    server.set_down(true).await;
    assert!(!desk.client.picture_of_attachment(here.id, PictureSize::Small).await.unwrap().bytes.is_empty());
}

#[tokio::test]
async fn a_text_takes_along_what_has_not_arrived_yet() {
    let (server, mut desk, ann) = desk_with_ann(true).await;
    let content = png(8, 6);
    let ids = edit_elsewhere(&server, ann, None, &[("a.png", &content)]);
    server.fault(&format!("/media/{}", ids[0]), Fault::Hang);
    desk.restart().await;
    desk.until("it is seen", async |desk| attached(desk, ann).await.len() == 1).await;
    let coming = attached(&desk, ann).await.remove(0);
    assert!(!coming.is_here);

    let echo = desk.client.send_with(ann, String::new(), &[coming.id]).await.unwrap();

    desk.until("it has left", async |desk| desk.client.message(echo.id).await.unwrap().state == MessageState::Accepted)
        .await;
    assert_eq!(server.newest_files(), [content]);
    assert_eq!(server.asked("/media"), 0, "the server had it all the time");
}

#[tokio::test]
async fn what_was_taken_away_or_sent_elsewhere_is_gone_here_and_so_is_its_content() {
    let (server, mut desk, ann) = desk_with_ann(true).await;
    let kept = |desk: &Desk| std::fs::read_dir(desk.folder().join("outbox-files")).map(Iterator::count).unwrap_or(0);
    desk.client.attach(ann, picture("a.jpg")).await.unwrap();
    desk.until("it is told", async |_| told(&server, ann).len() == 1).await;

    edit_elsewhere(&server, ann, None, &[]);
    desk.restart().await;

    desk.until("it is gone", async |desk| attached(desk, ann).await.is_empty()).await;
    desk.until("and its content", async |desk| kept(desk) == 0).await;
}

#[tokio::test]
async fn an_older_server_gets_the_words_and_the_files_stay_here_until_it_is_a_newer_one() {
    let (server, mut desk, ann) = desk_with_ann(false).await;
    desk.client.attach(ann, picture("a.jpg")).await.unwrap();
    desk.client.save_draft(ann, "look".to_owned()).await.unwrap();
    desk.until("the words are told", async |_| words(&server, ann).as_deref() == Some("look")).await;
    desk.client.save_draft(ann, String::new()).await.unwrap();
    desk.until("a draft of files alone is none there", async |_| words(&server, ann).is_none()).await;

    desk.restart().await;
    desk.client.save_draft(ann, "look here".to_owned()).await.unwrap();
    desk.until("the words are told", async |_| words(&server, ann).as_deref() == Some("look here")).await;
    assert_eq!(attached(&desk, ann).await.len(), 1, "nothing takes them away");
    assert_eq!(server.asked("/media"), 0, "and nobody has asked for them");

    server.state().drafts.as_mut().unwrap().takes_files = true;
    desk.restart().await;

    desk.until("the file is told", async |_| told(&server, ann).len() == 1).await;
    assert_eq!(words(&server, ann).as_deref(), Some("look here"));
    assert_eq!(attached(&desk, ann).await.len(), 1);
}

#[tokio::test]
async fn an_upload_that_the_server_lost_is_given_again() {
    let (server, desk, ann) = desk_with_ann(true).await;
    desk.client.attach(ann, picture("a.jpg")).await.unwrap();
    desk.until("it is told", async |_| told(&server, ann).len() == 1).await;

    // A backup from before the upload. The next version is left without the file, and the one after that, which the next question to the
    // server leads to as well, has it again.
    let lost = told(&server, ann);
    server.state().files.clear();
    desk.client.attach(ann, picture("b.jpg")).await.unwrap();
    desk.until("the other one is told without it", async |_| {
        let now = told(&server, ann);
        !now.is_empty() && now.iter().all(|file| !lost.contains(file))
    })
    .await;
    desk.client.save_draft(ann, "look".to_owned()).await.unwrap();

    desk.until("both are told", async |_| told(&server, ann).len() == 2).await;
    assert_eq!(server.asked("/media"), 3, "each upload once, and the lost one once more");
    let names: Vec<_> = attached(&desk, ann).await.into_iter().filter_map(|file| file.name).collect();
    assert_eq!(names, ["a.jpg", "b.jpg"]);
}
