//! An outbox that is damaged or gone: what can be read of it, its backup and the copy in memory bring back what was written.

use deskline_client::view::NoticeKind;
use rstest::rstest;

use super::{Harm, backed_up, desk_with_waiting_texts, has_everything};

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
