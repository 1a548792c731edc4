//! Access that was taken away: at the next contact nothing of the team is left, and the window says so.

use deskline_client::view::{ConversationFilter, NoticeKind, Session};

use crate::{desk::Desk, server::TeamServer};

#[tokio::test]
async fn a_team_that_the_agent_is_no_longer_in_is_wiped_at_the_next_contact() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "between us").await;
    let mut desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["between us"]).await;

    server.state().member = false;

    desk.until("nothing is left", async |desk| desk.names(ConversationFilter::All).await.is_empty()).await;
    assert!(desk.thread(ann).await.is_empty());
    let notices = desk.client.local_copy().notices;
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].kind, NoticeKind::AccessRemoved);
    assert!(notices[0].text.starts_with("You are no longer a member of Support."), "{}", notices[0].text);
    let Session::SignedIn { workspaces, expired, .. } = desk.client.session() else { panic!("somebody is signed in") };
    assert!(workspaces.is_empty() && !expired);
    desk.restart().await;
    assert!(desk.names(ConversationFilter::All).await.is_empty());

    server.state().member = true;
    desk.client.wake();
    desk.until("a member again", async |desk| desk.names(ConversationFilter::All).await == ["Ann"]).await;
}

#[tokio::test]
async fn what_was_written_for_a_team_waits_until_the_agent_is_in_it_again() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "mine".to_owned()).await.unwrap();

    server.state().member = false;
    server.set_down(false).await;
    desk.until("nothing is left", async |desk| desk.names(ConversationFilter::All).await.is_empty()).await;

    assert_eq!(desk.client.waiting_count().await.unwrap(), 1);
    assert!(server.sent().is_empty());
}

#[tokio::test]
async fn signing_out_leaves_no_file_that_held_a_text() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.receives(ann, "hello").await;
    let mut desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["hello"]).await;
    desk.client.shutdown().await;
    for name in ["cache.db", "outbox.db"] {
        std::fs::write(desk.folder().join(name), vec![7; 50_000]).unwrap();
    }
    desk.restart().await;
    assert!(desk.files().len() > 4, "two were set aside: {:?}", desk.files());

    desk.client.sign_out().await.unwrap();

    let left: Vec<String> =
        desk.files().into_iter().filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect();
    assert_eq!(left, ["cache.db", "lock", "outbox.db"]);
    assert!(desk.client.local_copy().notices.is_empty());
}
