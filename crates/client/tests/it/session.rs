//! Signing in and out, tokens that end, and keychains that fail.

use axum::http::StatusCode;
use chrono::TimeDelta;
use deskline_client::{
    Client, CredentialStore, ErrorCode, MemoryCredentials,
    view::{Connection, ConversationFilter, Session, SignIn},
};
use secrecy::ExposeSecret;

use crate::{
    desk::{Desk, PATIENCE},
    server::{Fault, TeamServer, error},
};

#[tokio::test]
async fn signing_in_names_the_agent_and_the_teams() {
    let server = TeamServer::start().await;
    let desk = Desk::open(&server).await;

    let session = desk.sign_in().await.unwrap();

    let Session::SignedIn { server: address, email, workspaces, expired, memory_only, .. } = session else {
        panic!("somebody is signed in")
    };
    assert_eq!((address.as_str(), email.as_str()), (server.url.as_str(), "agent@example.com"));
    assert_eq!((workspaces[0].name.as_str(), expired, memory_only), ("Support", false, false));
}

#[tokio::test]
async fn what_goes_wrong_at_the_first_sign_in_is_told_apart() {
    let server = TeamServer::start().await;
    let desk = Desk::open(&server).await;
    let at = |address: &str| SignIn {
        server: address.to_owned(),
        email: "agent@example.com".to_owned(),
        password: "open sesame".to_owned(),
    };

    assert_eq!(desk.sign_in_as("agent@example.com", "guess").await.unwrap_err().code(), ErrorCode::BadCredentials);
    assert_eq!(desk.client.sign_in(at("http://127.0.0.1:9")).await.unwrap_err().code(), ErrorCode::Unreachable);
    assert_eq!(desk.client.sign_in(at("no address")).await.unwrap_err().code(), ErrorCode::NotAServer);
    server.fault("/auth/v1/token", Fault::Say(StatusCode::NOT_FOUND, error("Not found")));
    assert_eq!(desk.sign_in().await.unwrap_err().code(), ErrorCode::NotAServer);
    server.fault("/session", Fault::Say(StatusCode::UPGRADE_REQUIRED, error("Update")));
    assert_eq!(desk.sign_in().await.unwrap_err().code(), ErrorCode::Incompatible);
    assert_eq!(
        desk.client.session(),
        Session::SignedOut { last_server: None, last_email: None, keychain_trouble: None }
    );
    assert!(desk.client.conversations(Default::default()).await.is_err());
}

#[tokio::test]
async fn a_token_that_ended_is_renewed_once_for_everybody_who_needs_one() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    let before = server.asked("/auth/v1/token");

    server.state().access.clear();
    desk.client.send_message(ann, "hello".to_owned()).await.unwrap();

    desk.until("sent", async |_| server.sent().len() == 1).await;
    assert_eq!(server.asked("/auth/v1/token") - before, 1);
    let item = desk.credentials.load().unwrap().unwrap();
    assert!(item.expose_secret().contains("refresh-secret-2"), "the new refresh token is in the keychain");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_a_broken_network_ends_no_session() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;

    for _ in 0..3 {
        server.fault("/auth/v1/token", Fault::Break);
        server.fault("/auth/v1/token", Fault::Say(StatusCode::BAD_GATEWAY, error("Not now")));
    }
    desk.pass(TimeDelta::hours(2));
    desk.client.send_message(ann, "hello".to_owned()).await.unwrap();

    desk.until("sent", async |_| server.sent().len() == 1).await;
    assert!(matches!(desk.client.session(), Session::SignedIn { expired: false, .. }));
}

#[tokio::test]
async fn a_session_that_ended_keeps_everything_and_goes_on_after_signing_in() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "hello").await;
    let mut desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["hello"]).await;

    server.state().access.clear();
    server.state().refresh.clear();
    desk.until("expired", async |desk| matches!(desk.client.session(), Session::SignedIn { expired: true, .. })).await;
    desk.until("signed out", async |desk| desk.client.connection() == Connection::SignedOut).await;
    desk.client.send_message(ann, "I wait".to_owned()).await.unwrap();
    desk.restart().await;

    assert!(matches!(desk.client.session(), Session::SignedIn { expired: true, .. }));
    assert_eq!(desk.texts(ann).await, ["hello", "I wait"]);
    desk.sign_in().await.unwrap();
    desk.until("sent", async |_| server.sent_texts() == ["I wait"]).await;
}

