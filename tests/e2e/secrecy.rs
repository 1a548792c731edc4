//! What a thief of the disk finds: nothing.

use std::path::Path;

use deskline_client::view::MessageState;
use deskline_domain::protocol::ReplySettings;
use deskline_e2e::{
    World,
    world::{MARIA, PASSWORD},
};

/// Every file below a folder with what is in it.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_name_or_secret_stands_in_any_file_of_the_data_folder() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "inbound-canary-7316").await;
    let maria = ann.conversation("Maria's text", |row| row.phone == MARIA).await.contact_id;
    let echo = ann.client.send_message(maria, "outbound-canary-7316".to_owned()).await.unwrap();
    ann.client.save_draft(maria, "draft-canary-7316".to_owned()).await.unwrap();
    let begun = ReplySettings { note: "note-canary-7316".to_owned(), ..ReplySettings::default() };
    ann.client.save_reply(maria, begun).await.unwrap();
    ann.reaches(echo.id, MessageState::Delivered).await;

    let while_running = files(ann.folder());
    let place = ann.close().await;
    let after_closing = files(place.folder());

    for (name, bytes) in while_running.iter().chain(&after_closing) {
        for canary in ["canary-7316", MARIA, PASSWORD, "ann@example.com", "SQLite format 3"] {
            let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "\"{canary}\" can be read in {name}");
        }
    }
    assert!(after_closing.len() >= 2, "the folder holds the cache and the outbox: {:?}", place.folder());
    world.end().await;
}
