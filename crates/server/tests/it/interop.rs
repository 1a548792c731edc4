//! Socket.IO's own client, in Node: the program is `tests/node/socketio.mjs`, and everything that it talks to is started here.

use std::{path::Path, process::Stdio};

use rstest::rstest;

use crate::world::{ANN, World, token};

#[rstest]
#[case::websocket("websocket")]
#[case::polling("polling")]
#[case::polling_that_is_upgraded("polling,websocket")]
#[tokio::test]
async fn socket_ios_own_client_finds_every_promise_kept(#[case] transports: &str) {
    let mut world = World::start().await;
    world.another_server().await;
    let contact = world.contact(ANN).await;
    let (other, _) = world.another_workspace().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/node");
    assert!(
        folder.join("node_modules/socket.io-client").exists(),
        "socket.io-client is not installed in tests/node: run cargo xtask test, or npm ci --ignore-scripts there"
    );

    let script = tokio::process::Command::new("node")
        .arg("socketio.mjs")
        .current_dir(folder)
        .env("DESKLINE_URLS", world.servers.iter().map(|server| server.url.as_str()).collect::<Vec<_>>().join(","))
        .env("DESKLINE_TOKEN", token(world.owner))
        .env("DESKLINE_WORKSPACE", world.workspace.to_string())
        .env("DESKLINE_OTHER_WORKSPACE", other.to_string())
        .env("DESKLINE_CONTACT", contact.to_string())
        .env("DESKLINE_SIMULATOR_CONTROL", world.twilio.control_url().as_str())
        .env("DESKLINE_FROM", ANN)
        .env("DESKLINE_TO", world.number())
        .env("DESKLINE_TRANSPORTS", transports)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output()
        .await
        .expect("Node.js is not installed, and socket.io-client needs it");

    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stderr));
    assert!(String::from_utf8_lossy(&script.stdout).contains("kept every promise"));
}
