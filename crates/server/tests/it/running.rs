//! Running it: what one client may take, what is logged and counted, and how a server ends.

use std::{collections::BTreeSet, time::Duration};

use deskline_simulator::{Asked, Fault};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::world::{ANN, METRICS_TOKEN, SOON, Socket, World, start, token};

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

async fn metrics(world: &World, accept: &str) -> String {
    let request = world.http.get(format!("{}/metrics", world.url())).bearer_auth(METRICS_TOKEN);
    request.header("accept", accept).send().await.unwrap().text().await.unwrap()
}

/// Every metric that the server knows, by the names that Prometheus keeps them under.
async fn metric_names(world: &World) -> BTreeSet<String> {
    let metrics = metrics(world, "application/openmetrics-text").await;
    let types = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let names = types.flat_map(|(name, kind)| match kind {
        "counter" => vec![format!("{name}_total")],
        "histogram" => ["_bucket", "_count", "_sum"].map(|part| format!("{name}{part}")).to_vec(),
        _ => vec![name.to_owned()],
    });
    names.collect()
}

/// The metrics that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let others = ["deskline_server", "deskline_agent", "deskline_changes"];
    words.filter(|word| word.starts_with("deskline_") && !others.contains(word)).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_metric_that_the_dashboard_and_the_alerts_name_is_there() {
    let world = World::start().await;
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let read = |file: &str| std::fs::read_to_string(docs.join(file)).unwrap();
    world.http.get(format!("{}/healthz", world.url())).send().await.unwrap();
    let there = metric_names(&world).await;

    let dashboard: serde_json::Value = serde_json::from_str(&read("deploy/grafana-dashboard.json")).unwrap();
    for (file, text) in [
        ("deploy/grafana-dashboard.json", dashboard.to_string()),
        ("deploy/prometheus.yml", read("deploy/prometheus.yml")),
        ("deploy/alerts.yml", read("deploy/alerts.yml")),
        ("operations.md", read("operations.md")),
    ] {
        let missing: Vec<_> = named(&text).into_iter().filter(|name| !there.contains(name)).collect();
        assert!(missing.is_empty(), "docs/{file} names {missing:?}; the server has {there:?}");
    }
}

#[tokio::test]
async fn the_metrics_are_complete() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.joined().await;
    world.twilio.receive_sms(ANN, &world.number(), "hi").await;
    world.send(contact, "hi").await;
    world.twilio.settled().await;

    let metrics = metrics(&world, "text/plain").await;

    for sample in metrics.lines().filter(|line| !line.starts_with('#')) {
        let name = sample.split(['{', ' ']).next().unwrap();
        let whole = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
        let told = |what: &str| metrics.contains(&format!("# {what} {whole} "));
        assert!(told("HELP") && told("TYPE"), "nobody says what {name} is: {metrics}");
    }
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

/// The way to the database, which may be shut: connections through it end, and new ones are refused.
struct Gate {
    address: std::net::SocketAddr,
    to: String,
    open: Option<tokio::task::JoinHandle<()>>,
}

impl Gate {
    /// A shut one.
    async fn to_database_of(world: &World) -> Self {
        let url = url::Url::parse(world.database_url()).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let to = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5_432));
        Self { address, to, open: None }
    }

    fn url(&self, world: &World) -> String {
        let mut url = url::Url::parse(world.database_url()).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }

    async fn open(&mut self) {
        let (listener, to) = (TcpListener::bind(self.address).await.unwrap(), self.to.clone());
        self.open = Some(tokio::spawn(async move {
            let mut ways = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let to = to.clone();
                ways.spawn(async move {
                    let mut far = TcpStream::connect(to).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        }));
    }

    async fn shut(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
            assert!(open.await.is_err());
        }
    }
}

async fn until_ready(world: &World, url: &str, ready: u16) {
    let asked = async {
        while world.http.get(format!("{url}/readyz")).send().await.unwrap().status() != ready {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(SOON, asked).await.unwrap_or_else(|_| panic!("/readyz never said {ready}"));
}

#[tokio::test]
async fn a_server_waits_for_its_database_and_outlives_its_restart() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let mut gate = Gate::to_database_of(&world).await;
    let mut config = world.config();
    config.database_url = gate.url(&world).into();
    let server = start(TcpListener::bind("127.0.0.1:0").await.unwrap(), config);
    until_ready(&world, &server.url, 503).await;

    gate.open().await;
    until_ready(&world, &server.url, 200).await;
    let socket = Socket::connect(&server.url, &token(world.owner)).await;
    assert_eq!(socket.ask("join_workspace", json!(world.workspace)).await["ok"], true);
    world.twilio.receive_sms(ANN, &world.number(), "first").await;
    socket.wait_for("new_message", |told| told["message"]["content"] == "first").await;

    gate.shut().await;
    until_ready(&world, &server.url, 503).await;
    world.twilio.receive_sms(ANN, &world.number(), "meanwhile").await;
    gate.open().await;

    socket.wait_for("new_message", |told| told["message"]["content"] == "meanwhile").await;
    until_ready(&world, &server.url, 200).await;
    let request = world.http.post(format!("{}/sms/send-sms", server.url)).bearer_auth(token(world.owner));
    let sent = request.json(&world.text(contact, "we are back")).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_whose_database_is_away_ends_in_time() {
    let world = World::start().await;
    let gate = Gate::to_database_of(&world).await;
    let mut config = world.config();
    config.database_url = gate.url(&world).into();
    let server = start(TcpListener::bind("127.0.0.1:0").await.unwrap(), config);
    until_ready(&world, &server.url, 503).await;

    tokio::time::timeout(Duration::from_secs(35), server.stop()).await.expect("half a minute is promised").unwrap();
}
