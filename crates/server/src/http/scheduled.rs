//! Texts for later: `GET /sms/scheduled` lists them, `POST /messages/{id}/schedule` changes one, `POST /messages/{id}/cancel` calls
//! one off, as every text that has not left. They are made by `send-sms` with a `sendAt`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::TimeDelta;
use deskline_domain::protocol::CanceledReply;
use deskline_store::{Reschedule, Scheduled};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
    messages::member_of,
};
use crate::{
    app::App,
    error::ApiError,
    payload::{self, Fields},
};

/// The next one first; `?contactId=` for one conversation.
///
/// # Errors
/// 401, 403, 400.
pub async fn list(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Json<Value>, ApiError> {
    let workspace = query.required_id("workspaceId")?;
    let contact = query.text("contactId").map(|id| payload::parse_id("contactId", id)).transpose()?;
    app.member(&caller, workspace).await?;
    let scheduled = app.store.scheduled(workspace, contact).await?;
    Ok(Json(json!({ "scheduled": scheduled.iter().map(show).collect::<Vec<_>>() })))
}

/// Another time, another text, or whether a reply calls it off: what is missing stays as it is. With `sendNow`, its time has come.
///
/// # Errors
/// 404, 400; 409 with a sentence for a text that is not waiting for its time any more; 422 when the gate says no.
pub async fn change(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::of(&body)?;
    let (workspace_id, id) = member_of(&app, &caller, &id).await?;
    let now = app.sender.now();
    // The next moment: only a time to come can be waited for.
    let at_once = fields.flag("sendNow")?.unwrap_or_default().then(|| now + TimeDelta::microseconds(1));
    let change = Reschedule {
        workspace_id,
        id,
        send_at: at_once.or(fields.time("sendAt")?),
        content: fields.text("message")?.map(str::to_owned),
        cancel_on_reply: fields.flag("cancelOnReply")?,
        now,
    };
    if change.send_at.is_none() && change.content.is_none() && change.cancel_on_reply.is_none() {
        return Err(ApiError::MissingFields);
    }
    let changed = app.store.reschedule(&change).await?;
    app.sender.ring();
    Ok(Json(show(&changed)))
}

/// A text that waits, for its time or in the line, will not leave. The same again is answered the same.
///
/// # Errors
/// 404; 409 with a sentence for a text that has left, or may have.
pub async fn cancel(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Json<CanceledReply>, ApiError> {
    let (workspace, id) = member_of(&app, &caller, &id).await?;
    let message = app.store.cancel(workspace, id, caller.user_id, app.sender.now()).await?;
    app.sender.called_off(message.contact_id);
    Ok(Json(CanceledReply { success: true, message }))
}

fn show(scheduled: &Scheduled) -> Value {
    json!({
        "message": scheduled.message,
        "sendAt": scheduled.message.send_at,
        "cancelOnReply": scheduled.cancel_on_reply,
    })
}
