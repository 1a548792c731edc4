//! Opt-outs by an agent's hand: `POST /contacts/{id}/opt-out`, `POST /contacts/{id}/opt-in`, and the ledger,
//! `GET /contacts/{id}/consents`.
//!
//! For every member. What the contact itself said can be taken back by the contact alone.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use deskline_domain::ids::{ContactId, WorkspaceId};
use deskline_store::ConsentOutcome;
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{
    app::App,
    error::ApiError,
    payload::{Fields, parse_id},
};

/// `{workspaceId}`: no more texts to this contact.
///
/// # Errors
/// 400, 401, 403; 404 `Contact not found`.
pub async fn opt_out(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let (workspace, contact) = which(&id, &body)?;
    app.member(&caller, workspace).await?;
    answer(app.store.opt_out(workspace, contact, caller.user_id, app.clock.now()).await?)
}

/// `{workspaceId}`: texts again, where it was an agent who opted the contact out.
///
/// # Errors
/// As of [`opt_out`]; 409 when the contact itself opted out.
pub async fn opt_in(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let (workspace, contact) = which(&id, &body)?;
    app.member(&caller, workspace).await?;
    answer(app.store.opt_in(workspace, contact, caller.user_id, app.clock.now()).await?)
}

/// `?workspaceId=`: who decided what, and when.
///
/// # Errors
/// 400, 401, 403; 404 `Contact not found`.
pub async fn list(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    let contact = parse_id("id", &id)?;
    app.member(&caller, workspace).await?;
    let lines = app.store.consents(workspace, contact).await?.ok_or(ApiError::ContactNotFound)?;
    Ok(Json(json!({ "consents": lines })))
}

fn which(id: &str, body: &Value) -> Result<(WorkspaceId, ContactId), ApiError> {
    let fields = Fields::of(body)?;
    Ok((fields.required_id("workspaceId")?, parse_id("id", id)?))
}

fn answer(outcome: ConsentOutcome) -> Result<Json<Value>, ApiError> {
    match outcome {
        ConsentOutcome::Done(contact) => Ok(Json(json!({ "success": true, "contact": contact }))),
        ConsentOutcome::OnlyTheContact => Err(ApiError::WrongState(
            "This contact has opted out by text. Only they can opt in again, by texting START.",
        )),
        ConsentOutcome::ContactNotFound => Err(ApiError::ContactNotFound),
    }
}
