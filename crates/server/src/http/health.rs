//! For machines that watch: `/healthz` (the process answers), `/readyz` (so does the database), `/metrics`.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use deskline_store::SchemaState;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::caller::bearer;
use crate::{app::App, error::ApiError};

const OPENMETRICS: &str = "application/openmetrics-text";
/// A database that takes longer is not ready.
const READY_WITHIN: Duration = Duration::from_secs(3);

/// The process answers.
pub async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The database answers, and has a schema that this server can work with.
///
/// # Errors
/// 503.
pub async fn ready(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    match tokio::time::timeout(READY_WITHIN, app.store.schema()).await {
        Ok(Ok(SchemaState::Current | SchemaState::Newer)) => Ok(Json(json!({ "status": "ok" }))),
        _ => Err(ApiError::DatabaseUnavailable),
    }
}

/// Counters, in the format that Prometheus reads. For members of any workspace, and for whoever has the metrics token.
///
/// # Errors
/// 401, and 403 for a user who is a member of nothing.
pub async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    let token = bearer(&headers)?;
    let machine = app
        .config
        .metrics_token
        .as_ref()
        .is_some_and(|good| bool::from(good.expose_secret().as_bytes().ct_eq(token.as_bytes())));
    if !machine {
        let caller = app.identify(token).await?;
        if app.store.workspaces_of(caller.user_id).await?.is_empty() {
            return Err(ApiError::NotAMember);
        }
    }
    if let Ok(waiting) = app.store.sends_waiting().await {
        app.metrics.sends_waiting.set(waiting);
    }
    if let Ok(totals) = app.store.audit_totals().await {
        app.metrics.show_audits(&totals, app.clock.now());
    }
    let (connections, idle) = app.store.connections();
    app.metrics.pool_connections.set(connections.into());
    app.metrics.pool_idle.set(i64::try_from(idle).unwrap_or(i64::MAX));
    let wants_new = headers
        .get(header::ACCEPT)
        .and_then(|kinds| kinds.to_str().ok())
        .is_some_and(|kinds| kinds.contains(OPENMETRICS));
    let (kind, text) = if wants_new {
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", app.metrics.render())
    } else {
        ("text/plain; version=0.0.4; charset=utf-8", app.metrics.render_classic())
    };
    let text = text.map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, kind)], text))
}
