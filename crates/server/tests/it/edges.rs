//! What holds for every request: JSON errors, limits, origins.

use std::time::Duration;

use reqwest::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::world::{ANN, FRONTEND, World, assert_error, config, read, start, token};

#[tokio::test]
async fn the_process_and_the_database_answer() {
    let world = World::start().await;

    for path in ["/healthz", "/readyz"] {
        assert_eq!(world.http.get(format!("{}{path}", world.url())).send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_server_may_start_before_its_database() {
    let world = World::start().await;
    let nowhere = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("postgres://nobody@{}/nothing", listener.local_addr().unwrap())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = start(listener, config(&nowhere, world.twilio.url(), world.url().parse().unwrap()));

    let alive = world.http.get(format!("{}/healthz", server.url)).send().await.unwrap();
    let (ready, body) = read(world.http.get(format!("{}/readyz", server.url)).send().await.unwrap()).await;

    assert_eq!((alive.status().as_u16(), ready.as_u16()), (200, 503), "{body}");
    server.stop().await.unwrap();
}

#[rstest]
#[case(Method::GET, "/", 404)]
#[case(Method::GET, "/nothing/here", 404)]
#[case(Method::POST, "/%ff%00", 404)]
#[case(Method::GET, "/sms/send-sms", 405)]
#[case(Method::DELETE, "/twilio/webhook", 405)]
#[case(Method::PUT, "/healthz", 405)]
#[case(Method::GET, "/socket.io/", 400)]
#[case(Method::GET, "/socket.io/?EIO=4&transport=smoke", 400)]
#[case(Method::GET, "/socket.io/?EIO=9&transport=polling", 400)]
#[case(Method::POST, "/socket.io/?EIO=4&transport=polling&sid=nobody", 400)]
#[tokio::test]
async fn routes_and_methods_that_are_none_are_errors_in_json(
    #[case] method: Method,
    #[case] path: &str,
    #[case] expected: u16,
) {
    let world = World::start().await;

    let (status, body) = read(world.http.request(method, format!("{}{path}", world.url())).send().await.unwrap()).await;

    assert_eq!(status.as_u16(), expected, "{body}");
    assert!(body["error"].is_string(), "{body}");
}

async fn post(world: &World, path: &str, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let request = world.http.post(format!("{}{path}", world.url())).bearer_auth(token(world.owner));
    read(request.header(header::CONTENT_TYPE, "application/json").body(body).send().await.unwrap()).await
}

#[tokio::test]
async fn bodies_that_are_no_json_are_400() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let good = world.text(contact, "hi").to_string();

    for path in ["/sms/send-sms", "/twilio/test-connection", "/commands", "/auth/v1/token?grant_type=password"] {
        for bad in ["", "{", "nonsense", &format!("{good} trailing"), &format!("{good}{good}"), &"[".repeat(10_000)] {
            assert_eq!(post(&world, path, bad.to_owned()).await.0, 400, "{path}: {bad:.40}");
        }
        assert_eq!(post(&world, path, b"{\"message\": \"\xff\"}".to_vec()).await.0, 400, "broken UTF-8");
    }
    assert_eq!(world.twilio.sent().len(), 0);
}

#[tokio::test]
async fn ids_that_are_none_and_nul_characters_are_400() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let good = world.text(contact, "hi");

    for (name, value) in [
        ("workspaceId", json!("no uuid")),
        ("contactId", json!("'; drop table messages; --")),
        ("contactId", json!(7)),
        ("message", json!("a\0b")),
        ("message", json!({ "text": "hi" })),
        ("clientId", json!("a\0b")),
        ("clientId", json!(7)),
        ("clientId", json!("x".repeat(201))),
        ("mediaUrls", json!("https://files.example/a.png")),
        ("mediaUrls", json!([1])),
        ("mediaUrls", json!(["https://files.example/\0"])),
    ] {
        let mut body = good.clone();
        body[name] = value;
        assert_eq!(world.call(Method::POST, "/sms/send-sms", Some(body.clone())).await.0, 400, "{body}");
    }
    assert_eq!(world.call(Method::GET, "/twilio/config?workspaceId=%00", None).await.0, 400);
    assert_eq!(world.call(Method::GET, "/twilio/config", None).await.0, 400);
    assert_eq!(world.count("select count(*) from messages").await, 0);
}

#[rstest]
#[case("/sms/send-sms")]
#[case("/twilio/webhook")]
#[case("/auth/v1/token?grant_type=password")]
#[tokio::test]
async fn a_body_over_the_limit_is_413(#[case] path: &str) {
    let world = World::start().await;

    assert_error(&post(&world, path, "x".repeat(2 << 20)).await, 413, "The body is too large");
}

#[tokio::test]
async fn a_body_that_never_comes_is_408() {
    let world = World::start_with(|config| config.timers.body_timeout = Duration::from_millis(200)).await;
    let mut stream = TcpStream::connect(world.url().trim_start_matches("http://")).await.unwrap();

    stream
        .write_all(b"POST /twilio/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\nFro")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();

    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"error\""), "{answer}");
}

