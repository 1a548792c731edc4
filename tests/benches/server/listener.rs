//! A Socket.IO client that costs next to nothing: it reads frames where they lie, answers pings, and notes when a text arrived.
//!
//! With a full WebSocket client, 50 of them took as much of the machine as the server that was to be measured.

use std::{net::SocketAddr, time::Instant};

use deskline_e2e::database::fresh_id;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

/// RFC 6455: a text frame that is whole, and a mask, which everything from a client has to have. A mask of zeros changes nothing.
const TEXT: u8 = 0x81;
const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0; 4];

/// Connected, and in the room of a workspace.
pub(crate) struct Listener {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the next frame begins.
    at: usize,
}

impl Listener {
    /// Connects over WebSocket, shows its token, and joins. `follow` asks for pages of the feed, as desktops do, instead of rows.
    pub(crate) async fn join(address: SocketAddr, token: &str, workspace: Uuid, follow: bool) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("the server takes sockets");
        stream.set_nodelay(true).expect("a socket can be told not to wait");
        let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, fresh_id().as_bytes());
        let hello = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        );
        stream.write_all(hello.as_bytes()).await.expect("the server reads");
        let mut listener = Self { stream, buffer: Vec::with_capacity(16 * 1024), at: 0 };
        let end = loop {
            if let Some(end) = listener.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            listener.read().await;
        };
        assert!(listener.buffer.starts_with(b"HTTP/1.1 101"), "the server speaks WebSocket");
        listener.at = end;
        listener.expect("0").await;
        listener.say(&format!("40{}", json!({ "token": token }))).await;
        listener.expect("40").await;
        let join = if follow {
            json!(["follow_changes", { "workspaceId": workspace }])
        } else {
            json!(["join_workspace", workspace])
        };
        listener.say(&format!("420{join}")).await;
        let ack = listener.expect("430").await;
        assert!(ack.contains("\"ok\":true"), "the member may join: {ack}");
        listener
    }

    async fn say(&mut self, text: &str) {
        let mut frame = vec![TEXT];
        match u8::try_from(text.len()) {
            Ok(short @ ..=125) => frame.push(MASKED | short),
            _ => {
                frame.push(MASKED | 126);
                frame.extend(u16::try_from(text.len()).expect("a short text").to_be_bytes());
            }
        }
        frame.extend(MASK);
        frame.extend(text.as_bytes());
        self.stream.write_all(&frame).await.expect("the server reads");
    }

    /// The next packet of this kind.
    async fn expect(&mut self, kind: &str) -> String {
        loop {
            let (from, to) = self.next().await;
            let packet = &self.buffer[from..to];
            if packet.starts_with(kind.as_bytes()) {
                return String::from_utf8_lossy(packet).into_owned();
            }
        }
    }

    /// Where in the buffer the next packet lies that is not a ping.
    pub(crate) async fn next(&mut self) -> (usize, usize) {
        loop {
            let (from, to) = loop {
                match frame(&self.buffer[self.at..]) {
                    Some((from, to)) if self.at + to <= self.buffer.len() => break (self.at + from, self.at + to),
                    _ => self.read().await,
                }
            };
            self.at = to;
            if &self.buffer[from..to] != b"2" {
                return (from, to);
            }
            self.say("3").await;
        }
    }

    /// Reads what is there. What was handed out before is forgotten.
    async fn read(&mut self) {
        self.buffer.drain(..self.at);
        self.at = 0;
        let count = self.stream.read_buf(&mut self.buffer).await.expect("the socket stays open");
        assert!(count > 0, "the socket stays open");
    }

    /// The numbers of the texts that the next packets bring, and when, until `count` are there.
    pub(crate) async fn hear(&mut self, count: usize) -> Vec<(usize, Instant)> {
        let mut heard = Vec::with_capacity(count);
        while heard.len() < count {
            let (from, to) = self.next().await;
            let packet = &self.buffer[from..to];
            if packet.starts_with(b"42[\"new_message\"") || packet.starts_with(b"42[\"changes\"") {
                let at = Instant::now();
                let packet = std::str::from_utf8(packet).expect("a packet is UTF-8");
                heard.extend(numbers(packet).map(|number| (number, at)));
            }
        }
        heard
    }
}

/// Where a frame's content begins and ends, once its head is here. The server masks nothing and splits nothing.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let length = usize::from(bytes.get(1)? & 0x7f);
    let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    Some(match length {
        126 => (4, 4 + number(bytes.get(2..4)?)),
        127 => (10, 10 + number(bytes.get(2..10)?)),
        short => (2, 2 + short),
    })
}

/// The stage's texts begin with `text 17 of`.
fn numbers(packet: &str) -> impl Iterator<Item = usize> {
    let texts = packet.split("\"content\":\"text ").skip(1);
    texts.filter_map(|text| text.split(' ').next()?.parse().ok())
}
