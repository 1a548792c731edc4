//! `POST /sms/send-sms`: an agent, or a program, sends a text.

use std::sync::Arc;

use axum::{Json, extract::State};
use deskline_domain::{ids::MessageId, protocol::SendSmsReply};

use super::{caller::Caller, extract::JsonBody};
use crate::{app::App, edge, error::ApiError, payload};

/// Sends, and answers once Twilio has taken the text.
///
/// # Errors
/// The contract's, in its order.
pub async fn send(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<SendSmsReply>, ApiError> {
    let request = payload::send_sms(&body)?;
    app.member(&caller, request.workspace_id).await?;
    let id = MessageId::v7(edge::now(), edge::entropy());
    Ok(Json(app.sender.send(request, caller.user_id, id).await?))
}