#[tokio::test]
async fn signing_out_leaves_nothing_but_the_address_in_the_form() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "hello").await;
    let mut desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["hello"]).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "waits".to_owned()).await.unwrap();
    assert_eq!(desk.client.waiting_count().await.unwrap(), 1);

    desk.client.sign_out().await.unwrap();

    let out = Session::SignedOut {
        last_server: Some(server.url.clone()),
        last_email: Some("agent@example.com".to_owned()),
        keychain_trouble: None,
    };
    assert_eq!((desk.client.session(), desk.client.connection()), (out.clone(), Connection::SignedOut));
    assert!(desk.client.conversations(Default::default()).await.is_err());
    assert_eq!(desk.client.unread_count().await.unwrap(), 0);
    desk.restart().await;
    assert_eq!(desk.client.session(), out);
    server.set_down(false).await;
    desk.sign_in().await.unwrap();
    desk.until_shown(ann, &["hello"]).await;
    assert!(server.sent().is_empty());
}

#[tokio::test]
async fn another_person_sees_nothing_of_the_former_one_whose_texts_wait_for_them() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "mine alone".to_owned()).await.unwrap();
    server.state().access.clear();
    server.state().refresh.clear();
    server.set_down(false).await;
    desk.until("expired", async |desk| matches!(desk.client.session(), Session::SignedIn { expired: true, .. })).await;

    desk.sign_in_as("other@example.com", "open sesame").await.unwrap();
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    assert!(desk.thread(ann).await.is_empty());
    assert!(desk.files().iter().any(|name| name.starts_with("outbox-of-")));
    assert!(server.sent().is_empty());
    desk.client.sign_out().await.unwrap();

    desk.sign_in().await.unwrap();
    desk.until("sent after all", async |_| server.sent_texts() == ["mine alone"]).await;
    assert!(!desk.files().iter().any(|name| name.starts_with("outbox-of-")));
}

#[tokio::test]
async fn without_a_keychain_everything_lives_in_memory_and_nothing_is_written() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "hello").await;
    let desk = Desk::with(&server, MemoryCredentials::broken(), PATIENCE).await;

    let session = desk.sign_in().await.unwrap();

    assert!(matches!(session, Session::SignedIn { memory_only: true, .. }));
    desk.until_shown(ann, &["hello"]).await;
    desk.client.send_message(ann, "hi".to_owned()).await.unwrap();
    desk.until("sent", async |_| server.sent_texts() == ["hi"]).await;
    assert_eq!(desk.files(), ["lock"]);
}

#[tokio::test]
async fn a_second_engine_does_not_get_the_folder_of_a_running_one() {
    let server = TeamServer::start().await;
    let desk = Desk::open(&server).await;

    let second = Client::open(desk.options()).await;

    assert_eq!(second.unwrap_err().code(), ErrorCode::InUse);
    desk.client.shutdown().await;
    Client::open(desk.options()).await.unwrap();
}

#[tokio::test]
async fn a_cache_that_cannot_be_read_is_set_aside_and_fetched_again() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "hello").await;
    let mut desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["hello"]).await;
    desk.client.shutdown().await;

    std::fs::write(desk.folder().join("cache.db"), "this is no database, and long enough to be looked at".repeat(100))
        .unwrap();
    desk.restart().await;

    desk.until_shown(ann, &["hello"]).await;
    desk.until("Ann", async |desk| desk.names(ConversationFilter::All).await == ["Ann"]).await;
    assert!(desk.files().iter().any(|name| name.starts_with("cache-could-not-be-opened-")), "{:?}", desk.files());
}

#[tokio::test]
async fn an_outbox_that_cannot_be_read_is_kept_under_a_name_that_says_so() {
    let server = TeamServer::start().await;
    let mut desk = Desk::signed_in(&server).await;
    desk.client.shutdown().await;

    let damaged = "this is no database, and long enough to be looked at".repeat(100);
    std::fs::write(desk.folder().join("outbox.db"), &damaged).unwrap();
    desk.restart().await;

    let aside = desk.files().into_iter().find(|name| name.starts_with("outbox-could-not-be-opened-")).unwrap();
    assert_eq!(std::fs::read_to_string(desk.folder().join(aside)).unwrap(), damaged);
}
