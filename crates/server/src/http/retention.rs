//! How long a workspace keeps its texts: `GET` and `POST /retention`. Shown to members, changed by owners and admins.

use std::sync::Arc;

use axum::{Json, extract::State};
use deskline_domain::ids::WorkspaceId;
use deskline_store::{Error, RetentionError};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{app::App, error::ApiError, payload::Fields};

/// `?workspaceId=`
///
/// # Errors
/// 400, 401, 403.
pub async fn show(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.member(&caller, workspace).await?;
    answer(&app, workspace).await
}

/// `{workspaceId, days}`: 30 to 36,500, or `null` for ever. What is older is deleted within the hour, on desktops too.
///
/// # Errors
/// 400, 401, 403. Nothing is changed then.
pub async fn change(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = Fields::of(&body)?.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let wrong = || ApiError::BadRequest("days must be a number from 30 to 36500, or null for ever".to_owned());
    let days = match body.get("days") {
        None => return Err(ApiError::MissingFields),
        Some(Value::Null) => None,
        Some(days) => Some(days.as_i64().and_then(|days| i32::try_from(days).ok()).ok_or_else(wrong)?),
    };
    app.store.set_retention(workspace, days).await.map_err(|error| match error {
        RetentionError::BadDays => wrong(),
        RetentionError::Store(error) => error.into(),
    })?;
    answer(&app, workspace).await
}

async fn answer(app: &App, workspace: WorkspaceId) -> Result<Json<Value>, ApiError> {
    match app.store.retention(workspace).await {
        Err(Error::UnknownWorkspace) => Err(ApiError::NotAMember),
        days => Ok(Json(json!({ "workspaceId": workspace, "days": days? }))),
    }
}
