//! For machines that watch: `/healthz` (the process answers), `/readyz` (so does the database), `/metrics`.

use std::sync::Arc;

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
use crate::{app::App, edge, error::ApiError};

/// The process answers.
pub async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The database answers, and has a schema that this server can work with.
///
/// # Errors
/// 503.
pub async fn ready(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    match app.store.schema().await {
        Ok(SchemaState::Current | SchemaState::Newer) => Ok(Json(json!({ "status": "ok" }))),
        Ok(SchemaState::Empty | SchemaState::Older) | Err(_) => Err(ApiError::DatabaseUnavailable),
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
        let caller = app.tokens.verify(token, edge::now()).await?;
        if app.store.workspaces_of(caller.user_id).await?.is_empty() {
            return Err(ApiError::NotAMember);
        }
    }
    if let Ok(waiting) = app.store.sends_waiting().await {
        app.metrics.sends_waiting.set(waiting);
    }
    let text = app.metrics.render().map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text))
}
