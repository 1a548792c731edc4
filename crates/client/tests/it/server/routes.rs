//! The routes of the server in memory, with its faults in front of them.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Path, Query, Request, State as Shared},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use deskline_domain::{command::Command, protocol::PROTOCOL_HEADER};
use serde_json::{Value, json};
use socketioxide::{
    SocketIo,
    extract::{AckSender, SocketRef, TryData},
};
use std::collections::HashMap;
use uuid::Uuid;

use super::{Fault, State, drafts, error};

type App = Arc<Mutex<State>>;

pub(crate) fn router(app: App) -> (Router, SocketIo) {
    let (layer, io) = SocketIo::new_layer();
    let sockets = Arc::clone(&app);
    io.ns("/", move |socket: SocketRef, TryData(auth): TryData<Value>| {
        let app = Arc::clone(&sockets);
        async move { accept(&app, &socket, &auth.unwrap_or_default()) }
    });
    let router = Router::new()
        .route("/auth/v1/token", post(token))
        .route("/session", get(session))
        .route("/sync", get(sync))
        .route("/commands", post(commands))
        .route("/sms/send-sms", post(send))
        .route("/messages/{id}/ledger", get(ledger))
        .route("/messages/{id}/schedule", post(reschedule))
        .route("/messages/{id}/cancel", post(cancel))
        .route("/twilio/sending", get(sending))
        .route("/contacts/{id}/consents", get(consents))
        .route("/contacts/{id}/history", get(history))
        .route("/contacts/{id}/opt-out", post(opt_out))
        .route("/contacts/{id}/opt-in", post(opt_in))
        .route("/opt-outs", get(opt_outs))
        .route("/auth/password", post(change_password))
        .route("/drafts", get(drafts::list).post(drafts::save))
        .route("/media", post(upload))
        .route("/media/retry", post(retry_files))
        .route("/media/link", get(link))
        .route("/media/{file}", get(file))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), faults))
        .layer(layer)
        .with_state(app);
    (router, io)
}

async fn sending(Shared(app): Shared<App>) -> Json<Value> {
    let senders: Vec<_> = app.lock().unwrap().numbers.iter().map(|number| json!({ "sender": number })).collect();
    Json(json!({ "defaultNumber": null, "messagingServiceSid": null, "senders": senders }))
}

async fn consents(Shared(app): Shared<App>, Path(id): Path<Uuid>) -> Json<Value> {
    let state = app.lock().unwrap();
    let at = state.row("contact", id)["opted_out_at"].clone();
    let line = json!({ "sender": null, "decision": "opted_out", "decidedBy": "agent", "userId": state.user_id, "reason": "asked for it", "at": at });
    Json(json!({ "consents": [line] }))
}

async fn history(Shared(app): Shared<App>, Path(id): Path<Uuid>) -> Json<Value> {
    let state = app.lock().unwrap();
    let assignee = state.row("contact", id)["assigned_to"].clone();
    let line = json!({ "at": "2026-11-01T10:00:00Z", "kind": "assigned", "decidedBy": "agent", "by": state.user_id, "assignee": assignee });
    Json(json!({ "lines": [line] }))
}

async fn opt_out(Shared(app): Shared<App>, Path(id): Path<Uuid>, Json(body): Json<Value>) -> Response {
    let mut state = app.lock().unwrap();
    assert_eq!((&body["workspaceId"], &body["reason"]), (&json!(state.workspace_id), &json!("asked for it")));
    state.change("contact", id, |row| row["opted_out_at"] = json!("2026-11-01T10:00:00Z"));
    Json(json!({ "success": true, "contact": state.row("contact", id) })).into_response()
}

/// This contact wrote STOP.
async fn opt_in() -> Response {
    let body = json!({ "error": "Only they can opt in again.", "code": "wrong_state" });
    (StatusCode::CONFLICT, Json(body)).into_response()
}

async fn opt_outs(Shared(app): Shared<App>, Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    let state = app.lock().unwrap();
    assert_eq!(query["workspaceId"], state.workspace_id.to_string());
    let one = json!({
        "contactId": Uuid::nil(), "name": query["search"], "phone": "+15550100001", "since": "2026-11-01T10:00:00Z",
        "decidedBy": "agent", "userId": state.user_id, "reason": "asked for it",
    });
    Json(json!({ "optOuts": [one], "more": false }))
}

