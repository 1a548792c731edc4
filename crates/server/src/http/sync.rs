//! `GET /sync`: how a desktop fills its cache and catches up.
//!
//! `?workspaceId=…&snapshot=start` and then `snapshot=<next>` for the whole; `?workspaceId=…&feed=…&after=…[&limit=…]` for what changed.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use deskline_domain::ids::{FeedId, WorkspaceId};
use deskline_store::SnapshotSizes;

use super::{caller::Caller, extract::Query};
use crate::{app::App, error::ApiError, payload};

const PAGE: i64 = 500;
const LARGEST_PAGE: i64 = 1_000;

/// One page of a snapshot or of the feed.
///
/// # Errors
/// 409 with `feed_changed` when the feed is not the one that the desktop knows.
pub async fn page(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Response, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.member(&caller, workspace).await?;
    if let Some(token) = query.text("snapshot") {
        return Ok(Json(app.store.snapshot(workspace, Some(token), SnapshotSizes::default()).await?).into_response());
    }
    let feed: FeedId = payload::parse_id("feed", query.text("feed").ok_or(ApiError::MissingFields)?)?;
    let after = query.number("after")?.ok_or(ApiError::MissingFields)?;
    let limit = query.number("limit")?.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let page = app.store.changes_after(workspace, after.max(0), limit).await?;
    if page.feed != feed || page.head < after {
        return Err(ApiError::FeedChanged);
    }
    Ok(Json(page).into_response())
}
