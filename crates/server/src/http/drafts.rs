//! What an agent has begun to write, for the agent's other desktops: `GET /drafts` lists it, `POST /drafts` keeps a version.
//!
//! Whoever asks gets their own and nobody else's. A draft is of a member and of a contact of the workspace.

use std::sync::Arc;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use deskline_domain::{
    command::rules::{BadCommand, MAX_NOTE},
    gate,
    ids::FileId,
    protocol::{DraftRow, DraftsReply, MAX_DRAFT, ReplySettings, SaveDraft, SavedDraft},
};
use deskline_store::DraftOutcome;

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{
    app::App,
    edge,
    error::ApiError,
    media::links::Links,
    payload::{Fields, parse_id},
};

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
    let drafts = app.store.drafts(workspace, caller.user_id).await?;
    let drafts = drafts.into_iter().map(|draft| with_links(draft, &app.media.links, edge::now())).collect();
    Ok(Json(DraftsReply { drafts, takes_files: true, takes_replies: true }))
}

/// Keeps a version, unless the caller edited it later elsewhere. The same again changes nothing.
///
/// # Errors
/// 400 for one whose words or note are too long, or that has more files than a text can carry, and for too many of them; 401, 403; 404
/// `Contact not found`.
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
        files: files(&fields, &body)?,
        reply: reply(&body)?,
        from: fields.text("from")?.map(str::to_owned),
        age_ms: body.get("ageMs").and_then(serde_json::Value::as_u64).unwrap_or(0),
    };
    let long = |text: &Option<String>, most| text.as_ref().is_some_and(|text| text.chars().count() > most);
    if long(&draft.content, MAX_DRAFT) || long(&draft.from, MAX_FROM) {
        return Err(ApiError::BadRequest(format!("A draft can have {MAX_DRAFT} characters at most")));
    }
    app.member(&caller, draft.workspace_id).await?;
    let stays = |saved, draft| Json(SavedDraft { saved, draft: with_links(draft, &app.media.links, edge::now()) });
    match app.store.save_draft(caller.user_id, &draft, app.clock.now()).await? {
        DraftOutcome::Saved(draft) => Ok(stays(true, draft)),
        DraftOutcome::Older(draft) => Ok(stays(false, draft)),
        DraftOutcome::ContactNotFound => Err(ApiError::ContactNotFound),
        DraftOutcome::Refused(refusal) => Err(ApiError::BadRequest(refusal.to_string())),
        DraftOutcome::TooMany => Err(ApiError::BadRequest("There are too many drafts. Delete some of them".to_owned())),
    }
}

/// What the version says of its files, if it says anything.
fn files(fields: &Fields<'_>, body: &serde_json::Value) -> Result<Option<Vec<FileId>>, ApiError> {
    if body.get("files").is_none_or(serde_json::Value::is_null) {
        return Ok(None);
    }
    let ids = fields.texts("files")?;
    gate::check_count(ids.len()).map_err(|refusal| ApiError::BadRequest(refusal.to_string()))?;
    ids.into_iter().map(|id| parse_id("files", id)).collect::<Result<_, _>>().map(Some)
}

/// What the version says of its reply settings, if it says anything.
fn reply(body: &serde_json::Value) -> Result<Option<ReplySettings>, ApiError> {
    let Some(said) = body.get("reply").filter(|said| !said.is_null()) else { return Ok(None) };
    let said = Fields::of(said).map_err(|_| ApiError::BadRequest("reply must be an object".to_owned()))?;
    let note = said.text("note")?.unwrap_or_default();
    if note.chars().count() > MAX_NOTE {
        return Err(ApiError::BadRequest(BadCommand::LongNote.to_string()));
    }
    let cancel_on_reply = said.flag("cancelOnReply")?.unwrap_or_default();
    Ok(Some(ReplySettings { cancel_on_reply, note: note.to_owned() }))
}

/// With addresses at which its author's desktops fetch the files.
fn with_links(mut draft: DraftRow, links: &Links, now: DateTime<Utc>) -> DraftRow {
    for file in draft.files.iter_mut().flatten() {
        file.url = Some(links.for_twilio(file.id, now).url);
    }
    draft
}
