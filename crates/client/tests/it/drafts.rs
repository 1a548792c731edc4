//! What was begun is kept at the moment in which it is handed over, whatever happens to the program then.

use deskline_client::{CredentialStore, MemoryCredentials, view::ConversationFilter};
use tempfile::TempDir;

use crate::{
    desk::{Desk, PATIENCE},
    server::TeamServer,
};

#[tokio::test]
async fn a_draft_that_was_handed_over_is_there_although_the_program_was_killed_right_after() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.names(ConversationFilter::All).await == ["Ann"]).await;
    server.set_down(true).await;

    desk.client.save_draft(ann, "half a sent".to_owned()).await.unwrap();

    // What a process leaves that is killed at this moment: its files as they are, and its keychain.
    let left = TempDir::new().unwrap();
    for name in desk.files() {
        let path = desk.folder().join(&name);
        if path.is_file() {
            std::fs::copy(path, left.path().join(&name)).unwrap();
        }
    }
    let keychain = MemoryCredentials::default();
    keychain.save(&desk.credentials.load().unwrap().unwrap()).unwrap();
    let again = Desk::within(&server, keychain, PATIENCE, left).await;

    assert_eq!(again.client.draft(ann).await.unwrap().as_deref(), Some("half a sent"));
    assert_eq!(again.list(ConversationFilter::All).await[0].draft.as_deref(), Some("half a sent"));
}

#[tokio::test]
async fn a_draft_that_was_deleted_or_sent_counts_as_nothing_that_its_owner_would_miss() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let mut desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.names(ConversationFilter::All).await == ["Ann"]).await;
    server.set_down(true).await;
    desk.client.save_draft(ann, "one".to_owned()).await.unwrap();
    desk.client.save_draft(ann, " ".to_owned()).await.unwrap();

    assert_eq!(desk.client.draft(ann).await.unwrap(), None);
    desk.restart().await;
    assert_eq!(desk.client.draft(ann).await.unwrap(), None);
    desk.client.save_draft(ann, "two".to_owned()).await.unwrap();
    let text = desk.client.send_message(ann, "two".to_owned()).await.unwrap();

    assert_eq!(desk.client.draft(ann).await.unwrap(), None);
    assert_eq!(desk.client.take_back(text.id).await.unwrap(), "two", "nothing blank stands below it");
}