#[tokio::test]
async fn one_origin_may_talk_to_the_server_with_credentials() {
    let world = World::start().await;
    let ask = async |method: Method, path: &str, origin: &str| {
        let request = world.http.request(method, format!("{}{path}", world.url())).header(header::ORIGIN, origin);
        let request = request.header("Access-Control-Request-Method", "POST");
        request.header("Access-Control-Request-Headers", "authorization,content-type").send().await.unwrap()
    };

    for path in ["/sms/send-sms", "/socket.io/?EIO=4&transport=polling"] {
        let ours = ask(Method::OPTIONS, path, FRONTEND).await;
        assert!(ours.status().is_success(), "{path}: {}", ours.status());
        assert_eq!(ours.headers()["access-control-allow-origin"], FRONTEND);
        assert_eq!(ours.headers()["access-control-allow-credentials"], "true");
        let allowed = ours.headers()["access-control-allow-headers"].to_str().unwrap().to_lowercase();
        assert!(allowed.contains("authorization"), "{allowed}");
        let theirs = ask(Method::OPTIONS, path, "http://evil.example").await;
        assert!(!theirs.headers().contains_key("access-control-allow-origin"));
    }
    let error = ask(Method::GET, "/session", FRONTEND).await;
    assert_eq!(
        (error.status().as_u16(), &error.headers()["access-control-allow-origin"]),
        (401, &FRONTEND.parse().unwrap())
    );
    assert_eq!(ask(Method::GET, "/socket.io/?EIO=4&transport=polling", FRONTEND).await.status(), 200);
    let itself = world.url().to_owned();
    assert_eq!(
        ask(Method::GET, "/socket.io/?EIO=4&transport=polling", &itself).await.status(),
        200,
        "as some clients say"
    );
    for foreign in ["http://evil.example", "null", "http://dashboard.example:3000.evil.example"] {
        assert_eq!(ask(Method::GET, "/socket.io/?EIO=4&transport=polling", foreign).await.status(), 403);
    }
}

#[tokio::test]
async fn a_burst_of_everything_wrong_leaves_the_server_well() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let mut requests = Vec::new();
    for n in 0..200 {
        let body = match n % 4 {
            0 => "{".to_owned(),
            1 => "\0".to_owned(),
            2 => json!({ "workspaceId": n }).to_string(),
            _ => "x".repeat(n * 100),
        };
        requests.push(post(&world, if n % 3 == 0 { "/twilio/status" } else { "/sms/send-sms" }, body));
    }

    let answers = futures_util::future::join_all(requests).await;

    assert!(answers.iter().all(|(status, body)| status.is_client_error() && body["error"].is_string()), "{answers:?}");
    assert_eq!(world.send(contact, "still well").await.0, 200);
}
