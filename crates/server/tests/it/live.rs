//! Socket.IO: who is let in, what is heard by whom, and what a broken or silent client cannot do.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use deskline_domain::change::ChangePage;
use deskline_server::edge::now;
use deskline_store::Role;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::{ANN, BOB, Socket, World, token, token_with};

#[rstest]
#[case::no_auth(json!({}), "Token required")]
#[case::null(json!({ "token": null }), "Token required")]
#[case::empty(json!({ "token": "" }), "Token required")]
#[case::nonsense(json!({ "token": "nonsense" }), "Invalid token")]
#[case::another_shape(json!({ "token": { "a": 1 } }), "Invalid token")]
#[case::expired(json!({ "token": token_with(&json!({ "sub": "018f3c2e-7b1a-7000-8000-000000000001", "exp": 1 })) }), "Invalid token")]
#[case::nobody(json!({ "token": token_with(&json!({ "exp": now().timestamp() + 60 })) }), "Invalid token")]
#[tokio::test]
async fn who_is_not_let_in_hears_why(#[case] auth: Value, #[case] why: &str) {
    let world = World::start().await;

    let error = Socket::refused(world.url(), auth).await;

    assert!(error.contains(&json!({ "message": format!("Authentication error: {why}") }).to_string()), "{error}");
    assert_eq!(world.joined().await.heard().len(), 1, "and the next one is let in");
}

#[tokio::test]
async fn joining_a_strangers_workspace_is_refused_in_the_ack_and_the_socket_goes_on() {
    let world = World::start().await;
    let (other, _) = world.another_workspace().await;
    let socket = Socket::connect(world.url(), &token(world.owner)).await;

    for wrong in [json!(other), json!("no uuid"), json!(null), json!(7), json!([[]]), json!({ "deep": { "er": [] } })] {
        for event in ["join_workspace", "follow_changes"] {
            let ack = socket.ask(event, wrong.clone()).await;
            assert_eq!(ack["ok"], false, "{event} {wrong}: {ack}");
            assert!(ack["error"].is_string());
        }
    }
    socket.emit("an_event_that_nobody_knows", json!({ "x": 1 })).await;
    socket.emit("join_workspace", json!(other)).await;
    world.contact_of(other, BOB).await;
    assert_eq!(socket.ask("join_workspace", json!(world.workspace)).await["ok"], true);
    world.contact(ANN).await;

    let told = socket.wait_for("contact_updated", |_| true).await;
    assert_eq!(told["contact"]["phone"], ANN, "and never a word about the other workspace");
}

#[tokio::test]
async fn a_text_over_a_socket_is_answered_twice_and_heard_by_everyone_else() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let contact = world.contact(ANN).await;
    let (writer, colleague) = (world.joined().await, world.joined_at(second, world.owner).await);

    let ack = writer.ask("send_message", world.text(contact, "over the wire")).await;

    assert_eq!(ack["success"], true, "{ack}");
    assert_eq!(ack["twilioSid"], ack["message"]["twilio_sid"]);
    let sent = writer.wait_for("message_sent", |_| true).await;
    assert_eq!(sent, ack);
    let told = colleague.wait_for("new_message", |_| true).await;
    assert_eq!((&told["message"]["id"], &told["contactId"]), (&ack["message"]["id"], &json!(contact)));
    writer.wait_for("message_updated", |told| told["message"]["status"] == "delivered").await;
    assert_eq!(writer.texts(), [""; 0], "the sending socket hears message_sent instead");
}

#[tokio::test]
async fn a_text_over_http_is_heard_by_everyone() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let dashboard = world.joined().await;

    world.send(contact, "over http").await;

    dashboard.wait_for("new_message", |told| told["message"]["content"] == "over http").await;
}

#[tokio::test]
async fn what_cannot_be_sent_over_a_socket_is_a_message_error_and_the_socket_goes_on() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let socket = world.joined().await;
    let mut nul = world.text(contact, "a\0b");
    nul["clientId"] = json!("nul");

    for (wrong, why) in [
        (json!(null), "Missing required fields"),
        (json!("text"), "Missing required fields"),
        (json!({ "workspaceId": world.workspace }), "Missing required fields"),
        (json!({ "workspaceId": world.workspace, "contactId": "x", "message": "hi" }), "contactId must be a UUID"),
        (json!({ "workspaceId": world.workspace, "contactId": world.workspace, "message": "hi" }), "Contact not found"),
        (
            json!({ "workspaceId": contact, "contactId": contact, "message": "hi" }),
            "You are not a member of this workspace",
        ),
        (nul, "message contains a character that cannot be used (NUL)"),
    ] {
        let ack = socket.ask("send_message", wrong.clone()).await;
        assert_eq!((&ack["error"], &ack["explanation"]), (&json!("Failed to send message"), &json!(why)), "{wrong}");
    }

    let heard = socket.wait_until("seven errors", |heard| {
        let errors: Vec<_> = heard.iter().filter(|heard| heard.name == "message_error").cloned().collect();
        (errors.len() == 7).then_some(errors)
    });
    assert!(heard.await.iter().all(|heard| heard.data["error"] == "Failed to send message"));
    assert_eq!(socket.ask("send_message", world.text(contact, "at last")).await["success"], true);
    assert_eq!(world.twilio.sent().len(), 1);
}

#[tokio::test]
async fn texts_over_one_socket_leave_in_the_order_in_which_they_were_written() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let socket = world.joined().await;
    let texts: Vec<String> = (0..20).map(|n| format!("text {n}")).collect();

    for text in &texts {
        socket.emit("send_message", world.text(contact, text)).await;
    }

    let sent = world.twilio.wait_until(|sent| sent.len() == 20, crate::world::SOON).await.unwrap();
    assert_eq!(sent.into_iter().map(|sent| sent.body).collect::<Vec<_>>(), texts);
    let answered = |heard: &[crate::world::Heard]| heard.iter().filter(|heard| heard.name == "message_sent").count();
    socket.wait_until("twenty answers", |heard| (answered(heard) == 20).then_some(())).await;
}

