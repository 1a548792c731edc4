//! What can be posted in public tells nothing about anybody.

use deskline_client::view::ConversationFilter;

use crate::{desk::Desk, server::TeamServer};

#[tokio::test]
async fn diagnostics_count_everything_and_tell_nothing_of_anybody() {
    let server = TeamServer::start().await;
    let ann = server.contact("Annabel Featherstonehaugh", "+15550100001");
    server.receives(ann, "the safe opens with 4711").await;
    let desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["the safe opens with 4711"]).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "never write that".to_owned()).await.unwrap();
    desk.client.save_draft(ann, "a draft about the safe".to_owned()).await.unwrap();
    desk.client.set_muted(ann, true).await.unwrap();
    assert_eq!(desk.names(ConversationFilter::Open).await, ["Annabel Featherstonehaugh"]);

    let said = desk.client.diagnostics().await.to_string();

    for line in ["Conversations: 1", "Texts: 1", "Texts waiting: 1", "Drafts: 1", "Muted conversations: 1", "Unread: 1"]
    {
        assert!(said.lines().any(|found| found == line), "{line} is missing in:\n{said}");
    }
    let team = server.state().workspace_id.to_string();
    let id = ann.to_string();
    let secrets = [
        "Annabel",
        "555",
        "safe",
        "never write",
        "agent@",
        "open sesame",
        "127.0.0.1",
        "secret",
        "Support",
        &team,
        &id,
    ];
    let quiet = said.to_lowercase();
    for secret in secrets {
        assert!(!quiet.contains(&secret.to_lowercase()), "\"{secret}\" is told in:\n{said}");
    }
    assert!(!said.contains(&desk.folder().display().to_string()));
}

#[tokio::test]
async fn a_link_with_a_number_opens_its_conversation_and_a_strangers_number_is_told() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    let mut events = desk.client.events();

    desk.client.open_conversation_with(&"+15550100001".to_owned().try_into().unwrap()).await.unwrap();

    loop {
        if let deskline_client::ClientEvent::OpenConversation { contact_id } = events.recv().await.unwrap() {
            assert_eq!(contact_id, ann);
            break;
        }
    }
    desk.client.open_conversation_with(&"+15550199999".to_owned().try_into().unwrap()).await.unwrap();
    assert!(desk.client.local_copy().notices[0].text.contains("no conversation with +15550199999"));
}
