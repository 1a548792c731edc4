//! What no Socket.IO client sends: broken packets, floods, and connections that stop half-way. Whoever sends them is refused or let go;
//! everybody else notices nothing.
//!
//! Spoken by hand, over polling and over a WebSocket, packet by packet (Engine.IO protocol 4, Socket.IO protocol 5).

use base64::{Engine, engine::general_purpose::STANDARD};
use deskline_server::error::ApiError;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::{ANN, SOON, World, read, token};

const PATH: &str = "/socket.io/?EIO=4&transport=";

/// A session over polling.
struct Polling<'a> {
    world: &'a World,
    url: String,
}

impl<'a> Polling<'a> {
    /// Shakes hands, without saying who is there.
    async fn open(world: &'a World) -> Self {
        let url = format!("{}{PATH}polling", world.url());
        let hello = world.http.get(&url).send().await.unwrap().text().await.unwrap();
        let hello: Value = serde_json::from_str(hello.strip_prefix('0').unwrap()).unwrap();
        Self { world, url: format!("{url}&sid={}", hello["sid"].as_str().unwrap()) }
    }

    /// A session that is let in.
    async fn connected(world: &'a World) -> Self {
        let session = Self::open(world).await;
        session.post(format!("40{}", json!({ "token": token(world.owner) }))).await;
        session.poll_until("40{").await.unwrap();
        session
    }

    async fn post(&self, packets: impl Into<reqwest::Body>) -> StatusCode {
        self.world.http.post(&self.url).body(packets).send().await.unwrap().status()
    }

    /// Reads until a packet comes; `None` when the session is over.
    async fn poll_until(&self, packet: &str) -> Option<String> {
        let polled = async {
            loop {
                let answer = self.world.http.get(&self.url).send().await.unwrap();
                if !answer.status().is_success() {
                    return None;
                }
                let text = answer.text().await.unwrap();
                if text.split('\u{1e}').any(|one| one.starts_with(packet)) {
                    return Some(text);
                }
                if text.split('\u{1e}').any(|one| one == "2") {
                    self.post("3").await;
                }
            }
        };
        tokio::time::timeout(SOON, polled).await.unwrap_or_else(|_| panic!("no {packet} and no end"))
    }
}

#[rstest]
#[case::an_event_of_nobodys(b"421[\"nothing_like_this\",{\"a\":1}]")]
#[case::no_event(b"42{\"a\":1}")]
#[case::no_name(b"42[]")]
#[case::a_number_for_a_name(b"42[1,2]")]
#[case::no_payload(b"421[\"join_workspace\"]")]
#[case::many_payloads(b"421[\"join_workspace\",1,2,3]")]
#[case::no_json(b"421[\"join_workspace\",")]
#[case::nul(b"421[\"join_workspace\",\"\\u0000\"]")]
#[case::no_utf8(b"421[\"join_workspace\",\"\xff\"]")]
#[case::a_huge_ack_id(b"4299999999999999999999[\"join_workspace\",\"x\"]")]
#[case::a_negative_ack_id(b"42-1[\"join_workspace\",\"x\"]")]
#[case::an_answer_to_nothing(b"43999[\"x\"]")]
#[case::a_disconnect_of_elsewhere(b"41/admin,")]
#[case::another_namespace(b"40/admin,{\"token\":\"x\"}")]
#[case::an_event_in_another_namespace(b"42/admin,[\"x\"]")]
#[case::a_second_connect(b"40{\"token\":\"x\"}")]
#[case::a_refusal_of_its_own(b"44{\"message\":\"no\"}")]
#[case::binary_that_never_comes(b"451-[\"send_message\",{\"_placeholder\":true,\"num\":0}]")]
#[case::binary_by_the_million(b"4599999999-[\"send_message\"]")]
#[case::binary_of_another_number(b"451-[\"send_message\",{\"_placeholder\":true,\"num\":7}]\x1ebAAAA")]
#[case::binary_out_of_nowhere(b"bAAAA")]
#[case::binary_that_is_none(b"b$$$$")]
#[case::a_packet_of_no_kind(b"9")]
#[case::an_open_by_the_client(b"0{}")]
#[case::a_probe_over_polling(b"2probe")]
#[case::an_upgrade_over_polling(b"5")]
#[case::an_upgrade_and_an_event(b"5\x1e421[\"join_workspace\",\"x\"]")]
#[case::pings_of_both_sides(b"2\x1e3\x1e3\x1e3")]
#[case::nothing(b"")]
#[case::only_separators(b"\x1e\x1e\x1e\x1e")]
#[case::deep(&deep())]
#[tokio::test]
async fn a_packet_of_any_shape_is_answered_or_ends_the_session(#[case] packets: &[u8]) {
    let world = World::start().await;
    let honest = world.joined().await;
    let session = Polling::connected(&world).await;

    let status = session.post(packets.to_vec()).await;
    let after = session.post(format!("42999[\"join_workspace\",{}]", json!(world.workspace))).await;

    assert!(status == 200 || status == 400, "{status}");
    assert!(after == 200 || after == 400, "{after}");
    if after == 200
        && let Some(heard) = session.poll_until("43999[").await
    {
        assert!(heard.contains("43999[{\"ok\":true"), "the session goes on: {heard}");
    }
    world.contact(ANN).await;
    honest.wait_for("contact_updated", |_| true).await;
}

