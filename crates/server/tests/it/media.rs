//! Files of inbound texts: fetched from a Twilio that behaves well or badly, by one server or two, and what the text says of them.

use std::{sync::Arc, time::Duration};

use axum::{Router, http::HeaderMap, routing::any};
use chrono::TimeDelta;
use deskline_domain::{
    ids::{FileId, WorkspaceId},
    message::{Media, MediaState},
};
use deskline_server::{app::App, edge::now};
use deskline_simulator::{InboundMedia, InboundText, MediaFault};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Mutex};

use crate::world::{ANN, World, assert_error, read};

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on, long enough to be cut in two";

/// Ann sends a picture. Answers the id of her text.
pub(crate) async fn receive(world: &World, content_type: &str, bytes: &[u8]) -> Value {
    let file = InboundMedia { content_type: content_type.to_owned(), bytes: bytes.to_vec() };
    let text = InboundText { media: vec![file], ..InboundText::new(ANN, world.number(), "") };
    let delivery = world.twilio.receive(text).await;
    assert_eq!(delivery.status(), 200);
    let id: uuid::Uuid = sqlx::query_scalar("select id from messages where twilio_sid = $1")
        .bind(delivery.sid)
        .fetch_one(world.store.pool())
        .await
        .unwrap();
    json!(id)
}

/// The first file of a text, once it is as far as that.
async fn file(world: &World, id: &Value, state: MediaState) -> Media {
    world.eventually(id, &format!("{state:?}"), |row| row.media[0].state == Some(state)).await;
    let id = id.as_str().unwrap().parse().unwrap();
    world.store.message(world.workspace, id).await.unwrap().unwrap().media.remove(0)
}

fn link_path(world: &World, id: &Value) -> String {
    format!("/media/link?workspaceId={}&messageId={}&index=0", world.workspace, id.as_str().unwrap())
}

/// The link that a member gets.
async fn link(world: &World, id: &Value) -> String {
    let (status, answer) = world.call(Method::GET, &link_path(world, id), None).await;
    assert_eq!(status, 200, "{answer}");
    answer["url"].as_str().unwrap().to_owned()
}

async fn waiting(world: &World) -> i64 {
    world.count("select count(*) from media_fetches").await
}

/// A host that remembers the headers of whoever asks, and serves a picture.
async fn host() -> (u16, Arc<Mutex<Vec<HeaderMap>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, seen) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let remember = seen.clone();
    let app = Router::new().fallback(any(async move |headers: HeaderMap| {
        remember.lock().await.push(headers);
        ([("content-type", "image/png")], PNG)
    }));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (port, seen)
}

#[tokio::test]
async fn a_file_is_fetched_stored_told_and_served() {
    let world = World::start().await;
    let dashboard = world.joined().await;

    let id = receive(&world, "image/png", PNG).await;

    let told = dashboard
        .wait_for("message_updated", |told| {
            told["message"]["id"] == id && told["message"]["media"][0]["state"] == "stored"
        })
        .await;
    let media = &told["message"]["media"][0];
    assert_eq!((&media["stored_type"], &media["size"]), (&json!("image/png"), &json!(PNG.len())));
    assert_eq!((&media["content_type"], &media["url"]), (&json!("image/png"), &told["message"]["media_url"]));
    assert!(media["url"].as_str().unwrap().starts_with(world.twilio.url().as_str()), "what others rely on stays");
    let served = world.http.get(link(&world, &id).await).send().await.unwrap();
    assert_eq!(served.status(), 200, "a link needs no token");
    let headers = served.headers().clone();
    assert_eq!(headers["content-type"], "image/png");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(headers["content-disposition"].to_str().unwrap().starts_with("inline; filename="));
    assert_eq!(served.bytes().await.unwrap(), PNG);
    assert!(world.twilio.served().iter().all(|served| !served.had_credentials));
    assert_eq!(waiting(&world).await, 0);
}