async fn change_password(Json(body): Json<Value>) -> Response {
    if body["currentPassword"] != "open sesame" {
        let body = json!({ "error": "Invalid login credentials", "code": "invalid_credentials" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    if body["password"].as_str().unwrap().len() < 8 {
        let sentence = "The password must have 8 to 1000 characters.";
        return (StatusCode::BAD_REQUEST, Json(error(sentence))).into_response();
    }
    Json(json!({ "success": true })).into_response()
}

/// As the server does: nothing but that it is tried again.
async fn retry_files(Shared(app): Shared<App>, Json(body): Json<Value>) -> Json<Value> {
    let id: Uuid = body["messageId"].as_str().unwrap().parse().unwrap();
    let mut state = app.lock().unwrap();
    state.change("message", id, |row| row["media"][0]["state"] = json!("waiting"));
    Json(json!({ "success": true, "files": 1 }))
}

fn accept(app: &App, socket: &SocketRef, auth: &Value) {
    let token = auth["token"].as_str().unwrap_or_default();
    let welcome = {
        let state = app.lock().unwrap();
        state.sockets && !state.down && state.access.contains(token)
    };
    if !welcome {
        socket.clone().disconnect().ok();
        return;
    }
    let app = Arc::clone(app);
    socket.on("follow_changes", move |socket: SocketRef, ack: AckSender| {
        let head = app.lock().unwrap().head;
        async move {
            socket.join("followers");
            ack.send(&json!({ "ok": true, "head": head })).ok();
        }
    });
}

async fn faults(Shared(app): Shared<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let (fault, down, end) = {
        let mut state = app.lock().unwrap();
        state.asked.push(path.clone());
        let found = state.faults.iter().position(|(of, _)| *of == path);
        (found.map(|at| state.faults.remove(at).1), state.down, state.end_of_hanging.clone())
    };
    assert!(request.headers().contains_key(PROTOCOL_HEADER), "a desktop says which protocol it speaks");
    if down {
        return broken();
    }
    match fault {
        None => {
            let date = app.lock().unwrap().date;
            let mut response = next.run(request).await;
            if let Some(date) = date {
                let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                response.headers_mut().insert("date", date.parse().unwrap());
            }
            response
        }
        Some(Fault::Break) => broken(),
        Some(Fault::LoseAnswer) => {
            next.run(request).await;
            broken()
        }
        Some(Fault::Hang) => {
            end.cancelled().await;
            broken()
        }
        Some(Fault::Say(status, body)) => (status, Json(body)).into_response(),
        Some(Fault::CutBody) => {
            let (parts, body) = next.run(request).await.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            let half = bytes.slice(..bytes.len() / 2);
            let stream = futures_util::stream::iter([Ok(half), Err(std::io::Error::other("cut"))]);
            let mut response = Response::from_parts(parts, Body::from_stream(stream));
            response.headers_mut().remove("content-length");
            response
        }
    }
}

/// An answer that breaks off before its first byte of JSON.
fn broken() -> Response {
    Response::new(Body::from_stream(futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("broken"))])))
}

async fn token(
    Shared(app): Shared<App>,
    Query(query): Query<HashMap<String, String>>,
    Json(body): Json<Value>,
) -> Response {
    let mut state = app.lock().unwrap();
    let welcome = match query["grant_type"].as_str() {
        "password" => body["email"] != "" && body["password"] == "open sesame",
        _ => state.refresh.remove(body["refresh_token"].as_str().unwrap()),
    };
    if !welcome {
        return (StatusCode::BAD_REQUEST, Json(error("Invalid login credentials"))).into_response();
    }
    if body["email"] == "other@example.com" {
        state.user_id = deskline_domain::ids::UserId(Uuid::from_u128(0x0c));
    } else if body["email"] == "agent@example.com" {
        state.user_id = deskline_domain::ids::UserId(Uuid::from_u128(0x0b));
    }
    Json(state.give_tokens()).into_response()
}

