//! Files that are damaged, gone, another key's or another version's: the window opens, says what is so, and comes back by itself.

use std::{
    io::{Read, Seek, SeekFrom},
    path::Path,
    time::Duration,
};

use deskline_client::{
    Client, ClientEvent, CredentialStore, ErrorCode, MemoryCredentials, Patience,
    view::{ConversationFilter, ConversationQuery, MessageQuery, MessageState, NoticeKind, Session},
};
use deskline_domain::{ids::ContactId, protocol::ReplySettings};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    desk::{Desk, PATIENCE},
    server::TeamServer,
};

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

#[rstest]
#[tokio::test]
async fn an_outbox_that_is_damaged_at_the_start_comes_back_from_its_backup(
    #[values(Harm::NoiseOverTheHeader, Harm::NoiseInTheMiddle, Harm::NoiseEverywhere, Harm::CutInHalf)] harm: Harm,
) {
    let (server, mut desk, ann) = desk_with_waiting_texts().await;
    backed_up(&desk).await;
    desk.client.shutdown().await;
    harm.befall(&desk.folder().join("outbox.db"));

    desk.restart().await;
    desk.until("it is said", async |desk| !desk.client.local_copy().notices.is_empty()).await;

    let notice = desk.client.local_copy().notices.remove(0);
    assert_eq!(notice.kind, NoticeKind::OutboxRestored);
    assert!(notice.text.contains("have a look at the texts that wait"), "{}", notice.text);
    has_everything(&desk, &server, ann).await;
    desk.client.dismiss_notice(notice.id);
    assert!(desk.client.local_copy().notices.is_empty());
}

#[rstest]
#[tokio::test]
async fn an_outbox_that_is_damaged_while_the_window_is_open_comes_back_from_its_backup(
    #[values(Harm::NoiseEverywhere, Harm::Gone)] harm: Harm,
) {
    let (server, mut desk, ann) = desk_with_waiting_texts().await;
    desk.restart().await;
    desk.client.save_draft(ann, "I was about".to_owned()).await.unwrap();
    desk.client.save_draft(ann, "I was about to".to_owned()).await.unwrap();
    backed_up(&desk).await;

    harm.befall(&desk.folder().join("outbox.db"));
    if matches!(harm, Harm::NoiseEverywhere) {
        std::fs::write(desk.folder().join("outbox.db-wal"), vec![7; 100_000]).unwrap();
    }
    desk.until("it is said", async |desk| {
        _ = desk.client.waiting_count().await;
        !desk.client.local_copy().notices.is_empty()
    })
    .await;

    has_everything(&desk, &server, ann).await;
}

#[tokio::test]
async fn an_outbox_that_was_set_aside_before_the_program_was_killed_is_read_at_the_next_start() {
    let (server, mut desk, ann) = desk_with_waiting_texts().await;
    desk.client.shutdown().await;
    let aside = desk.folder().join("outbox-was-damaged-20270115T080000.000Z");
    std::fs::rename(desk.folder().join("outbox.db"), aside.with_extension("db")).unwrap();
    std::fs::write(aside.with_extension("unread"), []).unwrap();

    desk.restart().await;

    assert_eq!(desk.client.local_copy().notices[0].kind, NoticeKind::OutboxRestored);
    has_everything(&desk, &server, ann).await;
    desk.restart().await;
    assert!(desk.client.local_copy().notices.is_empty(), "once is enough");
}

#[tokio::test]
async fn an_outbox_that_is_damaged_under_open_connections_is_noticed_with_the_next_change() {
    let (server, mut desk, ann) = desk_with_waiting_texts().await;
    desk.restart().await;
    desk.client.save_draft(ann, "I was about".to_owned()).await.unwrap();
    desk.client.save_draft(ann, "I was about to".to_owned()).await.unwrap();
    backed_up(&desk).await;

    // The connections remember every page, so that nobody has to read one.
    Harm::NoiseEverywhere.befall(&desk.folder().join("outbox.db"));
    _ = desk.client.save_draft(ann, "I was about to".to_owned()).await;

    desk.until("it is said", async |desk| !desk.client.local_copy().notices.is_empty()).await;
    has_everything(&desk, &server, ann).await;
}

