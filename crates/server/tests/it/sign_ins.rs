//! Whoever changes a password because somebody knows it puts them out: access tokens and sockets of the old sign-ins are dead within a second.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    auth::{an_agent, grant_at},
    world::{ANN, Socket, World, assert_error, token_with},
};

/// So soon nothing of an old sign-in is left.
const WITHIN: Duration = Duration::from_secs(1);

async fn sign_in(world: &World) -> Value {
    let ann = json!({ "email": "ann@example.org", "password": "correct horse" });
    grant_at(world, 0, "password", ann).await.1
}

fn access(session: &Value) -> &str {
    session["access_token"].as_str().unwrap()
}

/// A socket that nobody has to have joined anything with.
async fn socket(world: &World, server: usize, session: &Value) -> Socket {
    Socket::connect(&world.servers[server].url, access(session)).await
}

async fn status(world: &World, server: usize, session: &Value) -> u16 {
    world.call_at(server, access(session), Method::GET, "/session", None).await.0.as_u16()
}

#[tokio::test]
async fn another_password_ends_access_tokens_and_sockets_of_every_other_sign_in_within_a_second_at_every_server() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    let (thief, ann) = (sign_in(&world).await, sign_in(&world).await);
    let theirs = [socket(&world, 0, &thief).await, socket(&world, second, &thief).await];
    let hers = socket(&world, second, &ann).await;
    for server in [0, second] {
        assert_eq!(status(&world, server, &thief).await, 200, "it is good, and both servers know it to be");
    }

    let body = json!({ "currentPassword": "correct horse", "password": "battery staple" });
    let (changed, answer) = world.call_at(0, access(&ann), Method::POST, "/auth/password", Some(body)).await;
    let answered = Instant::now();

    assert_eq!(changed, 200, "{answer}");
    for server in [0, second] {
        while status(&world, server, &thief).await != 401 {
            assert!(answered.elapsed() < WITHIN, "server {server} still takes the old token");
        }
    }
    for socket in &theirs {
        socket.wait_for("close", |_| true).await;
    }
    assert!(answered.elapsed() < WITHIN, "it took {:?}", answered.elapsed());
    let refused = Socket::refused(&world.servers[second].url, json!({ "token": access(&thief) })).await;
    assert!(refused.contains("Invalid token"), "{refused}");
    assert_eq!(status(&world, second, &ann).await, 200, "this sign-in goes on");
    assert_eq!(hers.ask("join_workspace", json!(world.workspace)).await["ok"], true, "and its socket answers");
}

#[tokio::test]
async fn signing_out_ends_the_access_token_and_the_socket_too() {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    let (laptop, desk) = (sign_in(&world).await, sign_in(&world).await);
    let socket = socket(&world, 0, &laptop).await;

    let url = format!("{}/auth/v1/logout?scope=local", world.url());
    let signed_out = world.http.post(url).bearer_auth(access(&laptop)).send().await.unwrap();
    assert_eq!(signed_out.status(), 204);

    socket.wait_for("close", |_| true).await;
    let again = world.call_at(0, access(&laptop), Method::GET, "/session", None).await;
    assert_error(&again, 401, "Authentication error: Invalid token");
    assert_eq!(status(&world, 0, &desk).await, 200);
}

#[tokio::test]
async fn a_sign_in_that_ended_while_no_server_listened_is_found_when_it_listens_again_and_so_are_drafts() {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    let session = sign_in(&world).await;
    let (thief, desktop, dashboard) = (socket(&world, 0, &session).await, world.joined().await, world.joined().await);
    desktop.ask("follow_changes", json!({ "workspaceId": world.workspace })).await;
    // As it is for a server that hears nothing at this moment.
    let unheard = "alter table refresh_tokens disable trigger refresh_tokens_ended;
                   update refresh_tokens set revoked_at = now();
                   alter table refresh_tokens enable trigger refresh_tokens_ended";
    sqlx::raw_sql(unheard).execute(world.store.pool()).await.unwrap();

    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    sqlx::query(cut).execute(world.store.pool()).await.unwrap();

    thief.wait_for("close", |_| true).await;
    desktop.wait_for("drafts", |_| true).await;
    world.contact(ANN).await;
    dashboard.wait_for("contact_updated", |_| true).await;
    assert!(dashboard.heard().iter().all(|heard| heard.name != "drafts"), "drafts are no business of a dashboard");
}

#[tokio::test]
async fn a_token_of_another_issuer_belongs_to_no_sign_in_of_ours() {
    let world = World::start().await;
    let claims = json!({ "sub": world.owner, "session_id": "018f3c2e-7b1a-7000-8000-0000000000aa" });

    let (status, _) = world.call_at(0, &token_with(&claims), Method::GET, "/session", None).await;

    assert_eq!(status, 200);
}
