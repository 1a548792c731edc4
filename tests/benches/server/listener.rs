//! A Socket.IO client that costs next to nothing: it reads frames, answers pings, and notes when a text arrived.

use std::{net::SocketAddr, time::Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use uuid::Uuid;

/// Connected, and in the room of a workspace.
pub(crate) struct Listener {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Listener {
    /// Connects over WebSocket, shows its token, and joins. `follow` asks for pages of the feed, as desktops do, instead of rows.
    pub(crate) async fn join(address: SocketAddr, token: &str, workspace: Uuid, follow: bool) -> Self {
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (socket, _) = connect_async(url).await.expect("the server takes sockets");
        let mut listener = Self { socket };
        listener.expect("0").await;
        listener.say(format!("40{}", json!({ "token": token }))).await;
        listener.expect("40").await;
        let join = if follow {
            json!(["follow_changes", { "workspaceId": workspace }])
        } else {
            json!(["join_workspace", workspace])
        };
        listener.say(format!("420{join}")).await;
        let ack = listener.expect("430").await;
        assert!(ack.contains("\"ok\":true"), "the member may join: {ack}");
        listener
    }

    async fn say(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.expect("the server reads");
    }

    /// The next packet of this kind.
    async fn expect(&mut self, kind: &str) -> String {
        loop {
            let packet = self.next().await.expect("the socket stays open");
            if packet.starts_with(kind) {
                return packet;
            }
        }
    }

    /// The next packet that is not a ping; `None` once the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) if text.as_str() == "2" => self.say("3".to_owned()).await,
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// The numbers of the texts that the next packets bring, and when, until `count` are there.
    pub(crate) async fn hear(&mut self, count: usize) -> Vec<(usize, Instant)> {
        let mut heard = Vec::with_capacity(count);
        while heard.len() < count {
            let packet = self.next().await.expect("the socket stays open");
            let at = Instant::now();
            if packet.starts_with("42[\"new_message\"") || packet.starts_with("42[\"changes\"") {
                heard.extend(numbers(&packet).map(|number| (number, at)));
            }
        }
        heard
    }
}

/// The stage's texts begin with `text 17 of`.
fn numbers(packet: &str) -> impl Iterator<Item = usize> {
    let texts = packet.split("\"content\":\"text ").skip(1);
    texts.filter_map(|text| text.split(' ').next()?.parse().ok())
}
