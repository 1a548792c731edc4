//! What became of a conversation: `GET /contacts/{id}/history`, for every member. A desktop shows it between the texts.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use deskline_domain::protocol::HistoryReply;

use super::{caller::Caller, extract::Query};
use crate::{app::App, error::ApiError, payload::parse_id};

/// `?workspaceId=`: the newest lines, oldest first.
///
/// # Errors
/// 400, 401, 403; 404 `Contact not found`.
pub async fn history(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<HistoryReply>, ApiError> {
    let workspace = query.required_id("workspaceId")?;
    let contact = parse_id("id", &id)?;
    app.member(&caller, workspace).await?;
    let lines = app.store.history(workspace, contact).await?.ok_or(ApiError::ContactNotFound)?;
    Ok(Json(HistoryReply { lines }))
}