#[tokio::test]
async fn twilio_is_answered_before_its_file_is_fetched() {
    let world = World::start().await;
    world.twilio.media_fault(MediaFault::Hang);

    let id = receive(&world, "image/png", PNG).await;

    assert_eq!(waiting(&world).await, 1, "the text is stored and answered, and its file is yet to come");
    world.twilio.clear_faults();
    file(&world, &id, MediaState::Stored).await;
}

#[rstest]
#[case::rotated_token(MediaFault::Refuse { status: 401 })]
#[case::twilio_in_trouble(MediaFault::Refuse { status: 500 })]
#[case::host_in_trouble(MediaFault::HostRefuse { status: 503 })]
#[case::interrupted(MediaFault::Cut)]
#[case::a_page_of_the_network(MediaFault::WebPage)]
#[case::a_redirect_to_nowhere(MediaFault::RedirectTo { url: "gopher://x".to_owned() })]
#[tokio::test]
async fn what_may_pass_is_told_and_tried_again(#[case] fault: MediaFault) {
    let world = World::start_with(|config| {
        config.timers.retry_base = Duration::from_secs(3_600);
        config.timers.media_retry_cap = Duration::from_secs(7_200);
    })
    .await;
    world.twilio.media_fault(fault);

    let id = receive(&world, "image/png", PNG).await;

    let waits = file(&world, &id, MediaState::Waiting).await;
    assert!(waits.problem.is_some_and(|problem| problem.ends_with('.')), "a plain sentence says why");
    assert_eq!(waiting(&world).await, 1);
    let (status, body) = world.call(Method::GET, &link_path(&world, &id), None).await;
    assert_eq!((status.as_u16(), &body["error"]), (404, &json!("File not found")));
    sqlx::query("update media_fetches set next_at = now()").execute(world.store.pool()).await.unwrap();
    let stored = file(&world, &id, MediaState::Stored).await;
    assert_eq!(stored.problem, None);
    assert_eq!(world.http.get(link(&world, &id).await).send().await.unwrap().bytes().await.unwrap(), PNG);
}

#[tokio::test]
async fn a_file_that_fails_again_and_again_comes_at_last() {
    let world = World::start().await;
    for _ in 0..4 {
        world.twilio.media_fault(MediaFault::HostRefuse { status: 500 });
    }

    let id = receive(&world, "image/png", PNG).await;

    file(&world, &id, MediaState::Stored).await;
    assert_eq!(world.twilio.served().len(), 5);
}

#[rstest]
#[case::not_found(MediaFault::Refuse { status: 404 }, "Twilio does not have this file any more.")]
#[case::gone(MediaFault::HostRefuse { status: 410 }, "Twilio does not have this file any more.")]
#[case::too_large(MediaFault::Oversize { bytes: 2 << 20 }, "This file is larger than the 1 MB that this server keeps.")]
#[tokio::test]
async fn what_will_never_come_is_given_up_at_once_and_fetched_when_somebody_asks(
    #[case] fault: MediaFault,
    #[case] sentence: &str,
) {
    let world = World::start_with(|config| config.media.max_bytes = 1 << 20).await;
    let (_, stranger) = world.another_workspace().await;
    world.twilio.media_fault(fault);

    let id = receive(&world, "image/png", PNG).await;

    assert_eq!(file(&world, &id, MediaState::Failed).await.problem.as_deref(), Some(sentence));
    assert_eq!(waiting(&world).await, 0, "it is not tried again by itself");
    let body = json!({ "workspaceId": world.workspace, "messageId": id });
    assert_eq!(world.call_as(stranger, Method::POST, "/media/retry", Some(body.clone())).await.0, 403);
    let (status, answer) = world.call(Method::POST, "/media/retry", Some(body)).await;
    assert_eq!((status.as_u16(), &answer["files"]), (200, &json!(1)));
    file(&world, &id, MediaState::Stored).await;
}

