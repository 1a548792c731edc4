//! Files that are damaged, gone, another key's or another version's: the window opens, says what is so, and comes back by itself.

mod cache;
mod outbox;

use std::{
    io::{Read, Seek, SeekFrom},
    path::Path,
    time::Duration,
};

use deskline_client::{
    Client, CredentialStore, ErrorCode,
    view::{ConversationFilter, MessageQuery, MessageState},
};
use deskline_domain::{ids::ContactId, protocol::ReplySettings};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};

use crate::{desk::Desk, server::TeamServer};

/// As many texts as make a file of many pages.
const TEXTS: usize = 400;

/// What becomes of a file.
#[derive(Clone, Copy, Debug)]
enum Harm {
    NoiseOverTheHeader,
    NoiseInTheMiddle,
    NoiseEverywhere,
    CutInHalf,
    Emptied,
    Gone,
}

impl Harm {
    /// The file alone, as it lies on the disk.
    fn befall(self, path: &Path) {
        let length = std::fs::metadata(path).unwrap().len();
        assert!(length > 32_768, "there is something to damage: {length} bytes");
        let noise = |from: u64, bytes: u64| {
            let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.seek(SeekFrom::Start(from)).unwrap();
            std::io::copy(&mut std::io::repeat(0xa5).take(bytes), &mut file).unwrap();
            file.sync_all().unwrap();
        };
        let set_len = |length| std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
        match self {
            Self::NoiseOverTheHeader => noise(0, 4_096),
            // Behind the first pages of the tables, which lie at the beginning: some rows, and not whole tables.
            Self::NoiseInTheMiddle => noise(length / 4 * 3, 8_192),
            Self::NoiseEverywhere => noise(0, length),
            Self::CutInHalf => set_len(length / 2 + 100),
            Self::Emptied => set_len(0),
            Self::Gone => std::fs::remove_file(path).unwrap(),
        }
    }
}

/// A desk with a long thread, at rest.
async fn desk_with_history() -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    for n in 0..TEXTS {
        server.receives(ann, &format!("text {n} {}", "and so on, ".repeat(10))).await;
    }
    let desk = Desk::signed_in(&server).await;
    desk.until("all of the history", async |desk| desk.thread(ann).await.len() == TEXTS).await;
    (server, desk, ann)
}

/// Everything is there, nothing is said any more, and what was damaged was set aside.
async fn is_whole_again(desk: &Desk, ann: ContactId) {
    desk.until("all of the history again", async |desk| {
        desk.client
            .messages(MessageQuery { contact_id: ann, page: None, limit: 500 })
            .await
            .is_ok_and(|page| page.messages.len() == TEXTS)
    })
    .await;
    desk.until("the end of it is told", async |desk| desk.client.local_copy().rebuilding.is_none()).await;
}

/// A desk without a server, with texts that wait and drafts: enough for many pages.
async fn desk_with_waiting_texts() -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    server.set_down(true).await;
    for n in 0..60 {
        desk.client.send_message(ann, format!("waits {n} {}", "and waits ".repeat(150))).await.unwrap();
    }
    desk.client.save_draft(ann, "I was about to".to_owned()).await.unwrap();
    desk.client.save_reply(ann, begun_beside_it()).await.unwrap();
    (server, desk, ann)
}

/// Waits until the backup has what was just written. The system notes the time of a write a few milliseconds too early.
pub(crate) async fn backed_up(desk: &Desk) {
    let changed =
        |desk: &Desk| std::fs::metadata(desk.folder().join("outbox-backup.db")).and_then(|file| file.modified());
    let written = std::fs::metadata(desk.folder().join("outbox.db-wal")).unwrap().modified().unwrap();
    desk.until("a backup", async |desk| changed(desk).is_ok_and(|at| at > written + Duration::from_millis(20))).await;
}

fn begun_beside_it() -> ReplySettings {
    ReplySettings { cancel_on_reply: true, note: "asks for a refund".to_owned() }
}

