//! Files of outbound texts: uploaded, checked, and fetched by Twilio through links that are made for it.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::Request, http::StatusCode, routing::any};
use deskline_domain::{delivery::DeliveryStatus, ids::UserId};
use deskline_server::{config::Place, edge::now, media::links::Links};
use deskline_store::Role;
use reqwest::header;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Mutex};
use url::Url;

use crate::{
    media::PNG,
    world::{ANN, World, assert_error, read, token},
};

pub(crate) async fn upload_as(world: &World, user: UserId, kind: Option<&str>, content: &[u8]) -> (StatusCode, Value) {
    let url = format!("{}/media?workspaceId={}&name=Gr%C3%BC%C3%9Fe.png", world.url(), world.workspace);
    let mut request = world.http.post(url).bearer_auth(token(user)).body(content.to_vec());
    if let Some(kind) = kind {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    read(request.send().await.unwrap()).await
}

async fn upload(world: &World, kind: &str, content: &[u8]) -> Value {
    let (status, answer) = upload_as(world, world.owner, Some(kind), content).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// A picture of so many bytes.
fn picture(size: usize) -> Vec<u8> {
    let mut content = PNG.to_vec();
    content.resize(size, 0);
    content
}

#[tokio::test]
async fn an_uploaded_file_is_sent_and_twilio_fetches_it() {
    let world = World::start().await;
    world.twilio.fetch_outbound_media(true);
    let contact = world.contact(ANN).await;
    let agent = world.member(Role::Agent).await;

    let (status, file) = upload_as(&world, agent, Some("image/png"), PNG).await;
    assert_eq!(status, 200, "{file}");
    let mut body = world.text(contact, "look");
    body["mediaUrls"] = json!([file["url"]]);
    let (status, sent) = world.call(reqwest::Method::POST, "/sms/send-sms", Some(body)).await;

    assert_eq!(status, 200, "{sent}");
    world.eventually(&sent["message"]["id"], "delivered", |row| row.status == DeliveryStatus::Delivered).await;
    let fetched = world.twilio.fetched();
    assert_eq!(fetched.len(), 1);
    assert_eq!(
        (fetched[0].content_type.as_deref(), fetched[0].size, fetched[0].error_code),
        (Some("image/png"), PNG.len(), None)
    );
    let media = &sent["message"]["media"][0];
    assert_eq!(
        (&media["key"], &media["state"], &media["content_type"]),
        (&file["id"], &json!("stored"), &json!("image/png"))
    );
    let path =
        format!("/media/link?workspaceId={}&messageId={}", world.workspace, sent["message"]["id"].as_str().unwrap());
    let (_, again) = world.call(reqwest::Method::GET, &path, None).await;
    let served = world.http.get(again["url"].as_str().unwrap()).send().await.unwrap();
    assert!(
        served.headers()["content-disposition"].to_str().unwrap().ends_with("filename*=UTF-8''Gr%C3%BC%C3%9Fe.png")
    );
    assert_eq!(served.bytes().await.unwrap(), PNG);
}

#[rstest]
#[case::empty(Some("image/png"), b"", 400)]
#[case::a_page(Some("text/html"), b"<html>", 415)]
#[case::a_drawing_with_a_script(Some("image/svg+xml"), b"<svg/>", 415)]
#[case::a_program(Some("image/png"), b"\x7fELF\x02\x01\x01", 415)]
#[case::a_page_that_calls_itself_a_picture(Some("image/png"), b"<html>", 415)]
#[case::who_knows_what(None, b"hello", 415)]
#[tokio::test]
async fn what_twilio_does_not_take_is_not_taken(
    #[case] kind: Option<&str>,
    #[case] content: &[u8],
    #[case] expected: u16,
) {
    let world = World::start().await;

    let (status, body) = upload_as(&world, world.owner, kind, content).await;

    assert_eq!(status.as_u16(), expected, "{body}");
    assert!(body["error"].as_str().unwrap().len() > 10, "{body}");
    assert_eq!(world.count("select count(*) from media_files").await, 0);
}

#[tokio::test]
async fn a_file_over_five_megabytes_is_413_and_one_that_networks_drop_is_told() {
    let world = World::start().await;

    assert_error(
        &upload_as(&world, world.owner, Some("image/png"), &picture((5 << 20) + 1)).await,
        413,
        "The body is too large",
    );
    assert!(upload(&world, "image/png", &picture(5 << 20)).await.get("warning").is_none());
    let film = [b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41".as_slice(), &vec![0; 600 * 1024]].concat();
    assert!(upload(&world, "video/mp4", &film).await["warning"].as_str().unwrap().contains("500 KB"));
}

#[tokio::test]
async fn only_members_upload() {
    let world = World::start().await;
    let (_, stranger) = world.another_workspace().await;

    assert_eq!(upload_as(&world, stranger, Some("image/png"), PNG).await.0, 403);
    let url = format!("{}/media?workspaceId={}", world.url(), world.workspace);
    assert_eq!(world.http.post(url).body(PNG).send().await.unwrap().status(), 401);
    let nowhere = world.http.post(format!("{}/media", world.url())).bearer_auth(token(world.owner)).body(PNG);
    assert_error(&read(nowhere.send().await.unwrap()).await, 400, "Missing required fields");
}

#[tokio::test]
async fn files_that_are_too_large_together_are_refused_before_twilio_is_asked() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let mut body = world.text(contact, "look");
    body["mediaUrls"] = json!([
        upload(&world, "image/png", &picture(3 << 20)).await["url"],
        upload(&world, "image/png", &picture(3 << 20)).await["url"]
    ]);

    let (status, answer) = world.call(reqwest::Method::POST, "/sms/send-sms", Some(body)).await;

    assert_eq!(
        (status.as_u16(), &answer["error"], &answer["code"]),
        (422, &json!("Error sending SMS"), &json!(11_751))
    );
    assert!(answer["explanation"].as_str().unwrap().contains("5 MB"), "{answer}");
    assert!(world.twilio.asked().iter().all(|asked| !asked.creates()));
    assert_eq!(world.count("select count(*) from messages").await, 0);
}

#[tokio::test]
async fn a_link_that_is_over_is_made_anew_when_the_text_leaves() {
    let world = World::start().await;
    world.twilio.fetch_outbound_media(true);
    let contact = world.contact(ANN).await;
    let file = upload(&world, "image/png", PNG).await["id"].as_str().unwrap().parse().unwrap();
    let over = Links::new(&world.config()).unwrap().until(file, now() - chrono::TimeDelta::days(1)).url;
    let mut body = world.text(contact, "look");
    body["mediaUrls"] = json!([over]);

    let (status, sent) = world.call(reqwest::Method::POST, "/sms/send-sms", Some(body)).await;

    assert_eq!(status, 200, "{sent}");
    world.eventually(&sent["message"]["id"], "delivered", |row| row.status == DeliveryStatus::Delivered).await;
}

#[tokio::test]
async fn nobody_sends_a_file_of_another_team() {
    let world = World::start().await;
    world.twilio.fetch_outbound_media(true);
    let (other, thief) = world.another_workspace().await;
    world.connect_twilio(other).await;
    let contact = world.contact_of(other, ANN).await;
    let file: deskline_domain::ids::FileId =
        upload(&world, "image/png", PNG).await["id"].as_str().unwrap().parse().unwrap();
    let over = Links::new(&world.config()).unwrap().until(file, now() - chrono::TimeDelta::days(1)).url;

    for url in [over, format!("{}/media/{file}", world.url())] {
        let body = json!({ "workspaceId": other, "contactId": contact, "message": "look", "mediaUrls": [url] });
        let (status, sent) = world.call_as(thief, reqwest::Method::POST, "/sms/send-sms", Some(body)).await;

        assert_eq!(status, 200, "{sent}");
        assert_eq!(sent["message"]["media"][0].get("key"), None, "{sent}");
        let id = sent["message"]["id"].as_str().unwrap();
        let path = format!("/media/link?workspaceId={other}&messageId={id}");
        assert_error(&world.call_as(thief, reqwest::Method::GET, &path, None).await, 404, "File not found");
    }
    world.twilio.settled().await;
    let fetched = world.twilio.fetched();
    assert_eq!(fetched.iter().map(|file| (file.error_code, file.size)).collect::<Vec<_>>(), [(Some(11_200), 0); 2]);
}

#[tokio::test]
async fn twilio_fails_a_text_whose_file_it_cannot_use() {
    let world = World::start().await;
    world.twilio.fetch_outbound_media(true);
    let contact = world.contact(ANN).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(any(async |request: Request| match request.uri().path() {
        "/page" => ([(header::CONTENT_TYPE, "text/html")], vec![1]),
        _ => ([(header::CONTENT_TYPE, "image/png")], vec![0; (5 << 20) + 1]),
    }));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    for (path, code) in [("page", 12_300), ("large", 11_751)] {
        let mut body = world.text(contact, "look");
        body["mediaUrls"] = json!([format!("http://{address}/{path}")]);
        let (_, sent) = world.call(reqwest::Method::POST, "/sms/send-sms", Some(body)).await;
        world
            .eventually(&sent["message"]["id"], "failed", |row| {
                (row.status, row.error_code) == (DeliveryStatus::Failed, Some(code))
            })
            .await;
    }
}

/// What an S3-compatible store needs to be for us: objects by path, with parts, for whoever signs.
type Objects = Arc<Mutex<std::collections::BTreeMap<String, Bytes>>>;

async fn bucket() -> (Url, Objects) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let objects = Objects::default();
    let kept = objects.clone();
    let app = Router::new().fallback(any(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let signed = parts
            .headers
            .get(header::AUTHORIZATION)
            .is_some_and(|by| by.to_str().unwrap().starts_with("AWS4-HMAC-SHA256 Credential=key/"));
        let content = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let path = parts.uri.path().to_owned();
        let mut kept = kept.lock().await;
        let etag =
            [(header::ETAG, "\"1\"".to_owned()), (header::LAST_MODIFIED, "Sun, 22 Nov 2026 18:00:00 GMT".to_owned())];
        match (signed, parts.method.as_str(), kept.get(&path).cloned()) {
            (true, "PUT", _) => {
                kept.insert(path, content);
                (StatusCode::OK, etag, None, Bytes::new())
            }
            (true, "GET", Some(found)) => {
                let range = parts.headers[header::RANGE].to_str().unwrap().trim_start_matches("bytes=").to_owned();
                let (first, last) = range.split_once('-').unwrap();
                let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                let said = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", found.len()))];
                (StatusCode::PARTIAL_CONTENT, etag, Some(said), found.slice(first..=last))
            }
            (true, ..) => (StatusCode::NOT_FOUND, etag, None, Bytes::new()),
            (false, ..) => (StatusCode::FORBIDDEN, etag, None, Bytes::new()),
        }
    }));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, objects)
}