#[tokio::test]
async fn who_follows_changes_gets_pages_without_a_gap_and_no_rows() {
    let world = World::start().await;
    let desktop = Socket::connect(world.url(), &token(world.owner)).await;
    let followed = desktop.ask("follow_changes", json!({ "workspaceId": world.workspace })).await;
    desktop.ask("join_workspace", json!(world.workspace)).await;

    for n in 0..30 {
        world.twilio.receive_sms(ANN, &world.number(), &n.to_string()).await;
    }

    let head = world.store.head(world.workspace).await.unwrap().seq;
    let pages: Vec<ChangePage> = desktop
        .wait_until("the last page", |heard| {
            let pages = heard.iter().filter(|heard| heard.name == "changes");
            let pages: Vec<ChangePage> =
                pages.map(|heard| serde_json::from_value(heard.data.clone()).unwrap()).collect();
            (pages.last()?.up_to == head).then_some(pages)
        })
        .await;
    assert_eq!(pages[0].after, followed["head"].as_i64().unwrap());
    assert!(
        pages.windows(2).all(|pair| pair[0].up_to == pair[1].after),
        "each page begins where the one before it ended"
    );
    assert!(pages.iter().all(|page| page.changes.iter().all(|change| change.decode().is_ok())));
    assert!(desktop.heard().iter().all(|heard| ["changes", "connect"].contains(&heard.name.as_str())));
}

#[tokio::test]
async fn who_is_no_longer_a_member_hears_nothing_more() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let (former, owner) = (world.joined_at(0, agent).await, world.joined().await);
    world.contact(ANN).await;
    former.wait_for("contact_updated", |_| true).await;

    sqlx::query("delete from workspace_members where user_id = $1")
        .bind(agent.0)
        .execute(world.store.pool())
        .await
        .unwrap();
    world.contact(BOB).await;
    owner.wait_for("contact_updated", |told| told["contact"]["phone"] == BOB).await;

    assert_eq!(former.ask("join_workspace", json!(world.workspace)).await["ok"], false);
    let heard = former.heard();
    assert!(heard.iter().all(|heard| heard.data["contact"]["phone"] != BOB), "{heard:?}");
}

/// A WebSocket that joins and then never reads again.
async fn a_socket_that_stops_reading(world: &World) -> TcpStream {
    let address = world.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let key = STANDARD.encode(deskline_server::edge::entropy::<16>());
    let handshake = format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    );
    stream.write_all(handshake.as_bytes()).await.unwrap();
    read_until(&mut stream, b"\"sid\"").await;
    stream.write_all(&frame(&format!("40{}", json!({ "token": token(world.owner) })))).await.unwrap();
    read_until(&mut stream, b"40{").await;
    stream.write_all(&frame(&format!("420{}", json!(["join_workspace", world.workspace])))).await.unwrap();
    read_until(&mut stream, b"430[").await;
    stream
}

async fn read_until(stream: &mut TcpStream, wanted: &[u8]) {
    let mut read = Vec::new();
    while !read.windows(wanted.len()).any(|window| window == wanted) {
        let mut buffer = [0; 1_024];
        let count = stream.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "the server hung up after {:?}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&buffer[..count]);
    }
}

/// A text frame (RFC 6455, section 5.2), masked with zeros.
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&[0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0], text.as_bytes()].concat()
}

#[tokio::test]
async fn a_socket_that_stops_reading_holds_up_nobody() {
    let world = World::start().await;
    let silent = a_socket_that_stops_reading(&world).await;
    let dashboard = world.joined().await;
    let contact = world.contact(ANN).await;

    let insert = "insert into messages (workspace_id, contact_id, content, direction) \
                  select $1, $2, repeat('x', 20000), 'inbound' from generate_series(1, 900)";
    sqlx::query(insert).bind(world.workspace.0).bind(contact.0).execute(world.store.pool()).await.unwrap();
    let delivery = world.twilio.receive_sms(ANN, &world.number(), "the end").await;

    assert_eq!(delivery.status(), 200);
    dashboard.wait_for("new_message", |told| told["message"]["content"] == "the end").await;
    assert_eq!(dashboard.texts().len(), 901);
    drop(silent);
}

#[rstest]
#[case::an_event_before_connecting("42[\"join_workspace\",\"x\"]")]
#[case::no_json("42[")]
#[case::no_event("42{}")]
#[case::unknown_packet("9")]
#[case::binary_that_never_comes("451-[\"x\",{\"_placeholder\":true,\"num\":0}]")]
#[tokio::test]
async fn a_broken_packet_ends_its_own_socket_at_most(#[case] packet: &str) {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let mut broken = a_socket_that_stops_reading(&world).await;

    broken.write_all(&frame(packet)).await.unwrap();
    broken.flush().await.unwrap();

    world.contact(ANN).await;
    dashboard.wait_for("contact_updated", |_| true).await;
    assert_eq!(world.call(Method::GET, "/session", None).await.0, 200);
}

#[tokio::test]
async fn a_server_that_is_stopped_says_goodbye_and_ends() {
    let mut world = World::start().await;
    let socket = world.joined().await;
    let server = world.servers.remove(0);

    tokio::time::timeout(Duration::from_secs(15), server.stop()).await.expect("it ends in time").unwrap();
    socket.close().await;

    world.restart_first().await;
    assert_eq!(world.joined().await.heard().len(), 1);
}
