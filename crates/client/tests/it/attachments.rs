//! Files that go with texts: on disk at once, on the server once, whatever breaks on the way; and what happens to those that do not go.

use axum::http::StatusCode;
use deskline_client::{
    ErrorCode,
    view::{Attachment, Message, MessageState, NewFile},
};
use deskline_domain::ids::ContactId;

use crate::{
    damage::backed_up,
    desk::Desk,
    media::{photo, png},
    server::{Fault, TeamServer, error},
};

async fn desk_with_ann() -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    (server, desk, ann)
}

fn file(name: &str, content_type: &str, content: &[u8]) -> NewFile {
    NewFile { name: Some(name.to_owned()), content_type: Some(content_type.to_owned()), content: content.to_vec() }
}

async fn attached(desk: &Desk, contact_id: ContactId) -> Vec<Attachment> {
    desk.client.conversation(contact_id).await.unwrap().attachments
}

/// Names of the contents beside the outbox.
fn kept(desk: &Desk) -> usize {
    std::fs::read_dir(desk.folder().join("outbox-files")).map(Iterator::count).unwrap_or_default()
}

async fn the_only(desk: &Desk, contact_id: ContactId) -> Message {
    let thread = desk.thread(contact_id).await;
    assert_eq!(thread.len(), 1, "one text is one bubble");
    thread.into_iter().next().unwrap()
}

