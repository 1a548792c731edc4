//! Working without this server: `POST /members/{user}/direct` lets a member do so or takes it back, `POST /auth/direct` hands a desktop what it
//! needs, and `POST /auth/direct/return` ends what a desktop does not need any more.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use deskline_domain::{
    ids::{UserId, WorkspaceId},
    protocol::DirectAccess,
};
use deskline_store::AgentRole;
use serde_json::{Value, json};

use super::{caller::Caller, extract::JsonBody};
use crate::{
    app::App,
    direct::Direct,
    error::ApiError,
    payload::{self, Fields},
};

/// An admin decides. The same again changes nothing.
///
/// # Errors
/// 404 for somebody who is no member; 409 with a sentence when this server cannot hand anything out.
pub async fn decide(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(user): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::of(&body)?;
    let workspace: WorkspaceId = fields.required_id("workspaceId")?;
    let allowed = fields.flag("allowed")?.ok_or(ApiError::MissingFields)?;
    app.admin(&caller, workspace).await?;
    let user: UserId = payload::parse_id("userId", &user)?;
    let direct = Direct::new(&app.store, &app.config);
    if allowed {
        direct.allow(workspace, user, Some(caller.user_id)).await?;
    } else {
        direct.revoke(workspace, user).await?;
    }
    Ok(Json(json!({ "allowed": allowed })))
}

/// Makes a login role and keys for a desktop of the caller's. The only answer that has their secrets.
///
/// # Errors
/// 403 for whoever may not work directly; 409 with a sentence when this server cannot hand anything out; 502 without Twilio.
pub async fn pick_up(State(app): State<Arc<App>>, Caller(caller): Caller) -> Result<Json<DirectAccess>, ApiError> {
    let name = match caller.email {
        Some(email) => Some(email),
        None => app.store.email_of(caller.user_id).await?,
    };
    let name = name.unwrap_or_else(|| caller.user_id.to_string());
    Ok(Json(Direct::new(&app.store, &app.config).hand_out(caller.user_id, &name).await?))
}

/// A desktop has others by now, or is signed out. What is not the caller's, or not there, is left alone.
///
/// # Errors
/// 400 without a role.
pub async fn give_back(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<StatusCode, ApiError> {
    let role = Fields::of(&body)?.text("role")?.and_then(AgentRole::read).ok_or(ApiError::MissingFields)?;
    Direct::new(&app.store, &app.config).give_back(caller.user_id, &role).await?;
    Ok(StatusCode::NO_CONTENT)
}
