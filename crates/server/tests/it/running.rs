//! Running it: what one client may take, what is logged and counted, and how a server ends.

use std::{
    io::{BufRead, BufReader},
    time::Duration,
};

use deskline_simulator::{Asked, Fault};
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    admin::program,
    world::{ANN, METRICS_TOKEN, SOON, World, token},
};

#[tokio::test]
async fn a_client_that_never_finishes_its_header_is_let_go() {
    let world = World::start_with(|config| config.timers.header_timeout = Duration::from_millis(100)).await;
    let mut stream = TcpStream::connect(world.url().trim_start_matches("http://")).await.unwrap();

    stream.write_all(b"POST /twilio/webhook HTTP/1.1\r\nhost: de").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();

    assert!(!String::from_utf8_lossy(&answer).contains("200"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(world.twilio.receive_sms(ANN, &world.number(), "hi").await.status(), 200);
}

#[tokio::test]
async fn a_socket_that_floods_is_told_so_and_stays_usable() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let socket = world.joined().await;

    for _ in 0..700 {
        socket.emit("send_message", json!({})).await;
    }
    let told = socket
        .wait_for("message_error", |told| {
            told["explanation"].as_str().is_some_and(|text| text.contains("Too many events"))
        })
        .await;
    assert_eq!(told["error"], "Failed to send message");

    // Its share comes back by the second.
    let sent = async {
        loop {
            let answer = socket.ask("send_message", world.text(contact, "calm again")).await;
            if answer["success"] == true {
                return answer;
            }
        }
    };
    let sent = tokio::time::timeout(SOON, sent).await.unwrap();
    assert_eq!(sent["message"]["content"], "calm again");
}

#[tokio::test]
async fn every_answer_carries_a_request_id_and_a_good_one_of_the_proxy_is_kept() {
    let world = World::start().await;
    let ask = async |id: Option<&str>| {
        let mut request = world.http.get(format!("{}/healthz", world.url()));
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        request.send().await.unwrap().headers()["x-request-id"].to_str().unwrap().to_owned()
    };

    assert_eq!(ask(Some("0193a2b4-from-the-proxy")).await, "0193a2b4-from-the-proxy");
    assert_ne!(ask(None).await, ask(None).await);
    assert_ne!(ask(Some("forged level=ERROR")).await, "forged level=ERROR");
}

/// A socket as it lies on the wire, behind its handshake.
async fn open_websocket(world: &World) -> TcpStream {
    let mut stream = TcpStream::connect(world.url().trim_start_matches("http://")).await.unwrap();
    let upgrade = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: desk\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 101");
    stream
}

#[tokio::test]
async fn what_is_under_way_is_finished_and_sockets_are_told_when_the_server_ends() {
    let mut world = World::start().await;
    let contact = world.contact(ANN).await;
    let mut socket = open_websocket(&world).await;
    world.twilio.fault(Fault::Delay { by: Duration::from_secs(1), times: 1 });
    let body = world.text(contact, "just before the end");
    let request = world.http.post(format!("{}/sms/send-sms", world.url())).bearer_auth(token(world.owner));
    let sending = tokio::spawn(request.json(&body).send());
    world.twilio.wait_until_asked(|asked| asked.iter().any(Asked::creates), SOON).await.unwrap();

    world.servers.remove(0).stop().await.unwrap();

    let answer: serde_json::Value = sending.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(answer["success"], true, "{answer}");
    // A closed transport, not a `disconnect`: whoever hears that one does not come back by itself.
    let mut heard = Vec::new();
    tokio::time::timeout(SOON, socket.read_to_end(&mut heard)).await.expect("the socket was left open").unwrap();
    let frame = |text: &[u8]| heard.windows(text.len()).any(|bytes| bytes == text);
    assert!(frame(b"\x81\x011") && !frame(b"\x81\x0241"), "{}", String::from_utf8_lossy(&heard));
}

#[tokio::test]
async fn the_metrics_are_complete() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.joined().await;
    world.twilio.receive_sms(ANN, &world.number(), "hi").await;
    world.send(contact, "hi").await;
    world.twilio.settled().await;

    let metrics = world.http.get(format!("{}/metrics", world.url())).bearer_auth(METRICS_TOKEN);
    let metrics = metrics.send().await.unwrap().text().await.unwrap();

    for name in [
        "http_requests_total",
        "inbound_webhooks_total",
        "outbound_attempts_total",
        "status_callbacks_total",
        "socket_events_total",
        "sockets_connected",
        "sends_waiting",
        "fanout_seconds_count",
        "feed_workspaces_behind",
        "database_connections",
        "database_connections_idle",
        "audit_age_seconds",
        "audit_failing",
        "dead_letters",
    ] {
        assert!(
            metrics.lines().any(|line| line.starts_with(&format!("deskline_{name}"))),
            "{name} is not in {metrics}"
        );
    }
    assert!(!metrics.contains(ANN.trim_start_matches('+')), "no label is a number");
}

#[tokio::test]
async fn the_log_is_json_when_asked_for_and_names_no_text_and_no_number() {
    let world = World::start().await;
    let mut command = program(&world, world.database_url(), &["serve"]);
    command.env("DESKLINE_LOG_FORMAT", "json");
    let mut child = command.spawn().unwrap();
    let stderr = child.stderr.take().unwrap();
    let (lines, mut read) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        BufReader::new(stderr).lines().for_each(|line| drop(lines.send(line.unwrap_or_default())));
    });
    let mut log = Vec::new();
    let address = loop {
        let line: serde_json::Value = serde_json::from_str(&read.recv().await.unwrap()).unwrap();
        let address = (line["message"] == "serving").then(|| line["address"].as_str().unwrap().to_owned());
        log.push(line.to_string());
        if let Some(address) = address {
            break address;
        }
    };
    let contact = world.contact(ANN).await;
    world.twilio.fault(Fault::RefuseWith { code: 21_211 });
    let send = world.http.post(format!("http://{address}/sms/send-sms")).bearer_auth(token(world.owner));
    let sent = send.json(&world.text(contact, "a very private text")).send().await.unwrap();
    let id = sent.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(sent.status(), 422);
    assert_eq!(world.call(Method::GET, "/healthz", None).await.0, 200);

    child.kill().unwrap();
    child.wait().unwrap();
    while let Some(line) = read.recv().await {
        log.push(line);
    }
    assert!(log.iter().any(|line| line.contains("Twilio refused a text")), "{log:?}");
    assert!(!id.is_empty());
    for private in ["a very private text", &ANN[1..], &world.number()[1..]] {
        assert!(!log.iter().any(|line| line.contains(private)), "{private} is in {log:?}");
    }
}
