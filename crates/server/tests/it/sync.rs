//! `GET /sync` and `POST /commands`: how desktops fill their cache, catch up, and say what was read.

use std::collections::HashSet;

use deskline_domain::{change::ChangePage, protocol::SnapshotPage};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{ANN, World, assert_error, read, token};

async fn a_busy_workspace(world: &World) {
    for n in 0..150 {
        world.contact(&format!("+1555900{n:0>4}")).await;
    }
    let insert = "insert into messages (workspace_id, contact_id, content, direction, created_at) \
                  select c.workspace_id, c.id, n::text, 'inbound', now() - n * interval '1 minute' from contacts c, generate_series(1, 30) n";
    sqlx::query(insert).execute(world.store.pool()).await.unwrap();
}

#[tokio::test]
async fn a_snapshot_and_the_feed_behind_it_are_complete() {
    let world = World::start().await;
    a_busy_workspace(&world).await;
    let (mut contacts, mut messages) = (HashSet::new(), HashSet::new());
    let mut next = Some("start".to_owned());
    let mut first: Option<SnapshotPage> = None;

    while let Some(token) = next {
        let path = format!("/sync?workspaceId={}&snapshot={token}", world.workspace);
        let (status, page) = world.call(Method::GET, &path, None).await;
        assert_eq!(status, 200, "{page}");
        let page: SnapshotPage = serde_json::from_value(page).unwrap();
        contacts.extend(page.contacts.iter().map(|row| row.value()["id"].to_string()));
        messages.extend(page.messages.iter().map(|row| row.value()["id"].to_string()));
        next = page.next.clone();
        first.get_or_insert(page);
    }
    let first = first.unwrap();
    world.twilio.receive_sms(ANN, &world.number(), "meanwhile").await;

    assert_eq!((contacts.len(), messages.len()), (150, 4_500));
    assert!(first.contacts.len() < 150, "the first page is a page");
    let path = format!("/sync?workspaceId={}&feed={}&after={}&limit=1", world.workspace, first.feed, first.head);
    let (_, page) = world.call(Method::GET, &path, None).await;
    let page: ChangePage = serde_json::from_value(page).unwrap();
    assert_eq!((page.changes.len(), page.has_more()), (1, true));
    assert_eq!(page.after, first.head);
}

#[tokio::test]
async fn a_cursor_of_another_feed_starts_over() {
    let world = World::start().await;
    let feed = world.store.head(world.workspace).await.unwrap().feed;
    let path = |feed: &dyn std::fmt::Display, after: i64| {
        format!("/sync?workspaceId={}&feed={feed}&after={after}", world.workspace)
    };

    for path in [path(&world.workspace, 0), path(&feed, 1_000_000)] {
        let (status, body) = world.call(Method::GET, &path, None).await;
        assert_eq!((status.as_u16(), &body["code"]), (409, &json!("feed_changed")), "{body}");
    }
    assert_eq!(world.call(Method::GET, &path(&feed, 0), None).await.0, 200);
}

#[tokio::test]
async fn what_cannot_be_read_is_400() {
    let world = World::start().await;
    let id = world.workspace;
    for query in [
        String::new(),
        "?workspaceId=x".to_owned(),
        format!("?workspaceId={id}"),
        format!("?workspaceId={id}&feed=x&after=0"),
        format!("?workspaceId={id}&feed={id}"),
        format!("?workspaceId={id}&feed={id}&after=many"),
        format!("?workspaceId={id}&snapshot=made-up"),
        format!("?workspaceId={id}&snapshot=%00"),
        format!("?workspaceId={id}&snapshot=%FF"),
    ] {
        let (status, body) = world.call(Method::GET, &format!("/sync{query}"), None).await;
        assert_eq!(status, 400, "{query}: {body}");
    }
}

#[tokio::test]
async fn another_workspaces_feed_is_closed() {
    let world = World::start().await;
    let (other, _) = world.another_workspace().await;

    assert_eq!(world.call(Method::GET, &format!("/sync?workspaceId={other}&snapshot=start"), None).await.0, 403);
}

#[tokio::test]
async fn a_desktop_that_is_too_old_is_told_so() {
    let world = World::start().await;
    let session = async |protocol: &str| {
        let request = world.http.get(format!("{}/session", world.url())).bearer_auth(token(world.owner));
        read(request.header("x-deskline-protocol", protocol).send().await.unwrap()).await
    };

    let (status, body) = session("0").await;
    assert_eq!((status.as_u16(), &body["code"]), (426, &json!("client_too_old")), "{body}");
    assert_eq!(session("1").await.0, 200);
    assert_eq!(session("2").await.0, 200, "a newer desktop decides for itself");
}

#[tokio::test]
async fn commands_are_answered_one_by_one_and_done_once() {
    let world = World::start().await;
    world.twilio.receive_sms(ANN, &world.number(), "one").await;
    let snapshot = world.store.snapshot(world.workspace, None, Default::default()).await.unwrap();
    let (other, _) = world.another_workspace().await;
    let command = |id: u8, workspace: Value| {
        json!({
            "id": format!("018f3c2e-7b1a-7000-8000-0000000000{id:0>2}"), "workspaceId": workspace, "at": "2026-11-22T10:00:00Z",
            "action": { "type": "markRead", "contactId": snapshot.contacts[0].value()["id"], "upTo": snapshot.messages[0].value()["id"] },
        })
    };
    let batch = json!([command(1, json!(world.workspace)), command(2, json!(other)), "nonsense"]);

    let (status, first) = world.call(Method::POST, "/commands", Some(batch.clone())).await;
    world.twilio.receive_sms(ANN, &world.number(), "two").await;
    let (_, again) = world.call(Method::POST, "/commands", Some(batch)).await;

    assert_eq!(status, 200, "{first}");
    let outcomes = |reply: &Value| -> Vec<String> {
        reply["outcomes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|outcome| outcome["outcome"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(outcomes(&first), ["done", "refused", "refused"]);
    assert_eq!(outcomes(&again), outcomes(&first));
    assert_eq!(
        world.count("select unread_count::bigint from contacts").await,
        1,
        "the text that came later stays unread"
    );
    assert_eq!(world.call(Method::POST, "/commands", Some(json!({}))).await.0, 400);
}

#[tokio::test]
async fn snapshot_tokens_of_one_workspace_are_of_no_use_in_another() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;
    a_busy_workspace(&world).await;
    let (_, page) =
        world.call(Method::GET, &format!("/sync?workspaceId={}&snapshot=start", world.workspace), None).await;

    let path = format!("/sync?workspaceId={other}&snapshot={}", page["next"].as_str().unwrap());
    let (status, theirs) = world.call_as(owner, Method::GET, &path, None).await;

    assert!(status == 400 || theirs["messages"] == json!([]), "{theirs}");
    let stranger =
        world.call_as(owner, Method::GET, &format!("/sync?workspaceId={}&snapshot=start", world.workspace), None).await;
    assert_error(&stranger, 403, "You are not a member of this workspace");
}