fn refused(state: &State, headers: &HeaderMap) -> Option<Response> {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if token.is_some_and(|token| state.access.contains(token)) {
        return None;
    }
    Some((StatusCode::UNAUTHORIZED, Json(error("Unauthorized"))).into_response())
}

async fn session(Shared(app): Shared<App>, headers: HeaderMap) -> Response {
    let state = app.lock().unwrap();
    if let Some(refused) = refused(&state, &headers) {
        return refused;
    }
    let team = json!({ "id": state.workspace_id, "name": "Support", "role": state.role });
    let teams = if state.member { vec![team] } else { Vec::new() };
    Json(json!({
        "user": { "id": state.user_id, "email": "agent@example.com" }, "protocol": 1, "serverVersion": "0.0.0",
        "workspaces": teams,
    }))
    .into_response()
}

async fn sync(Shared(app): Shared<App>, Query(query): Query<HashMap<String, String>>, headers: HeaderMap) -> Response {
    let state = app.lock().unwrap();
    if let Some(refused) = refused(&state, &headers) {
        return refused;
    }
    if !state.member {
        return (StatusCode::FORBIDDEN, Json(error("You are not a member of this workspace"))).into_response();
    }
    if let Some(place) = query.get("snapshot") {
        return Json(state.snapshot(place.parse().unwrap_or(0))).into_response();
    }
    if query["feed"] != state.feed.to_string() {
        let body = json!({ "error": "The feed is another one", "code": "feed_changed" });
        return (StatusCode::CONFLICT, Json(body)).into_response();
    }
    Json(state.changes_after(query["after"].parse().unwrap(), query["limit"].parse().unwrap())).into_response()
}

async fn commands(Shared(app): Shared<App>, headers: HeaderMap, Json(commands): Json<Vec<Command>>) -> Response {
    let mut state = app.lock().unwrap();
    if let Some(refused) = refused(&state, &headers) {
        return refused;
    }
    if let Some((contact_id, status)) = state.stumbles_over
        && commands.iter().any(|command| command.action.contact_id() == Some(contact_id))
    {
        return (status, Json(error("The body cannot be used"))).into_response();
    }
    let mut outcomes = Vec::new();
    for command in &commands {
        outcomes.push(match state.execute(command) {
            Ok(seq) => json!({ "outcome": "done", "seq": seq, "at": "2026-09-21T00:00:00Z" }),
            Err(reason) => json!({ "outcome": "refused", "reason": reason }),
        });
    }
    Json(json!({ "outcomes": outcomes })).into_response()
}

async fn ledger(Shared(app): Shared<App>, Path(id): Path<Uuid>, headers: HeaderMap) -> Response {
    let state = app.lock().unwrap();
    if let Some(refused) = refused(&state, &headers) {
        return refused;
    }
    if !state.has("message", id) {
        return (StatusCode::NOT_FOUND, Json(error("Message not found"))).into_response();
    }
    Json(json!({ "message": state.row("message", id), "entries": [] })).into_response()
}

/// What is missing stays; a text that has left is no longer for later.
async fn reschedule(Shared(app): Shared<App>, Path(id): Path<Uuid>, Json(body): Json<Value>) -> Response {
    let mut state = app.lock().unwrap();
    if state.row("message", id)["status"] != "scheduled" {
        let body = json!({ "error": "This text has left already.", "code": "wrong_state" });
        return (StatusCode::CONFLICT, Json(body)).into_response();
    }
    state.change("message", id, |row| {
        for (field, column) in [("sendAt", "send_at"), ("message", "content")] {
            if !body[field].is_null() {
                row[column] = body[field].clone();
            }
        }
        if body["sendNow"] == true {
            row["status"] = json!("queued");
        }
    });
    Json(json!({ "message": state.row("message", id) })).into_response()
}

async fn cancel(Shared(app): Shared<App>, Path(id): Path<Uuid>) -> Json<Value> {
    let mut state = app.lock().unwrap();
    state.change("message", id, |row| row["status"] = json!("canceled"));
    Json(json!({ "success": true, "message": state.row("message", id) }))
}

