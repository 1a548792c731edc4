//! What an agent has begun to write, for the agent's other desktops: `GET /drafts` lists it, `POST /drafts` keeps a version.
//!
//! Whoever asks gets their own and nobody else's. A draft is of a member and of a contact of the workspace.

use std::sync::Arc;

use axum::{Json, extract::State};
use deskline_domain::protocol::{DraftsReply, MAX_DRAFT, SaveDraft, SavedDraft};
use deskline_store::DraftOutcome;

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{app::App, error::ApiError, payload::Fields};

/// Numbers and names of Messaging Services are no longer.
const MAX_FROM: usize = 64;

/// `?workspaceId=`: what the caller has begun.
///
/// # Errors
/// 400, 401, 403.
pub async fn list(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Json<DraftsReply>, ApiError> {
    let workspace = query.required_id("workspaceId")?;
    app.member(&caller, workspace).await?;
    Ok(Json(DraftsReply { drafts: app.store.drafts(workspace, caller.user_id).await? }))
}

/// Keeps a version, unless the caller edited it later elsewhere. The same again changes nothing.
///
/// # Errors
/// 400 for one that is too long, and for too many of them; 401, 403; 404 `Contact not found`.
pub async fn save(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<SavedDraft>, ApiError> {
    let fields = Fields::of(&body)?;
    let draft = SaveDraft {
        workspace_id: fields.required_id("workspaceId")?,
        contact_id: fields.required_id("contactId")?,
        content: fields.text("content")?.map(str::to_owned),
        from: fields.text("from")?.map(str::to_owned),
        age_ms: body.get("ageMs").and_then(serde_json::Value::as_u64).unwrap_or(0),
    };
    let long = |text: &Option<String>, most| text.as_ref().is_some_and(|text| text.chars().count() > most);
    if long(&draft.content, MAX_DRAFT) || long(&draft.from, MAX_FROM) {
        return Err(ApiError::BadRequest(format!("A draft can have {MAX_DRAFT} characters at most")));
    }
    app.member(&caller, draft.workspace_id).await?;
    match app.store.save_draft(caller.user_id, &draft, app.clock.now()).await? {
        DraftOutcome::Saved(draft) => Ok(Json(SavedDraft { saved: true, draft })),
        DraftOutcome::Older(draft) => Ok(Json(SavedDraft { saved: false, draft })),
        DraftOutcome::ContactNotFound => Err(ApiError::ContactNotFound),
        DraftOutcome::TooMany => Err(ApiError::BadRequest("There are too many drafts. Delete some of them".to_owned())),
    }
}
