//! A disk without room: nothing is lost, it is said, and everything goes on once there is room. On a small disk of its own.

use std::{path::Path, process::Command};

use deskline_client::{ErrorCode, MemoryCredentials};
use tempfile::TempDir;

use crate::{
    desk::{Desk, PATIENCE},
    server::TeamServer,
};

/// Tells the test that it runs where a disk can be mounted.
const INSIDE: &str = "DESKLINE_SMALL_DISK";

/// Runs the test of this name once more, in a name space of its own in which it may mount a disk.
#[cfg(target_os = "linux")]
fn on_a_small_disk(name: &str, test: impl AsyncFnOnce(&Path)) {
    if std::env::var_os(INSIDE).is_none() {
        let ran = Command::new("unshare")
            .args(["--map-root-user", "--mount"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(INSIDE, "1")
            .output();
        let Ok(ran) = ran else { panic!("unshare is missing: on Debian it is in util-linux") };
        let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success() && said.contains("1 passed"), "allow name spaces of users, or be root: {said}");
        return;
    }
    let place = TempDir::new().unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "none"]).arg(place.path()).status();
    assert!(mounted.unwrap().success());
    tokio::runtime::Runtime::new().unwrap().block_on(test(place.path()));
}

/// Takes all the room there is.
fn fill(disk: &Path) {
    let mut filler = std::fs::File::create(disk.join("filler")).unwrap();
    let filled = std::io::copy(&mut std::io::repeat(7), &mut filler);
    assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
}

#[cfg(target_os = "linux")]
#[test]
fn a_damaged_cache_on_a_full_disk_keeps_nobody_from_writing_and_is_back_once_there_is_room() {
    let name = "full_disk::a_damaged_cache_on_a_full_disk_keeps_nobody_from_writing_and_is_back_once_there_is_room";
    on_a_small_disk(name, async |disk| {
        let server = TeamServer::start().await;
        let ann = server.contact("Ann", "+15550100001");
        server.receives(ann, "hello").await;
        let folder = TempDir::new_in(disk).unwrap();
        let mut desk = Desk::within(&server, MemoryCredentials::default(), PATIENCE, folder).await;
        desk.sign_in().await.unwrap();
        desk.until_shown(ann, &["hello"]).await;
        desk.client.shutdown().await;
        let cache = desk.folder().join("cache.db");
        let size = usize::try_from(std::fs::metadata(&cache).unwrap().len()).unwrap();
        std::fs::write(&cache, vec![0xa5; size]).unwrap();
        fill(disk);
        // What waits can be opened, and nothing new can be made.
        let filler = std::fs::OpenOptions::new().write(true).open(disk.join("filler")).unwrap();
        filler.set_len(filler.metadata().unwrap().len() - 128 * 1024).unwrap();
        drop(filler);

        desk.restart().await;

        desk.until_shown(ann, &["hello"]).await;
        desk.until("it is said", async |desk| desk.client.local_copy().disk_full).await;
        std::fs::remove_file(disk.join("filler")).unwrap();
        desk.until("nothing is wrong any more", async |desk| !desk.client.local_copy().disk_full).await;
        desk.until("it is on the disk again", async |_| std::fs::metadata(&cache).is_ok_and(|file| file.len() > 0))
            .await;
        desk.restart().await;
        desk.until_shown(ann, &["hello"]).await;
        server.set_down(true).await;
        desk.restart().await;
        desk.until_shown(ann, &["hello"]).await;
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_loses_nothing_and_everything_goes_on_once_there_is_room() {
    let name = "full_disk::a_full_disk_is_said_loses_nothing_and_everything_goes_on_once_there_is_room";
    on_a_small_disk(name, async |disk| {
        let server = TeamServer::start().await;
        let ann = server.contact("Ann", "+15550100001");
        let bob = server.contact("Bob", "+15550100002");
        let folder = TempDir::new_in(disk).unwrap();
        let desk = Desk::within(&server, MemoryCredentials::default(), PATIENCE, folder).await;
        desk.sign_in().await.unwrap();
        desk.until("Ann", async |desk| desk.client.conversation(bob).await.is_ok()).await;
        desk.client.save_draft(ann, "before".to_owned()).await.unwrap();
        fill(disk);

        // The log has some room of its own left.
        let mut refused = None;
        for n in 0..200 {
            refused = desk.client.send_message(ann, format!("{n} {}", "x".repeat(1_500))).await.err();
            if refused.is_some() {
                break;
            }
        }
        let Some(refused) = refused else { panic!("a text was kept on a full disk") };
        assert_eq!(refused.code(), ErrorCode::DiskFull);
        assert!(refused.to_string().contains("disk of this computer is full"), "{refused}");
        desk.until("it is said", async |desk| desk.client.local_copy().disk_full).await;
        let kept = desk.client.waiting_count().await.unwrap();
        for n in 0..300 {
            server.receives(bob, &format!("while it was full {n} {}", "y".repeat(1_000))).await;
        }
        assert!(desk.client.conversation(ann).await.is_ok(), "reading goes on");

        std::fs::remove_file(disk.join("filler")).unwrap();

        desk.until("it is said no longer", async |desk| !desk.client.local_copy().disk_full).await;
        desk.client.send_message(ann, "now there is room".to_owned()).await.unwrap();
        desk.until("what came meanwhile", async |desk| {
            desk.texts(bob).await.iter().filter(|text| text.starts_with("while it was full")).count() == 300
        })
        .await;
        desk.until("what was kept has left", async |desk| desk.client.waiting_count().await.unwrap() == 0).await;
        assert!(server.sent().len() > usize::try_from(kept).unwrap(), "and nothing of it was lost");
    });
}