async fn upload(
    Shared(app): Shared<App>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    content: axum::body::Bytes,
) -> Response {
    let mut state = app.lock().unwrap();
    if let Some(refused) = refused(&state, &headers) {
        return refused;
    }
    assert_eq!(query["workspaceId"], state.workspace_id.to_string());
    let content_type = headers["content-type"].to_str().unwrap();
    let id = state.keep(content_type, query.get("name").map(String::as_str), &content);
    let url = format!("http://elsewhere.example/media/{id}?expires=1&signature=x");
    Json(json!({ "success": true, "id": id, "url": url, "contentType": content_type })).into_response()
}

async fn link(Shared(app): Shared<App>, Query(query): Query<HashMap<String, String>>, headers: HeaderMap) -> Response {
    let state = app.lock().unwrap();
    if let Some(refused) = refused(&state, &headers) {
        return refused;
    }
    let row = state.row("message", query["messageId"].parse().unwrap());
    let file = &row["media"][query["index"].parse::<usize>().unwrap()];
    let host = headers["host"].to_str().unwrap();
    let url = format!("http://{host}/media/{}?expires=1&signature=x", file["key"].as_str().unwrap());
    Json(json!({ "url": url, "contentType": file["stored_type"], "size": file["size"] })).into_response()
}

async fn file(Shared(app): Shared<App>, Path(id): Path<Uuid>, headers: HeaderMap) -> Response {
    assert!(!headers.contains_key("authorization"), "a link is fetched without a token");
    let state = app.lock().unwrap();
    match state.files.get(&id) {
        Some((content_type, _, content)) => ([("content-type", content_type.clone())], content.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, Json(error("File not found"))).into_response(),
    }
}

async fn send(Shared(app): Shared<App>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let mut state = app.lock().unwrap();
    if let Some(refused) = refused(&state, &headers) {
        return refused;
    }
    if !state.member {
        return (StatusCode::FORBIDDEN, Json(error("You are not a member of this workspace"))).into_response();
    }
    let contact_id = body["contactId"].as_str().unwrap().parse().unwrap();
    if !state.has("contact", contact_id) {
        return (StatusCode::NOT_FOUND, Json(error("Contact not found"))).into_response();
    }
    let (text, client_id) = (body["message"].as_str().unwrap(), body["clientId"].as_str().unwrap());
    // An address of ours ends with the file's id.
    let files: Vec<Uuid> = body["mediaUrls"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|url| url.as_str().unwrap().split(['/', '?']).find_map(|part| part.parse().ok()).unwrap())
        .collect();
    // Words that tell the server what Twilio says.
    let (status, answer) = match text {
        "refuse me" => ("failed", StatusCode::UNPROCESSABLE_ENTITY),
        "twilio is away" => ("queued", StatusCode::BAD_GATEWAY),
        _ if !body["sendAt"].is_null() => ("scheduled", StatusCode::OK),
        _ => ("queued", StatusCode::OK),
    };
    let new = !state.has("message", client_id.parse().unwrap());
    let mut row = state.store(contact_id, text, client_id, status, answer == StatusCode::OK && status == "queued");
    if new && status == "scheduled" {
        state.change("message", client_id.parse().unwrap(), |row| row["send_at"] = body["sendAt"].clone());
        row = state.row("message", client_id.parse().unwrap()).clone();
    }
    if new && !files.is_empty() {
        let media = state.media(&files);
        state.change("message", client_id.parse().unwrap(), |row| row["media"] = media);
        row = state.row("message", client_id.parse().unwrap()).clone();
    }
    if answer == StatusCode::OK {
        let sid = row["twilio_sid"].clone();
        return Json(json!({ "success": true, "message": row, "twilioSid": sid })).into_response();
    }
    if status == "failed" && row["error_code"].is_null() {
        row["error_code"] = json!(30_006);
        let id = row["id"].as_str().unwrap().parse().unwrap();
        state.put("message", id, row.clone());
    }
    (answer, Json(json!({ "error": "Error sending SMS", "code": 30_006, "message": row }))).into_response()
}
