//! Texts that no workspace could take: `GET /twilio/dead-letters` and `POST /twilio/dead-letters/{sid}/route`.
//!
//! For owners and admins of a workspace that has the account the text came with. [`route_letter`] is also what the command line
//! does.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{UserId, WorkspaceId},
    phone::Sender,
};
use deskline_store::{DeadLetter, Recorded, Routed, Store};
use deskline_twilio::InboundForm;
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{app::App, error::ApiError, payload::Fields, routing};

/// `?workspaceId=`: what waits to be routed, oldest first.
///
/// # Errors
/// 400, 401, 403.
pub async fn list(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let letters = match account_of(&app.store, workspace).await? {
        Some(account) => app.store.dead_letters(&account).await?,
        None => Vec::new(),
    };
    Ok(Json(json!({ "deadLetters": letters.iter().map(show).collect::<Vec<_>>() })))
}

/// `{workspaceId}`: makes the letter a text of that workspace. The same again answers the same text.
///
/// # Errors
/// 400, 401, 403; 404 for a letter that is not there or came with another account; 409 when another workspace has it, or when
/// its sender cannot be a contact.
pub async fn route(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(sid): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let workspace = Fields::of(&body)?.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let recorded = route_letter(&app.store, workspace, &sid, Some(caller.user_id), app.clock.now()).await?;
    Ok(Json(json!({ "success": true, "message": recorded.message, "contact": recorded.contact })))
}

/// The same without a caller.
///
/// # Errors
/// As of [`route`].
pub async fn route_letter(
    store: &Store,
    workspace: WorkspaceId,
    sid: &str,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Recorded, ApiError> {
    let account = account_of(store, workspace).await?;
    let letter = store.dead_letter(sid).await?.filter(|letter| account.as_ref() == Some(&letter.account_sid));
    let letter = letter.ok_or(ApiError::MessageNotFound)?;
    let from = Sender::parse(&letter.from).map_err(|_| {
        ApiError::WrongState("This text cannot become a conversation: its sender is no number, short code or name.")
    })?;
    let text = InboundForm::parse(&routing::form_of(&letter.raw))
        .map_err(|error| ApiError::Internal(anyhow::Error::new(error).context("a dead letter cannot be read")))?;
    let inbound = routing::new_inbound(text, workspace, from, letter.raw, letter.received_at);
    match store.route_dead_letter(&inbound, by, now).await? {
        Routed::There(recorded) => Ok(*recorded),
        Routed::Elsewhere => Err(ApiError::WrongState("This text was routed to another workspace.")),
    }
}

/// The workspace's account, whether or not it is configured, read without its token.
async fn account_of(store: &Store, workspace: WorkspaceId) -> Result<Option<String>, ApiError> {
    Ok(store.account_sid_of(workspace).await?.filter(|sid| !sid.is_empty()))
}

fn show(letter: &DeadLetter) -> Value {
    let form = routing::form_of(&letter.raw);
    let text = InboundForm::parse(&form).ok();
    json!({
        "twilioSid": letter.twilio_sid,
        "accountSid": letter.account_sid,
        "from": letter.from,
        "to": letter.to,
        "body": text.as_ref().map(|text| &text.body),
        "media": text.as_ref().map(|text| &text.media),
        "receivedAt": letter.received_at,
    })
}