async fn has_everything(desk: &Desk, server: &TeamServer, ann: ContactId) {
    let waiting = desk.thread(ann).await;
    assert_eq!(waiting.len(), 60, "every text is here");
    assert!(
        waiting
            .iter()
            .all(|text| matches!(text.state, MessageState::Waiting | MessageState::OnServer | MessageState::Unknown))
    );
    assert_eq!(desk.client.draft(ann).await.unwrap().as_deref(), Some("I was about to"));
    assert_eq!(desk.client.conversation(ann).await.unwrap().reply, begun_beside_it());
    server.set_down(false).await;
    desk.until("all of them", async |_| server.sent().len() == 60).await;
    let expected: Vec<String> = (0..60).map(|n| format!("waits {n} {}", "and waits ".repeat(150))).collect();
    assert_eq!(server.sent_texts(), expected, "each once, and in order");
}

#[tokio::test]
async fn another_key_makes_both_files_new_and_says_so() {
    let (server, mut desk, ann) = desk_with_history().await;
    server.set_down(true).await;
    desk.client.send_message(ann, "mine".to_owned()).await.unwrap();
    desk.client.shutdown().await;
    let item = desk.credentials.load().unwrap().unwrap();
    let mut vault: serde_json::Value = serde_json::from_str(item.expose_secret()).unwrap();
    vault["cacheKey"] = "ab".repeat(32).into();
    vault["outboxKey"] = "cd".repeat(32).into();
    desk.credentials.save(&SecretString::from(vault.to_string())).unwrap();

    desk.restart().await;

    assert!(desk.client.local_copy().rebuilding.is_some());
    assert_eq!(desk.client.local_copy().notices.len(), 1);
    assert!(desk.names(ConversationFilter::All).await.is_empty());
    server.set_down(false).await;
    is_whole_again(&desk, ann).await;
}

#[tokio::test]
async fn a_cache_of_a_newer_version_is_set_aside_and_fetched_again() {
    let (server, mut desk, ann) = desk_with_history().await;
    desk.client.shutdown().await;
    write_from_the_future(&desk, "cache.db", "cacheKey").await;
    server.set_down(true).await;

    desk.restart().await;

    assert!(desk.client.local_copy().rebuilding.is_some_and(|why| why.contains("a newer Deskline")));
    server.set_down(false).await;
    is_whole_again(&desk, ann).await;
    assert!(desk.files().iter().any(|name| name.starts_with("cache-from-a-newer-version-")));
}

#[tokio::test]
async fn an_outbox_of_a_newer_version_is_left_as_it_is() {
    let (_server, desk, _) = desk_with_waiting_texts().await;
    desk.client.shutdown().await;
    write_from_the_future(&desk, "outbox.db", "outboxKey").await;
    let before = desk.files();

    let refused = Client::open(desk.options()).await.unwrap_err();

    assert_eq!(refused.code(), ErrorCode::Incompatible);
    assert!(refused.to_string().contains("Install the newer version again"), "{refused}");
    assert_eq!(desk.files(), before, "nothing was moved");
}

/// As a later version of this program would leave it.
async fn write_from_the_future(desk: &Desk, name: &str, key: &str) {
    use sqlx::{Connection, sqlite::SqliteConnectOptions};

    let item = desk.credentials.load().unwrap().unwrap();
    let vault: serde_json::Value = serde_json::from_str(item.expose_secret()).unwrap();
    let key = format!("\"x'{}'\"", vault[key].as_str().unwrap());
    let options = SqliteConnectOptions::new().filename(desk.folder().join(name)).pragma("key", key);
    let mut file = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'the future', 1, x'00', 0)",
    )
    .execute(&mut file)
    .await
    .unwrap();
    file.close().await.unwrap();
}

#[cfg(target_os = "linux")]
#[rstest]
#[case::cannot_be_made("/proc/deskline")]
#[case::cannot_be_written("/sys/kernel")]
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_said_to_be_one(#[case] folder: &str) {
    let server = TeamServer::start().await;
    let desk = Desk::open(&server).await;
    let options = deskline_client::Options { data_dir: folder.into(), ..desk.options() };

    let refused = Client::open(options).await.unwrap_err().to_string();

    assert!(refused.starts_with(folder) && refused.contains("Nothing that you write could be kept"), "{refused}");
}