#[tokio::test]
async fn files_attached_offline_wait_through_a_restart_and_leave_once_with_their_text() {
    let (server, mut desk, ann) = desk_with_ann().await;
    server.set_down(true).await;
    let (bicycle, card) = (photo(60, 40), b"BEGIN:VCARD\r\nEND:VCARD\r\n".to_vec());
    let first = desk.client.attach(ann, file("bicycle.jpg", "image/jpeg", &bicycle)).await.unwrap();
    let second = desk.client.attach(ann, file("ann.vcf", "", &card)).await.unwrap();
    assert_eq!((first.width, first.height, first.is_picture), (Some(60), Some(40), true));
    assert_eq!((second.content_type.as_str(), second.is_picture), ("text/vcard", false));

    desk.restart().await;
    assert_eq!(attached(&desk, ann).await, [first.clone(), second.clone()], "a draft keeps its files");
    let echo = desk.client.send_with(ann, "look".to_owned(), &[first.id, second.id]).await.unwrap();
    desk.restart().await;

    let waiting = the_only(&desk, ann).await;
    assert_eq!((waiting.state, waiting.id), (MessageState::Waiting, echo.id));
    assert_eq!(waiting.media[0].name.as_deref(), Some("bicycle.jpg"));
    assert_eq!((waiting.media[0].width, waiting.media[0].height), (Some(60), Some(40)), "its box has its size already");
    assert_eq!(desk.client.file(echo.id, 0).await.unwrap().content, bicycle, "and it can be looked at offline");
    assert!(attached(&desk, ann).await.is_empty(), "the draft is empty");
    server.set_down(false).await;

    desk.until("nothing waits", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
    assert_eq!(server.sent(), [(echo.id.to_string(), "look".to_owned())]);
    assert_eq!(server.newest_files(), [bicycle, card]);
    assert_eq!(server.asked("/media"), 2, "each file is given to the server once");
}

#[tokio::test]
async fn an_answer_that_was_lost_never_makes_two_texts_and_whole_files_are_not_given_twice() {
    let (server, desk, ann) = desk_with_ann().await;
    let picture = photo(60, 40);
    let first = desk.client.attach(ann, file("a.jpg", "image/jpeg", &picture)).await.unwrap();
    let second = desk.client.attach(ann, file("b.png", "image/png", &png(8, 8))).await.unwrap();
    server.fault("/media", Fault::LoseAnswer);
    server.fault("/media", Fault::Break);
    server.fault("/media", Fault::Say(StatusCode::SERVICE_UNAVAILABLE, error("Not now")));
    server.fault("/sms/send-sms", Fault::LoseAnswer);

    desk.client.send_with(ann, String::new(), &[first.id, second.id]).await.unwrap();

    desk.until("nothing waits", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
    assert_eq!(server.sent().len(), 1);
    assert_eq!(server.newest_files(), [picture, png(8, 8)]);
    assert_eq!(server.asked("/media"), 5, "the first file four times, the second once");
}

#[tokio::test]
async fn once_the_server_has_the_text_its_files_stay_here_without_being_fetched() {
    let (server, desk, ann) = desk_with_ann().await;
    let picture = photo(60, 40);
    let attachment = desk.client.attach(ann, file("a.jpg", "image/jpeg", &picture)).await.unwrap();

    let echo = desk.client.send_with(ann, "look".to_owned(), &[attachment.id]).await.unwrap();
    desk.until("the server's row", async |desk| {
        kept(desk) == 0 && desk.client.message(echo.id).await.unwrap().state == MessageState::Accepted
    })
    .await;
    server.set_down(true).await;

    let row = the_only(&desk, ann).await;
    assert_eq!((row.media[0].width, row.media[0].height), (Some(60), Some(40)), "the box keeps its size");
    assert_eq!(desk.client.file(echo.id, 0).await.unwrap().content, picture);
    assert_eq!(server.asked("/media/link"), 0);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_the_moment_it_is_attached_and_says_why() {
    let (_server, desk, ann) = desk_with_ann().await;
    let refused = async |file: NewFile| {
        let error = desk.client.attach(ann, file).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Refused, "{error}");
        error.to_string()
    };

    assert!(refused(file("a.zip", "application/zip", b"PK\x03\x04aaaa")).await.contains("Twilio takes no files"));
    assert!(refused(file("a.png", "image/png", &photo(8, 8))).await.contains("Send it as what it is"));
    assert!(refused(file("a.txt", "text/plain", b"")).await.contains("empty"));
    assert!(refused(file("a.txt", "text/plain", &vec![b'a'; 5 << 20 | 1])).await.contains("5 MB"));
    for n in 0..10 {
        desk.client.attach(ann, file(&format!("{n}.txt"), "text/plain", b"a few words")).await.unwrap();
    }
    assert!(refused(file("11.txt", "text/plain", b"one more")).await.contains("ten files"));
    assert_eq!((attached(&desk, ann).await.len(), kept(&desk)), (10, 10), "nothing stays of what was refused");
}

#[tokio::test]
async fn files_that_are_too_large_together_are_refused() {
    let (_server, desk, ann) = desk_with_ann().await;
    let words = |megabytes: usize| vec![b'a'; megabytes << 20];
    desk.client.attach(ann, file("a.txt", "text/plain", &words(3))).await.unwrap();

    let error = desk.client.attach(ann, file("b.txt", "text/plain", &words(3))).await.unwrap_err();

    assert!(error.to_string().contains("5 MB"), "{error}");
    assert_eq!(kept(&desk), 1);
}

#[tokio::test]
async fn a_file_that_the_server_refuses_parks_its_text_with_the_reason_and_editing_brings_both_back() {
    let (server, desk, ann) = desk_with_ann().await;
    let attachment = desk.client.attach(ann, file("a.txt", "text/plain", b"words")).await.unwrap();
    let no = "Twilio takes no files of the type text/plain.";
    server.fault("/media", Fault::Say(StatusCode::UNSUPPORTED_MEDIA_TYPE, error(no)));

    let echo = desk.client.send_with(ann, "look".to_owned(), &[attachment.id]).await.unwrap();

    desk.until("it is parked", async |desk| desk.client.message(echo.id).await.unwrap().state == MessageState::Parked)
        .await;
    assert_eq!(desk.client.message(echo.id).await.unwrap().failure.unwrap().explanation, no);
    assert!(server.sent().is_empty());
    assert_eq!(desk.client.take_back(echo.id).await.unwrap(), "look");
    assert_eq!(attached(&desk, ann).await, std::slice::from_ref(&attachment));
    desk.client.detach(attachment.id).await.unwrap();
    assert_eq!((attached(&desk, ann).await.len(), kept(&desk)), (0, 0));
}

#[tokio::test]
async fn a_text_of_files_alone_can_be_taken_back_into_a_draft_with_files_of_its_own() {
    let (server, desk, ann) = desk_with_ann().await;
    server.set_down(true).await;
    let first = desk.client.attach(ann, file("a.txt", "text/plain", b"one")).await.unwrap();
    let echo = desk.client.send_with(ann, String::new(), &[first.id]).await.unwrap();
    desk.client.save_draft(ann, "and".to_owned()).await.unwrap();
    let second = desk.client.attach(ann, file("b.txt", "text/plain", b"two")).await.unwrap();

    // Not in the moment in which it is tried.
    let taken = std::cell::RefCell::new(None);
    desk.until("it is taken back", async |desk| {
        let text = desk.client.take_back(echo.id).await.ok();
        let done = text.is_some();
        taken.replace(text);
        done
    })
    .await;

    assert_eq!(taken.take().as_deref(), Some("and"));
    assert_eq!(attached(&desk, ann).await, [first, second]);
}

#[tokio::test]
async fn discarding_a_text_destroys_its_files() {
    let (server, desk, ann) = desk_with_ann().await;
    server.set_down(true).await;
    let attachment = desk.client.attach(ann, file("a.txt", "text/plain", b"one")).await.unwrap();
    let echo = desk.client.send_with(ann, String::new(), &[attachment.id]).await.unwrap();
    assert_eq!(kept(&desk), 1);

    // Not in the moment in which it is tried.
    desk.until("it is discarded", async |desk| desk.client.discard(echo.id).await.is_ok()).await;

    assert_eq!(kept(&desk), 0);
}

#[tokio::test]
async fn a_text_that_is_sent_without_naming_the_files_of_the_draft_leaves_them_there() {
    let (server, desk, ann) = desk_with_ann().await;
    let attachment = desk.client.attach(ann, file("a.txt", "text/plain", b"one")).await.unwrap();

    desk.client.send_message(ann, "from a notification".to_owned()).await.unwrap();

    desk.until("it left", async |_| server.sent_texts() == ["from a notification"]).await;
    assert!(server.newest_files().is_empty());
    assert_eq!(attached(&desk, ann).await, [attachment]);
}

#[tokio::test]
async fn a_file_that_is_damaged_parks_its_text_unless_the_server_has_it() {
    let (server, desk, ann) = desk_with_ann().await;
    server.set_down(true).await;
    let attachment = desk.client.attach(ann, file("a.txt", "text/plain", b"one")).await.unwrap();
    let echo = desk.client.send_with(ann, "look".to_owned(), &[attachment.id]).await.unwrap();
    std::fs::write(desk.folder().join("outbox-files").join(attachment.id.to_string()), "noise").unwrap();

    server.set_down(false).await;

    desk.until("it is parked", async |desk| desk.client.message(echo.id).await.unwrap().state == MessageState::Parked)
        .await;
    let failure = desk.client.message(echo.id).await.unwrap().failure.unwrap();
    assert!(failure.explanation.contains("attach it again") && failure.can_discard, "{failure:?}");
    assert!(server.sent().is_empty());
}

#[tokio::test]
async fn files_survive_an_outbox_that_is_put_together_from_its_backup() {
    let (server, mut desk, ann) = desk_with_ann().await;
    server.set_down(true).await;
    let picture = photo(60, 40);
    let attachment = desk.client.attach(ann, file("a.jpg", "image/jpeg", &picture)).await.unwrap();
    desk.client.send_with(ann, "look".to_owned(), &[attachment.id]).await.unwrap();
    backed_up(&desk).await;
    desk.client.shutdown().await;
    std::fs::remove_file(desk.folder().join("outbox.db-wal")).ok();
    std::fs::write(desk.folder().join("outbox.db"), vec![0xa5; 40_000]).unwrap();

    desk.restart().await;
    server.set_down(false).await;

    desk.until("it left", async |_| server.sent_texts() == ["look"]).await;
    assert_eq!(server.newest_files(), [picture]);
}

#[tokio::test]
async fn an_account_on_the_shelf_keeps_its_files_and_signing_out_destroys_them() {
    let (server, desk, ann) = desk_with_ann().await;
    let picture = photo(60, 40);
    let attachment = desk.client.attach(ann, file("a.jpg", "image/jpeg", &picture)).await.unwrap();

    desk.sign_in_as("other@example.com", "open sesame").await.unwrap();
    desk.until("Ann at the other's desk", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    assert!(attached(&desk, ann).await.is_empty(), "somebody else sees nothing of it");
    assert_eq!(kept(&desk), 0);
    desk.sign_in().await.unwrap();
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;

    assert_eq!(attached(&desk, ann).await, std::slice::from_ref(&attachment));
    desk.client.send_with(ann, "look".to_owned(), &[attachment.id]).await.unwrap();
    desk.until("it left", async |_| server.sent_texts() == ["look"]).await;
    assert_eq!(server.newest_files(), [picture]);
    desk.client.attach(ann, file("b.txt", "text/plain", b"words")).await.unwrap();
    desk.client.sign_out().await.unwrap();
    let left: Vec<_> = desk.files().into_iter().filter(|name| name.ends_with("-files")).collect();
    assert!(left.is_empty(), "{left:?}");
}
