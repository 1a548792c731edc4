//! One text: `POST /messages/{id}/retry` sends a failed one once more, `GET /messages/{id}/ledger` tells what happened to it.
//!
//! The socket's `retry_message` goes the same way.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{MessageId, WorkspaceId},
    protocol::{LedgerEntry, LedgerReply, SendSmsReply},
};
use deskline_store::{LedgerKind, LedgerRow};
use deskline_twilio::{WhoCanFix, explain};

use super::caller::Caller;
use crate::{app::App, auth::Identity, error::ApiError, payload};

/// Sends a failed text once more, and answers once Twilio has taken it.
///
/// # Errors
/// 404, also for another workspace's text; 409 with a sentence for one that did not fail; otherwise as of `send-sms`.
pub async fn retry(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Json<SendSmsReply>, ApiError> {
    let (workspace, id) = member_of(&app, &caller, &id).await?;
    let outbound = app.sender.store_again(workspace, id, caller.user_id).await?;
    Ok(Json(app.sender.finish(outbound).await?))
}

/// Every attempt and callback.
///
/// # Errors
/// 404.
pub async fn ledger(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Json<LedgerReply>, ApiError> {
    let (workspace, id) = member_of(&app, &caller, &id).await?;
    let entries = app.store.ledger(id).await?.into_iter().map(entry).collect();
    let message = app.store.message(workspace, id).await?.ok_or(ApiError::MessageNotFound)?;
    Ok(Json(LedgerReply { message, entries }))
}

/// The text that a path names, for a member of its workspace. Nobody else learns whether there is one.
pub(crate) async fn member_of(app: &App, caller: &Identity, id: &str) -> Result<(WorkspaceId, MessageId), ApiError> {
    let id: MessageId = payload::parse_id("messageId", id)?;
    let workspace = app.store.workspace_of_message(id).await?.ok_or(ApiError::MessageNotFound)?;
    match app.member(caller, workspace).await {
        Ok(_) => Ok((workspace, id)),
        Err(ApiError::NotAMember) => Err(ApiError::MessageNotFound),
        Err(error) => Err(error),
    }
}

fn entry(row: LedgerRow) -> LedgerEntry {
    LedgerEntry {
        at: row.at,
        kind: row.kind.as_str().to_owned(),
        attempt: row.attempt,
        status: row.status.as_str().to_owned(),
        who_can_fix: who_can_fix(&row).map(|who| word(who).to_owned()),
        twilio_sid: row.twilio_sid,
        code: row.error_code,
        explanation: row.explanation.or_else(|| row.error_code.map(|code| explain(code).text.to_owned())),
        by: row.by,
    }
}

/// Twilio's code knows. Without one, it is Twilio that could not be asked, or the text itself that was in the way.
fn who_can_fix(row: &LedgerRow) -> Option<WhoCanFix> {
    match row.kind {
        _ if row.error_code.is_some() => row.error_code.map(|code| explain(code).who),
        LedgerKind::RateLimited | LedgerKind::QueueFull | LedgerKind::Unreachable | LedgerKind::Unknown => {
            Some(WhoCanFix::Twilio)
        }
        LedgerKind::Refused | LedgerKind::Expired => Some(WhoCanFix::Agent),
        LedgerKind::Callback if row.status == DeliveryStatus::Undelivered => Some(WhoCanFix::Carrier),
        LedgerKind::Callback if row.status == DeliveryStatus::Failed => Some(WhoCanFix::Twilio),
        LedgerKind::Callback | LedgerKind::Accepted | LedgerKind::Retried | LedgerKind::Canceled => None,
    }
}

const fn word(who: WhoCanFix) -> &'static str {
    match who {
        WhoCanFix::Agent => "agent",
        WhoCanFix::Admin => "admin",
        WhoCanFix::Carrier => "carrier",
        WhoCanFix::Contact => "contact",
        WhoCanFix::Twilio => "twilio",
    }
}
