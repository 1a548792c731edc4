//! Clients that we did not write, in Node: the programs are in `tests/node`, and everything that they talk to is started here.

use std::{path::PathBuf, process::Stdio};

use deskline_server::auth::password;
use deskline_simulator::CallbackPlan;
use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::world::{ANN, SOON, World, token};

/// A script with what it needs to know.
fn script(world: &World, name: &str) -> Command {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/node");
    for package in ["socket.io-client", "twilio", "@supabase/auth-js"] {
        assert!(
            folder.join("node_modules").join(package).exists(),
            "{package} is not installed in tests/node: run cargo xtask test, or npm ci --ignore-scripts there"
        );
    }
    let urls: Vec<&str> = world.servers.iter().map(|server| server.url.as_str()).collect();
    let mut command = Command::new("node");
    command
        .arg(name)
        .current_dir(folder)
        .env("DESKLINE_URLS", urls.join(","))
        .env("DESKLINE_TOKEN", token(world.owner))
        .env("DESKLINE_WORKSPACE", world.workspace.to_string())
        .env("DESKLINE_FROM", ANN)
        .env("DESKLINE_TO", world.number())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn run(mut command: Command, last_words: &str) {
    let script = command.output().await.expect("Node.js is not installed, and these clients need it");

    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stderr));
    assert!(String::from_utf8_lossy(&script.stdout).contains(last_words));
}

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

    let mut command = script(&world, "socketio.mjs");
    command
        .env("DESKLINE_OTHER_WORKSPACE", other.to_string())
        .env("DESKLINE_CONTACT", contact.to_string())
        .env("DESKLINE_SIMULATOR_CONTROL", world.twilio.control_url().as_str())
        .env("DESKLINE_TRANSPORTS", transports);

    run(command, "kept every promise").await;
}

#[rstest]
#[case::websocket("websocket")]
#[case::polling("polling")]
#[case::polling_that_is_upgraded("polling,websocket")]
#[tokio::test]
async fn socket_ios_own_client_comes_back_when_its_server_is_replaced(#[case] transports: &str) {
    let mut world = World::start().await;
    let mut command = script(&world, "reconnect.mjs");
    let mut script = command.env("DESKLINE_TRANSPORTS", transports).spawn().expect("Node.js is not installed");
    let mut lines = BufReader::new(script.stdout.take().unwrap()).lines();
    let mut wait_for = async |expected: &str| {
        let mut said = Vec::new();
        loop {
            let line = tokio::time::timeout(SOON, lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("{expected:?} was never said; before: {said:?}")).unwrap();
            let line = line.unwrap_or_else(|| panic!("the script ended before {expected:?}; it said {said:?}"));
            if line == expected {
                break;
            }
            said.push(line);
        }
    };

    wait_for("joined").await;
    world.twilio.receive_sms(ANN, &world.number(), "before").await;
    wait_for("heard: before").await;
    world.servers.remove(0).stop().await.unwrap();
    world.restart_first().await;
    wait_for("joined again").await;
    world.twilio.receive_sms(ANN, &world.number(), "the end").await;
    wait_for("heard: the end").await;

    assert!(script.wait().await.unwrap().success());
}

#[tokio::test]
async fn what_twilios_own_library_signs_is_taken_and_nothing_else() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.plan(CallbackPlan::none());
    let (_, sent) = world.send(contact, "on its way").await;
    let id = sent["message"]["id"].as_str().unwrap();

    let mut command = script(&world, "twilio-webhook.mjs");
    command
        .env("DESKLINE_ACCOUNT", world.twilio.account_sid().to_string())
        .env("DESKLINE_AUTH_TOKEN", world.twilio.auth_token().expose())
        .env("DESKLINE_MESSAGE", id)
        .env("DESKLINE_MESSAGE_SID", sent["twilioSid"].as_str().unwrap());
    run(command, "Twilio's own signatures are taken").await;

    let texts: Vec<String> =
        sqlx::query_scalar("select content from messages where direction = 'inbound' order by created_at, id")
            .fetch_all(world.store.pool())
            .await
            .unwrap();
    assert_eq!(texts, ["Grüße & 50% = 'ok' + 😀\nzweite Zeile", "with a query"]);
    let row = world.store.message(world.workspace, id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(json!(row.status), "delivered");
}

#[tokio::test]
async fn supabases_own_client_signs_in_and_refreshes_at_any_server() {
    let mut world = World::start().await;
    world.another_server().await;
    let hash = password::hash("correct horse".to_owned().into()).await.unwrap();
    world.store.create_user(world.owner, "ann@example.org", &hash.into()).await.unwrap();

    let mut command = script(&world, "supabase-auth.mjs");
    command.env("DESKLINE_EMAIL", "ann@example.org").env("DESKLINE_PASSWORD", "correct horse");

    run(command, "signed in as at Supabase").await;
}