#[tokio::test]
async fn a_file_is_given_up_after_its_last_try() {
    let world = World::start_with(|config| config.media.attempts = 3).await;
    for _ in 0..3 {
        world.twilio.media_fault(MediaFault::Refuse { status: 500 });
    }

    let id = receive(&world, "image/png", PNG).await;

    let failed = file(&world, &id, MediaState::Failed).await;
    assert_eq!(failed.problem.as_deref(), Some("Twilio could not give the file (HTTP 500)."));
    assert_eq!((waiting(&world).await, world.twilio.served().len()), (0, 0));
}

#[tokio::test]
async fn credentials_never_reach_another_host() {
    let world = World::start().await;
    let (port, seen) = host().await;
    world.twilio.media_fault(MediaFault::RedirectTo { url: format!("http://name:word@127.0.0.1:{port}/file") });

    let id = receive(&world, "image/png", PNG).await;

    file(&world, &id, MediaState::Stored).await;
    let seen = seen.lock().await;
    assert_eq!(seen.len(), 1);
    assert!(!seen[0].contains_key("authorization") && !seen[0].contains_key("cookie"), "{:?}", seen[0]);
}

#[rstest]
#[case::by_name("localhost")]
#[case::by_address("[::1]")]
#[case::by_another_address("127.0.0.2")]
#[tokio::test]
async fn a_redirect_into_a_private_network_is_not_followed(#[case] inside: &str) {
    let world = World::start_with(|config| config.media.attempts = 1).await;
    let (port, seen) = host().await;
    world.twilio.media_fault(MediaFault::RedirectTo { url: format!("http://{inside}:{port}/secret") });

    let id = receive(&world, "image/png", PNG).await;

    let problem = file(&world, &id, MediaState::Failed).await.problem.unwrap();
    assert!(problem.contains("private network"), "{problem}");
    assert!(seen.lock().await.is_empty(), "nobody was asked");
}

#[tokio::test]
async fn two_servers_fetch_each_file_once() {
    let mut world = World::start().await;
    world.another_server().await;

    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(receive(&world, "image/png", PNG).await);
    }

    for id in &ids {
        file(&world, id, MediaState::Stored).await;
    }
    assert_eq!(world.twilio.served().len(), ids.len());
    assert_eq!(world.count("select count(*) from media_files").await, 12);
}

#[tokio::test]
async fn a_file_whose_server_stops_is_fetched_by_another() {
    let mut world = World::start().await;
    world.twilio.media_fault(MediaFault::Hang);
    let id = receive(&world, "image/png", PNG).await;
    world.twilio.wait_until_served(|served| served.len() == 1, crate::world::SOON).await.unwrap();
    world.another_server().await;

    world.servers.remove(0).stop().await.unwrap();

    file(&world, &id, MediaState::Stored).await;
    assert_eq!(world.twilio.served().len(), 2);
}

#[tokio::test]
async fn a_file_whose_server_died_is_fetched_when_its_lease_is_over() {
    let mut world = World::start().await;
    world.servers.remove(0).stop().await.unwrap();
    let contact = world.contact(ANN).await;
    let url = world.twilio.url().join("2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1").unwrap();
    sqlx::query(
        "insert into messages (workspace_id, contact_id, direction, twilio_sid, media_url, message_type) values ($1, $2, 'inbound', 'MM1', $3, 'media')",
    )
    .bind(world.workspace.0)
    .bind(contact.0)
    .bind(url.as_str())
    .execute(world.store.pool())
    .await
    .unwrap();
    let dead = world.store.claim_fetches(now(), Duration::from_secs(1), 10).await.unwrap();
    assert_eq!(dead.len(), 1);

    world.another_server().await;

    file(&world, &json!(dead[0].message_id), MediaState::Failed).await;
    assert!(!world.store.record_fetched(&dead[0], &new_file(&world)).await.unwrap(), "the dead one comes too late");
}

