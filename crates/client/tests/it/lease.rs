//! A desktop without any contact with its server: after two weeks nobody can read its cache, whatever its clock says.

use chrono::TimeDelta;
use deskline_client::{
    CredentialStore,
    view::{Connection, ConversationFilter, NoticeKind, Session},
};
use secrecy::ExposeSecret;

use crate::{desk::Desk, server::TeamServer};

async fn desk_without_a_server() -> (TeamServer, Desk, deskline_domain::ids::ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "hello").await;
    let desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["hello"]).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "I wait".to_owned()).await.unwrap();
    (server, desk, ann)
}

fn key(desk: &Desk) -> String {
    let item = desk.credentials.load().unwrap().unwrap();
    let vault: serde_json::Value = serde_json::from_str(item.expose_secret()).unwrap();
    vault["cacheKey"].as_str().unwrap().to_owned()
}

async fn is_over(server: &TeamServer, desk: &Desk, ann: deskline_domain::ids::ContactId, old_key: &str) {
    desk.until("the session ended", async |desk| {
        matches!(desk.client.session(), Session::SignedIn { expired: true, .. })
    })
    .await;
    assert_eq!(desk.client.local_copy().notices[0].kind, NoticeKind::LeaseOver);
    assert!(desk.names(ConversationFilter::All).await.is_empty(), "the cache is gone");
    assert_ne!(key(desk), old_key, "and so is its key");
    let item = desk.credentials.load().unwrap().unwrap();
    assert!(!item.expose_secret().contains("refresh-secret"), "nobody goes on with the old session");
    server.set_down(false).await;
    assert_eq!(desk.client.connection(), Connection::SignedOut);

    desk.sign_in().await.unwrap();

    desk.until("hello again", async |desk| desk.texts(ann).await.first().is_some_and(|text| text == "hello")).await;
    let waiting = usize::try_from(desk.client.waiting_count().await.unwrap()).unwrap();
    assert_eq!(waiting + server.sent().len(), 1, "what waited was kept");
}

#[tokio::test]
async fn a_cache_without_contact_is_gone_after_two_weeks_and_what_waits_is_kept() {
    let (server, desk, ann) = desk_without_a_server().await;
    let old_key = key(&desk);

    desk.pass(TimeDelta::days(13));
    assert_eq!(desk.names(ConversationFilter::All).await, ["Ann"]);
    desk.pass(TimeDelta::days(1));

    is_over(&server, &desk, ann, &old_key).await;
}

#[tokio::test]
async fn a_lost_laptop_that_is_opened_later_shows_nothing() {
    let (server, mut desk, ann) = desk_without_a_server().await;
    let old_key = key(&desk);
    desk.client.shutdown().await;

    desk.pass(TimeDelta::days(14));
    desk.restart().await;

    assert!(desk.names(ConversationFilter::All).await.is_empty());
    is_over(&server, &desk, ann, &old_key).await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_gives_no_more_time() {
    let (server, mut desk, ann) = desk_without_a_server().await;
    let old_key = key(&desk);
    // It was on and without contact for nearly two weeks, and this was written down.
    desk.pass(TimeDelta::days(13));
    desk.until("written down", async |desk| {
        let item = desk.credentials.load().unwrap().unwrap();
        let vault: serde_json::Value = serde_json::from_str(item.expose_secret()).unwrap();
        vault["lease"]["seen"].as_str().unwrap() > "2027-01-27"
    })
    .await;
    desk.client.shutdown().await;
    desk.pass(-TimeDelta::days(13));
    desk.restart().await;
    assert_eq!(desk.names(ConversationFilter::All).await, ["Ann"], "it is not over yet");

    desk.pass(TimeDelta::days(14));

    is_over(&server, &desk, ann, &old_key).await;
}

#[tokio::test]
async fn a_desktop_that_hears_its_server_keeps_its_cache() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let mut desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;

    for _ in 0..3 {
        desk.pass(TimeDelta::days(10));
        let asked = server.asked("/sync");
        desk.until("two looks", async |_| server.asked("/sync") > asked + 1).await;
    }
    desk.restart().await;

    assert_eq!(desk.names(ConversationFilter::All).await, ["Ann"]);
    assert!(matches!(desk.client.session(), Session::SignedIn { expired: false, .. }));
}