#[tokio::test]
async fn files_lie_in_a_bucket_where_one_is_set() {
    let (endpoint, objects) = bucket().await;
    let world = World::start_with(|config| {
        config.media.place = Place::Bucket {
            url: "s3://desk/files".parse().unwrap(),
            options: vec![
                ("AWS_ENDPOINT", endpoint.to_string().trim_end_matches('/').to_owned().into()),
                ("AWS_ALLOW_HTTP", "true".to_owned().into()),
                ("AWS_REGION", "eu-central-1".to_owned().into()),
                ("AWS_ACCESS_KEY_ID", "key".to_owned().into()),
                ("AWS_SECRET_ACCESS_KEY", "secret".to_owned().into()),
            ],
        };
    })
    .await;

    let file = upload(&world, "image/png", PNG).await;

    let path = format!("/desk/files/{}/{}", world.workspace, file["id"].as_str().unwrap());
    assert_eq!(objects.lock().await.get(&path).map(|content| &content[..]), Some(PNG));
    let served = world.http.get(file["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(served.bytes().await.unwrap(), PNG);
    objects.lock().await.clear();
    let gone = world.http.get(file["url"].as_str().unwrap()).send().await.unwrap();
    assert_error(&read(gone).await, 404, "File not found");
}

#[tokio::test]
async fn a_browsers_form_uploads_a_file_too() {
    let world = World::start().await;
    let url = format!("{}/media?workspaceId={}", world.url(), world.workspace);
    let boundary = "----WebKitFormBoundary7MA4YWxk";
    let part = |head: &str, content: &[u8]| {
        [format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(), content, b"\r\n"]
            .concat()
    };
    let picture = "name=\"file\"; filename=\"Gr\u{fc}\u{df}e.png\"\r\nContent-Type: image/png";
    let form = |parts: &[Vec<u8>]| [parts.concat(), format!("--{boundary}--\r\n").into_bytes()].concat();
    let post = async |body: Vec<u8>| {
        let kind = format!("multipart/form-data; boundary={boundary}");
        let request = world.http.post(&url).bearer_auth(token(world.owner)).header(header::CONTENT_TYPE, kind);
        read(request.body(body).send().await.unwrap()).await
    };

    let (status, answer) = post(form(&[part("name=\"cacheControl\"", b"3600"), part(picture, PNG)])).await;
    let none = post(form(&[part("name=\"cacheControl\"", b"3600")])).await;
    let broken = post(part(picture, PNG)).await;
    let large = post(form(&[part(picture, &self::picture(6 << 20))])).await;

    assert_eq!(
        (status.as_u16(), &answer["contentType"], &answer["size"]),
        (200, &json!("image/png"), &json!(PNG.len()))
    );
    let served = world.http.get(answer["url"].as_str().unwrap()).send().await.unwrap();
    let disposition = served.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.ends_with("filename*=UTF-8''Gr%C3%BC%C3%9Fe.png"), "{disposition}");
    assert_eq!(served.bytes().await.unwrap(), PNG);
    assert_eq!([none.0, broken.0, large.0].map(|status| status.as_u16()), [400, 400, 413]);
    assert_eq!(world.count("select count(*) from media_files").await, 1);
}