fn new_file(world: &World) -> deskline_store::NewFile {
    deskline_store::NewFile {
        id: FileId::v7(now(), deskline_server::edge::entropy()),
        workspace_id: world.workspace,
        content_type: "image/png".to_owned(),
        size: 1,
        name: None,
        uploaded_by: None,
        kept_until: now(),
        now: now(),
    }
}

#[tokio::test]
async fn a_file_that_another_program_keeps_elsewhere_stays_as_it_was_written() {
    let world = World::start().await;
    let (port, seen) = host().await;
    let contact = world.contact(ANN).await;
    let url = format!("http://127.0.0.1:{port}/picture.png");

    sqlx::query("insert into livechatmessages (workspace_id, contact_id, direction, twilio_sid, media_url) values ($1, $2, 'inbound', 'MM1', $3)")
        .bind(world.workspace.0)
        .bind(contact.0)
        .bind(&url)
        .execute(world.store.pool())
        .await
        .unwrap();

    let deadline = tokio::time::Instant::now() + crate::world::SOON;
    while waiting(&world).await > 0 {
        assert!(tokio::time::Instant::now() < deadline, "it stays on the list");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let media: Value = sqlx::query_scalar("select media from messages").fetch_one(world.store.pool()).await.unwrap();
    assert_eq!(media, json!([{ "url": url, "content_type": null }]));
    assert!(seen.lock().await.is_empty(), "and nobody asks for it");
}

#[rstest]
#[case::a_web_page("text/html", b"<html><script>alert(1)</script></html>", "text/html")]
#[case::a_drawing_with_a_script("image/svg+xml", b"<svg onload=\"alert(1)\"/>", "application/octet-stream")]
#[case::a_page_that_calls_itself_a_text("text/plain", b"<svg onload=\"alert(1)\"/>", "text/plain")]
#[case::a_business_card("text/vcard", b"BEGIN:VCARD", "text/vcard")]
#[tokio::test]
async fn what_a_browser_could_run_is_saved_and_never_shown(
    #[case] told: &str,
    #[case] content: &[u8],
    #[case] served_as: &str,
) {
    let world = World::start().await;
    let id = receive(&world, told, content).await;
    file(&world, &id, MediaState::Stored).await;

    let served = world.http.get(link(&world, &id).await).send().await.unwrap();

    let headers = served.headers();
    assert_eq!(headers["content-type"], served_as);
    assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(served.bytes().await.unwrap(), content, "not a byte of it is lost");
}

#[tokio::test]
async fn a_mislabelled_picture_is_served_as_what_it_is() {
    let world = World::start().await;

    let id = receive(&world, "image/jpeg", PNG).await;

    let stored = file(&world, &id, MediaState::Stored).await;
    assert_eq!(
        (stored.content_type.as_deref(), stored.stored_type.as_deref()),
        (Some("image/jpeg"), Some("image/png"))
    );
    let served = world.http.get(link(&world, &id).await).send().await.unwrap();
    assert_eq!(served.headers()["content-type"], "image/png");
}

#[tokio::test]
async fn only_members_get_links_and_a_link_is_good_at_every_server() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let (other, stranger) = world.another_workspace().await;
    let id = receive(&world, "image/png", PNG).await;
    file(&world, &id, MediaState::Stored).await;

    assert_eq!(world.call_as(stranger, Method::GET, &link_path(&world, &id), None).await.0, 403);
    let elsewhere = format!("/media/link?workspaceId={other}&messageId={}", id.as_str().unwrap());
    assert_error(&world.call_as(stranger, Method::GET, &elsewhere, None).await, 404, "File not found");
    let without = world.http.get(format!("{}{}", world.url(), link_path(&world, &id))).send().await.unwrap();
    assert_eq!(without.status(), 401);
    for index in ["1", "-1", "99999999999"] {
        let path = link_path(&world, &id).replace("index=0", &format!("index={index}"));
        assert_error(&world.call(Method::GET, &path, None).await, 404, "File not found");
    }
    let at_the_second = link(&world, &id).await.replace(world.url(), &world.servers[second].url);
    assert_eq!(world.http.get(at_the_second).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_forged_link_and_one_that_is_over_are_refused() {
    let world = World::start().await;
    let (first, second) = (receive(&world, "image/png", PNG).await, receive(&world, "image/png", PNG).await);
    let (one, other) = (
        file(&world, &first, MediaState::Stored).await.key.unwrap(),
        file(&world, &second, MediaState::Stored).await.key.unwrap(),
    );
    let good = link(&world, &first).await;
    let get = async |url: String| read(world.http.get(url).send().await.unwrap()).await;

    for forged in [
        good.replace(&one.to_string(), &other.to_string()),
        good.replace("expires=1", "expires=2"),
        good.replace("signature=", "signature=00"),
        good.split('?').next().unwrap().to_owned(),
        good.split("&signature").next().unwrap().to_owned(),
        good.replace("signature=", "signature=%00"),
    ] {
        assert_error(&get(forged).await, 403, "Invalid signature");
    }
    let links = deskline_server::media::links::Links::new(&world.config()).unwrap();
    let over = links.until(one, now() - TimeDelta::seconds(1));
    assert_error(&get(over.url).await, 403, "This link has expired");
    let nobodys = links.until(new_file(&world).id, now() + TimeDelta::seconds(60));
    assert_error(&get(nobodys.url).await, 404, "File not found");
    assert_error(&get(format!("{}/media/etc%2Fpasswd?expires=1", world.url())).await, 404, "Not found");
    assert_eq!(world.http.get(good).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_part_of_a_file_is_served() {
    let world = World::start().await;
    let id = receive(&world, "image/png", PNG).await;
    file(&world, &id, MediaState::Stored).await;
    let url = link(&world, &id).await;
    let part = async |range: &str| world.http.get(&url).header("range", range).send().await.unwrap();

    let answer = part("bytes=1-3").await;
    assert_eq!(answer.status(), 206);
    assert_eq!(answer.headers()["content-range"].to_str().unwrap(), format!("bytes 1-3/{}", PNG.len()));
    assert_eq!(answer.bytes().await.unwrap(), "PNG");
    assert_error(&read(part("bytes=999999-").await).await, 416, "The file has no such part");
    let head = world.http.head(&url).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-type"].to_str().unwrap()), (200, "image/png"));
}

#[tokio::test]
async fn content_that_a_dead_process_left_behind_is_removed_after_a_day_and_nothing_else_is() {
    let world = World::start().await;
    let id = receive(&world, "image/png", PNG).await;
    let kept = file(&world, &id, MediaState::Stored).await.key.unwrap();
    let app = App::new(world.config()).unwrap();
    let (orphan, elsewhere) = (FileId(uuid::Uuid::from_u128(1)), WorkspaceId(uuid::Uuid::from_u128(2)));
    for workspace in [world.workspace, elsewhere] {
        app.media.objects.put(workspace, orphan, PNG.to_vec()).await.unwrap();
    }
    std::fs::write(world.files.path().join("README"), "not ours").unwrap();
    let is_there = async |workspace, file| app.media.objects.get(workspace, file, 0..4).await.is_ok();

    let fresh = app.media.sweep_orphans(now() + TimeDelta::hours(23)).await.unwrap();
    let later = app.media.sweep_orphans(now() + TimeDelta::hours(25)).await.unwrap();

    assert_eq!((fresh, later), (0, 1), "its file may still be noted within a day");
    assert!(!is_there(world.workspace, orphan).await);
    assert!(is_there(world.workspace, kept).await && world.files.path().join("README").exists());
    assert!(is_there(elsewhere, orphan).await, "another database's, as far as this one can tell");
}