#[rstest]
#[tokio::test]
async fn what_was_done_since_the_last_backup_outlives_the_file_while_the_program_runs(
    #[values(Harm::NoiseOverTheHeader, Harm::NoiseInTheMiddle, Harm::NoiseEverywhere, Harm::Gone)] harm: Harm,
) {
    let (server, mut desk, ann) = desk_with_waiting_texts().await;
    desk.restart().await;
    desk.client.save_draft(ann, "I was about".to_owned()).await.unwrap();
    desk.client.save_draft(ann, "I was about to".to_owned()).await.unwrap();
    backed_up(&desk).await;
    // No copy is made while a folder stands where it would be written.
    let in_the_way = desk.folder().join("outbox-backup.new");
    std::fs::create_dir(&in_the_way).unwrap();

    let waiting = desk.thread(ann).await;
    let thought_better_of = waiting.iter().find(|text| text.content.starts_with("waits 59 ")).unwrap();
    desk.client.discard(thought_better_of.id).await.unwrap();
    desk.client.send_message(ann, "typed before the damage".to_owned()).await.unwrap();
    harm.befall(&desk.folder().join("outbox.db"));
    // A page that nobody had read before cannot be read now: what is refused then was not accepted.
    let kept = desk.client.send_message(ann, "typed after it".to_owned()).await.is_ok();
    std::fs::remove_dir(&in_the_way).unwrap();
    desk.until("it is said", async |desk| {
        _ = desk.client.save_draft(ann, "I was about to".to_owned()).await;
        !desk.client.local_copy().notices.is_empty()
    })
    .await;
    server.set_down(false).await;

    let mut expected: Vec<String> = (0..59).map(|n| format!("waits {n} {}", "and waits ".repeat(150))).collect();
    expected.push("typed before the damage".to_owned());
    if kept {
        expected.push("typed after it".to_owned());
    }
    desk.until("all of them", async |_| server.sent().len() >= expected.len()).await;
    assert_eq!(server.sent_texts(), expected, "each once, in order, and without the one that was discarded");
    let told = &desk.client.local_copy().notices[0].text;
    assert!(told.contains("All of it could be read"), "{told}");
}

#[tokio::test]
async fn an_outbox_that_turns_out_to_be_damaged_while_the_cache_is_replaced_comes_back_from_memory_too() {
    let (server, mut desk, ann) = desk_with_waiting_texts().await;
    desk.restart().await;
    backed_up(&desk).await;
    // No copy is made while a folder stands where it would be written.
    std::fs::create_dir(desk.folder().join("outbox-backup.new")).unwrap();
    desk.client.send_message(ann, "typed since the last backup".to_owned()).await.unwrap();

    // Of the outbox nobody knows when it is closed: it is the cache that is found to be gone.
    Harm::NoiseEverywhere.befall(&desk.folder().join("outbox.db"));
    Harm::Gone.befall(&desk.folder().join("cache.db"));
    desk.until("it is said", async |desk| !desk.client.local_copy().notices.is_empty()).await;
    server.set_down(false).await;

    desk.until("all of them", async |_| server.sent().len() >= 61).await;
    assert_eq!(server.sent_texts().last().unwrap(), "typed since the last backup");
    let told = &desk.client.local_copy().notices[0].text;
    assert!(told.contains("All of it could be read"), "{told}");
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

#[tokio::test]
async fn what_can_be_read_of_a_damaged_outbox_goes_before_its_backup() {
    let (server, mut desk, ann) = desk_with_waiting_texts().await;
    backed_up(&desk).await;
    let old = std::fs::read(desk.folder().join("outbox-backup.db")).unwrap();
    let bob = server.contact("Bob", "+15550100002");
    desk.client.save_draft(bob, "written after the backup".to_owned()).await.unwrap();
    desk.client.shutdown().await;
    // The last backup is older than the last draft, as if the machine had stopped a moment later.
    std::fs::write(desk.folder().join("outbox-backup.db"), old).unwrap();
    Harm::NoiseInTheMiddle.befall(&desk.folder().join("outbox.db"));

    desk.restart().await;
    desk.until("it is said", async |desk| !desk.client.local_copy().notices.is_empty()).await;

    assert_eq!(desk.client.draft(bob).await.unwrap().as_deref(), Some("written after the backup"));
    has_everything(&desk, &server, ann).await;
}

#[tokio::test]
async fn an_outbox_without_a_backup_says_what_is_lost_and_where_it_lies() {
    let (_server, mut desk, _) = desk_with_waiting_texts().await;
    desk.client.shutdown().await;
    std::fs::remove_file(desk.folder().join("outbox-backup.db")).ok();
    Harm::NoiseEverywhere.befall(&desk.folder().join("outbox.db"));

    desk.restart().await;

    let text = desk.client.local_copy().notices.remove(0).text;
    assert!(text.contains("Nothing of it could be read") && text.contains("outbox-could-not-be-opened-"), "{text}");
}

#[tokio::test]
async fn a_backup_is_as_unreadable_as_the_outbox_and_settles() {
    let (_server, desk, _) = desk_with_waiting_texts().await;
    backed_up(&desk).await;

    let content = std::fs::read(desk.folder().join("outbox-backup.db")).unwrap();

    for secret in ["SQLite format 3", "and waits", "about to"] {
        assert!(!content.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    assert!(!desk.files().contains(&"outbox-backup.new".to_owned()));
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
