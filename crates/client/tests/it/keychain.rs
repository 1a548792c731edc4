//! A keychain that is locked for a while: nothing is written without it, and what was here before comes back by itself.

use deskline_client::{
    MemoryCredentials,
    view::{ConversationFilter, Session},
};

use crate::{
    desk::{Desk, PATIENCE},
    server::TeamServer,
};

/// Somebody was signed in and has a cache, and the keychain is locked when the engine starts again.
async fn locked_after_work(server: &TeamServer) -> Desk {
    let mut desk = Desk::signed_in(server).await;
    desk.until("Ann", async |desk| desk.names(ConversationFilter::All).await == ["Ann"]).await;
    desk.client.shutdown().await;
    desk.credentials.set_locked(true);
    desk.restart().await;
    desk
}

fn is_kept(session: &Session) -> bool {
    matches!(session, Session::SignedIn { memory_only: false, .. })
}

#[tokio::test]
async fn a_locked_keychain_is_told_and_once_it_is_unlocked_everything_is_here_again() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "hello").await;
    let desk = locked_after_work(&server).await;
    let Session::SignedOut { keychain_trouble: Some(why), .. } = desk.client.session() else {
        panic!("without its keys nobody is signed in, and the reason is told: {:?}", desk.client.session())
    };
    assert!(why.contains("locked"), "{why}");
    server.set_down(true).await;

    desk.credentials.set_locked(false);

    desk.until("signed in", async |desk| is_kept(&desk.client.session())).await;
    desk.until_shown(ann, &["hello"]).await;
}

#[tokio::test]
async fn who_signs_in_meanwhile_keeps_the_newer_session_once_nothing_waits_in_memory() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let mut desk = locked_after_work(&server).await;
    let session = desk.sign_in().await.unwrap();
    assert!(matches!(session, Session::SignedIn { memory_only: true, .. }));
    desk.until("Ann", async |desk| desk.names(ConversationFilter::All).await == ["Ann"]).await;
    desk.client.save_draft(ann, "half a sentence".to_owned()).await.unwrap();

    desk.credentials.set_locked(false);
    let looks = desk.credentials.looks();
    desk.until("a look at the keychain, and another one", async |desk| desk.credentials.looks() >= looks + 2).await;
    assert!(!is_kept(&desk.client.session()), "a draft that lives in memory is not thrown away");
    desk.client.save_draft(ann, String::new()).await.unwrap();

    desk.until("kept on the disk again", async |desk| is_kept(&desk.client.session())).await;
    server.state().access.clear();
    desk.client.send_message(ann, "hi".to_owned()).await.unwrap();
    desk.until("sent", async |_| server.sent_texts() == ["hi"]).await;
    desk.restart().await;
    assert!(is_kept(&desk.client.session()), "the tokens of the newer session were stored");
}

#[tokio::test]
async fn the_session_of_another_person_is_not_replaced() {
    let server = TeamServer::start().await;
    server.contact("Ann", "+15550100001");
    let desk = locked_after_work(&server).await;
    desk.sign_in_as("other@example.com", "open sesame").await.unwrap();

    desk.credentials.set_locked(false);
    let looks = desk.credentials.looks();
    desk.until("a look at the keychain, and another one", async |desk| desk.credentials.looks() >= looks + 2).await;

    let Session::SignedIn { email, memory_only: true, .. } = desk.client.session() else {
        panic!("whoever signed in stays: {:?}", desk.client.session())
    };
    assert_eq!(email, "other@example.com");
}

#[tokio::test]
async fn a_keychain_that_was_locked_at_the_first_start_of_all_is_used_from_then_on() {
    let server = TeamServer::start().await;
    let desk = Desk::with(&server, MemoryCredentials::broken(), PATIENCE).await;
    assert_eq!(desk.files(), ["lock"]);

    desk.credentials.set_locked(false);

    desk.until("no trouble", async |desk| {
        matches!(desk.client.session(), Session::SignedOut { keychain_trouble: None, .. })
    })
    .await;
    assert!(is_kept(&desk.sign_in().await.unwrap()));
}
