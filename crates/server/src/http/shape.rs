//! What holds for every request: who may ask at all, errors in one shape, and what is counted and logged.
//!
//! Layers of [`super::router`]. Logs a path without its query, and never a header or a body.

use std::{any::Any, sync::Arc, time::Instant};

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use deskline_domain::protocol::{PROTOCOL, PROTOCOL_HEADER};
use serde_json::{Value, json};
use tracing::Instrument;

use crate::{app::App, edge, error::ApiError, metrics, socket};

const REQUEST_ID: &str = "x-request-id";

/// An error with a stored text in it is the longest there is.
const MAX_ERROR_BODY: usize = 1 << 20;

/// Refuses desktops that are too old, and sockets of pages of another origin, which no browser stops by itself.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, ApiError> {
    let headers = request.headers();
    if headers.get(PROTOCOL_HEADER).is_some_and(|spoken| {
        spoken.to_str().ok().and_then(|text| text.parse().ok()).is_none_or(|spoken: u32| spoken < PROTOCOL)
    }) {
        return Err(ApiError::ClientTooOld);
    }
    if request.uri().path().starts_with(socket::PATH) && comes_from_elsewhere(&app, headers) {
        return Err(ApiError::ForeignOrigin);
    }
    Ok(next.run(request).await)
}

/// Whether a browser says that the request comes from a page of somebody else's. Programs say nothing, or name the server itself.
fn comes_from_elsewhere(app: &App, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes).unwrap_or_default();
    let itself =
        [&b"http://"[..], b"https://"].iter().any(|scheme| origin.as_bytes().strip_prefix(*scheme) == Some(host));
    let public = origin.as_bytes() == app.config.public_url.origin().ascii_serialization().as_bytes();
    origin != app.config.frontend_origin && !itself && !public
}

/// A handler that panicked. The text of the panic goes to the log by the panic hook.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::Internal(anyhow::anyhow!("a handler panicked")).into_response()
}

/// Whatever a library answers with: an error has a JSON body with `error` in it.
pub async fn errors_are_json(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let written = to_bytes(body, MAX_ERROR_BODY).await.unwrap_or_default();
    let mut said =
        if is_json(&parts.headers) { serde_json::from_slice(&written).unwrap_or(Value::Null) } else { Value::Null };
    if said.get("error").is_some() {
        return Response::from_parts(parts, Body::from(written));
    }
    let text = said.get("message").and_then(Value::as_str).or(status.canonical_reason()).unwrap_or("Error").to_owned();
    match said.as_object_mut() {
        Some(object) => drop(object.insert("error".to_owned(), text.into())),
        None => said = json!({ "error": text }),
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    (parts.status, parts.headers, Json(said)).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"))
}

/// Counts and logs.
pub async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let span = tracing::info_span!("request", %id);
    async move {
        let mut response = observe_one(app, request, next).await;
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// The id that a proxy gave the request, if it is one, or a new one: everything that is logged about the request carries it.
fn request_id(headers: &HeaderMap) -> String {
    let good = |id: &&str| (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(good);
    given.map_or_else(|| hex::encode(edge::entropy::<8>()), str::to_owned)
}

async fn observe_one(app: Arc<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = match request.extensions().get::<MatchedPath>() {
        Some(matched) => matched.as_str().to_owned(),
        None if path.starts_with(socket::PATH) => socket::PATH.to_owned(),
        None => "other".to_owned(),
    };
    let response = next.run(request).await;
    let status = response.status();
    app.metrics
        .requests
        .get_or_create(&metrics::Request { route, method: known(method.as_str()), status: status.as_u16() })
        .inc();
    let took = began.elapsed().as_millis();
    if status.is_server_error() && status != StatusCode::BAD_GATEWAY {
        tracing::warn!(%method, path, status = status.as_u16(), took, "a request failed");
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), took, "answered");
    }
    response
}

/// Methods are made up by clients; labels are not.
fn known(method: &str) -> String {
    match method {
        "GET" | "POST" | "HEAD" | "OPTIONS" | "PUT" | "PATCH" | "DELETE" => method.to_owned(),
        _ => "other".to_owned(),
    }
}
