//! Opt-outs by an agent's hand: `POST /contacts/{id}/opt-out`, `POST /contacts/{id}/opt-in`, and the ledger,
//! `GET /contacts/{id}/consents`. And for owners and admins everybody who opted out: `GET /opt-outs`.
//!
//! The others are for every member. What the contact itself said can be taken back by the contact alone.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use deskline_domain::ids::WorkspaceId;
use deskline_store::{ByHand, ConsentOutcome, LONGEST_REASON};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{
    app::App,
    auth::Identity,
    error::ApiError,
    payload::{Fields, parse_id},
};

/// How many are told at once.
const AT_ONCE: i64 = 200;

/// `{workspaceId, reason?}`: no more texts to this contact.
///
/// # Errors
/// 400, 401, 403; 404 `Contact not found`.
pub async fn opt_out(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let wish = wish(&app, &caller, &id, &body)?;
    app.member(&caller, wish.workspace_id).await?;
    answer(app.store.opt_out(wish).await?)
}

/// `{workspaceId, reason?}`: texts again, where it was an agent who opted the contact out.
///
/// # Errors
/// As of [`opt_out`]; 409 when the contact itself opted out.
pub async fn opt_in(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let wish = wish(&app, &caller, &id, &body)?;
    app.member(&caller, wish.workspace_id).await?;
    answer(app.store.opt_in(wish).await?)
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

/// `?workspaceId=&search=`: everybody who opted out, the latest first; with `search`, those whose name has it, or whose number has its digits.
///
/// # Errors
/// 400, 401, 403.
pub async fn everybody(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let search = query.text("search").map(str::trim).filter(|search| !search.is_empty());
    let mut found = app.store.opt_outs(workspace, search, AT_ONCE + 1).await?;
    let more = found.len() > usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
    if more {
        found.pop();
    }
    Ok(Json(json!({ "optOuts": found, "more": more })))
}

fn wish<'a>(app: &App, caller: &Identity, id: &str, body: &'a Value) -> Result<ByHand<'a>, ApiError> {
    let fields = Fields::of(body)?;
    let reason = fields.text("reason")?.map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.chars().count() > LONGEST_REASON) {
        return Err(ApiError::BadRequest(format!("reason must not be longer than {LONGEST_REASON} characters")));
    }
    Ok(ByHand {
        workspace_id: fields.required_id("workspaceId")?,
        contact_id: parse_id("id", id)?,
        by: caller.user_id,
        reason,
        now: app.clock.now(),
    })
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
