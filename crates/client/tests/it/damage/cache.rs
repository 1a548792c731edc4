//! A cache that is damaged or gone: it is fetched again, and what waits to be sent has nothing to do with it.

use std::time::Duration;

use deskline_client::{
    ClientEvent, CredentialStore, MemoryCredentials, Patience,
    view::{ConversationQuery, MessageQuery, Session},
};
use rstest::rstest;
use secrecy::ExposeSecret;

use super::{Harm, TEXTS, desk_with_history, is_whole_again};
use crate::{
    desk::{Desk, PATIENCE},
    server::TeamServer,
};

#[rstest]
#[tokio::test]
async fn a_cache_that_is_damaged_at_the_start_is_fetched_again(
    #[values(Harm::NoiseOverTheHeader, Harm::NoiseInTheMiddle, Harm::NoiseEverywhere, Harm::CutInHalf)] harm: Harm,
) {
    let (server, mut desk, ann) = desk_with_history().await;
    desk.client.save_draft(ann, "I was about to".to_owned()).await.unwrap();
    desk.client.shutdown().await;
    harm.befall(&desk.folder().join("cache.db"));
    server.set_down(true).await;

    desk.restart().await;
    desk.until("it is said", async |desk| {
        desk.client.local_copy().rebuilding.is_some_and(|why| why.contains("was damaged"))
    })
    .await;
    server.set_down(false).await;

    is_whole_again(&desk, ann).await;
    assert_eq!(desk.client.draft(ann).await.unwrap().as_deref(), Some("I was about to"));
    assert!(desk.files().iter().any(|name| name.starts_with("cache-")), "it was set aside: {:?}", desk.files());
    assert!(matches!(desk.client.session(), Session::SignedIn { expired: false, .. }));
}

#[rstest]
#[tokio::test]
async fn a_cache_that_is_damaged_while_the_window_is_open_is_fetched_again(
    #[values(
        Harm::NoiseOverTheHeader,
        Harm::NoiseInTheMiddle,
        Harm::NoiseEverywhere,
        Harm::CutInHalf,
        Harm::Emptied,
        Harm::Gone
    )]
    harm: Harm,
) {
    let (server, mut desk, ann) = desk_with_history().await;
    // Everything goes from the log into the file itself.
    desk.restart().await;
    desk.until("it is there", async |desk| desk.thread(ann).await.len() == TEXTS).await;
    // What the server says about the time is told as well, and has nothing to do with this.
    desk.until("what time it is there", async |desk| desk.client.local_copy().clock.is_some()).await;
    let events = std::sync::Mutex::new(desk.client.events());

    harm.befall(&desk.folder().join("cache.db"));
    // An agent looks around until something is read that is not there any more.
    desk.until("it is told", async |desk| {
        let query = MessageQuery { contact_id: ann, page: None, limit: 500 };
        _ = desk.client.messages(query).await;
        server.receives(ann, "one more").await;
        let mut events = events.lock().unwrap();
        std::iter::from_fn(|| events.try_recv().ok()).any(|event| event == ClientEvent::LocalCopyChanged)
    })
    .await;

    desk.until("the conversations", async |desk| {
        let query = ConversationQuery { limit: 100, ..ConversationQuery::default() };
        desk.client.conversations(query).await.is_ok_and(|page| page.conversations.len() == 1)
    })
    .await;
    desk.until("the end of it is told", async |desk| desk.client.local_copy().rebuilding.is_none()).await;
    desk.until("all of the history, and what came since", async |desk| desk.thread(ann).await.len() > TEXTS).await;
}

#[tokio::test]
async fn a_text_that_waits_leaves_after_its_cache_was_fetched_again() {
    let (server, mut desk, ann) = desk_with_history().await;
    desk.restart().await;
    server.set_down(true).await;
    desk.client.send_message(ann, "on my way".to_owned()).await.unwrap();

    Harm::NoiseEverywhere.befall(&desk.folder().join("cache.db"));
    desk.until("it is set aside", async |desk| {
        _ = desk.client.unread_count().await;
        desk.files().iter().any(|name| name.starts_with("cache-was-damaged-"))
    })
    .await;
    server.set_down(false).await;

    desk.until("sent", async |_| server.sent_texts() == ["on my way"]).await;
}

#[tokio::test]
async fn a_text_that_was_kept_is_not_said_to_have_failed_because_the_cache_is_damaged() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let patience = Patience { before_check: Duration::from_secs(3_600), ..PATIENCE };
    let mut desk = Desk::with(&server, MemoryCredentials::default(), patience).await;
    desk.sign_in().await.unwrap();
    server.receives(ann, "hello").await;
    desk.until_shown(ann, &["hello"]).await;
    server.set_down(true).await;
    desk.client.shutdown().await;
    // The page that a single text is found by, and no other.
    let page = root_page(&desk, "messages_by_id").await;
    let path = desk.folder().join("cache.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[(page - 1) * 4_096..page * 4_096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    desk.restart().await;

    let mut kept = 0;
    for n in 0..20 {
        // A connection that has met the page answers nothing more, so that some texts cannot be kept.
        kept += u32::from(desk.client.send_message(ann, format!("once {n}")).await.is_ok());
    }

    desk.until("what was refused was not kept: it would be sent twice", async |desk| {
        desk.client.waiting_count().await.ok() == Some(kept)
    })
    .await;
}

/// Which page of the cache an index begins on.
async fn root_page(desk: &Desk, index: &str) -> usize {
    use sqlx::{ConnectOptions, Connection};

    let item = desk.credentials.load().unwrap().unwrap();
    let vault: serde_json::Value = serde_json::from_str(item.expose_secret()).unwrap();
    let key = format!("\"x'{}'\"", vault["cacheKey"].as_str().unwrap());
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(desk.folder().join("cache.db")).pragma("key", key);
    let mut cache = options.connect().await.unwrap();
    let page: i64 = sqlx::query_scalar("select rootpage from sqlite_schema where name = ?")
        .bind(index)
        .fetch_one(&mut cache)
        .await
        .unwrap();
    cache.close().await.unwrap();
    usize::try_from(page).unwrap()
}