fn deep() -> Vec<u8> {
    format!("421[\"join_workspace\",{}{}]", "[".repeat(100_000), "]".repeat(100_000)).into_bytes()
}

#[tokio::test]
async fn a_packet_over_the_limit_is_413_in_json() {
    let world = World::start().await;
    let session = Polling::connected(&world).await;

    let huge = format!("42[\"send_message\",\"{}\"]", "x".repeat(2_000_000));
    let (status, body) = read(world.http.post(&session.url).body(huge).send().await.unwrap()).await;

    assert_eq!((status.as_u16(), body["error"].is_string()), (413, true), "{body}");
}

/// A WebSocket, spoken by hand. Masks are zeros, which change nothing.
struct WebSocket(TcpStream);

const TEXT: u8 = 1;
const BINARY: u8 = 2;

impl WebSocket {
    async fn upgrade(world: &World, query: &str) -> Self {
        let mut stream = TcpStream::connect(world.url().trim_start_matches("http://")).await.unwrap();
        let head = format!(
            "GET {PATH}websocket{query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n\r\n",
            STANDARD.encode([7; 16])
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        Self(stream)
    }

    async fn connected(world: &World) -> Self {
        let mut socket = Self::upgrade(world, "").await;
        socket.read_until("0{").await.unwrap();
        let hello = format!("40{}", json!({ "token": token(world.owner) }));
        socket.0.write_all(&frame(TEXT, true, hello.as_bytes())).await.unwrap();
        socket.read_until("40{").await.unwrap();
        socket
    }

    /// Reads texts until one begins so; `None` when the connection is over.
    async fn read_until(&mut self, beginning: &str) -> Option<String> {
        let read = async {
            loop {
                let text = self.read().await.ok()?;
                if text.starts_with(beginning) {
                    return Some(text);
                }
            }
        };
        tokio::time::timeout(SOON, read).await.unwrap_or_else(|_| panic!("no {beginning} and no end"))
    }

    async fn read(&mut self) -> std::io::Result<String> {
        let (_, length) = (self.0.read_u8().await?, self.0.read_u8().await?);
        let length = match length {
            126 => self.0.read_u16().await?.into(),
            127 => self.0.read_u64().await?,
            short => short.into(),
        };
        let mut text = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut text).await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

fn frame(kind: u8, last: bool, payload: &[u8]) -> Vec<u8> {
    let first = kind | if last { 0x80 } else { 0 };
    let length = u64::try_from(payload.len()).unwrap().to_be_bytes();
    [&[first, 0x80 | 127], &length[..], &[0; 4], payload].concat()
}

#[rstest]
#[case::a_frame_of_no_kind(&frame(5, true, b"x"))]
#[case::text_that_is_none(&frame(TEXT, true, b"42[\"join_workspace\",\"\xff\"]"))]
#[case::binary(&frame(BINARY, true, &[0; 1_000]))]
#[case::a_frame_that_is_longer_than_memory(&[0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, b'4'])]
#[case::a_packet_over_the_limit(&frame(TEXT, true, format!("42[\"nothing\",\"{}\"]", "x".repeat(3_000_000)).as_bytes()))]
#[case::a_message_that_never_ends(&[frame(TEXT, false, b"42[\""), frame(0, false, &[b'x'; 60_000]).repeat(40)].concat())]
#[case::a_close_with_a_novel(&frame(8, true, &[b'x'; 5_000]))]
#[case::no_mask(&[0x81, 1, b'3'])]
#[case::http(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")]
#[tokio::test]
async fn a_frame_that_is_none_ends_the_connection(#[case] bytes: &[u8]) {
    let world = World::start().await;
    let honest = world.joined().await;
    let mut socket = WebSocket::connected(&world).await;

    let (mut from, mut to) = socket.0.split();
    let mut rest = Vec::new();
    let talk = async { tokio::join!(to.write_all(bytes), from.read_to_end(&mut rest)) };
    let over = tokio::time::timeout(SOON, talk).await;

    assert!(over.is_ok(), "the connection goes on");
    world.contact(ANN).await;
    honest.wait_for("contact_updated", |_| true).await;
}

#[tokio::test]
async fn ten_thousand_events_at_once_hold_up_nobody() {
    let world = World::start().await;
    let honest = world.joined().await;
    let mut socket = WebSocket::connected(&world).await;
    let event = |n: usize| match n % 4 {
        0 => format!("42{n}[\"join_workspace\",{}]", json!(world.workspace)),
        1 => format!("42{n}[\"send_message\",{{\"workspaceId\":{n}}}]"),
        2 => format!(
            "42{n}[\"activity\",{{\"workspaceId\":{},\"activity\":{{\"type\":\"away\"}}}}]",
            json!(world.workspace)
        ),
        _ => "42[\"nothing_like_this\"]".to_owned(),
    };
    let flood: Vec<u8> = (0..10_000).flat_map(|n| frame(TEXT, true, event(n).as_bytes())).collect();

    let (mut from, mut to) = socket.0.split();
    let (mut heard, mut told_off) = (Vec::new(), false);
    let listen = async {
        // Until it is told that it is too fast. Whoever goes on may be let go.
        while !told_off && from.read_buf(&mut heard).await.is_ok_and(|read| read > 0) {
            told_off = String::from_utf8_lossy(&heard).contains(&ApiError::TooFast.to_string());
        }
    };
    let (_, ()) = tokio::time::timeout(SOON, async { tokio::join!(to.write_all(&flood), listen) }).await.unwrap();

    assert!(told_off, "{}", String::from_utf8_lossy(&heard));
    world.contact(ANN).await;
    honest.wait_for("contact_updated", |_| true).await;
}

#[tokio::test]
async fn an_upgrade_that_stops_half_way_ends_with_its_session() {
    let world = World::start().await;
    let honest = world.joined().await;
    let session = Polling::connected(&world).await;
    let sid = session.url.rsplit_once("&sid=").unwrap().1;

    let mut socket = WebSocket::upgrade(&world, &format!("&sid={sid}")).await;
    socket.0.write_all(&frame(TEXT, true, b"2probe")).await.unwrap();
    assert_eq!(socket.read_until("3").await.as_deref(), Some("3probe"));
    drop(socket);

    // The session goes on over polling, or is over: either way nobody waits for ever.
    session.post(format!("42999[\"join_workspace\",{}]", json!(world.workspace))).await;
    session.poll_until("43999[").await;
    world.contact(ANN).await;
    honest.wait_for("contact_updated", |_| true).await;
}
