//! How a workspace's texts go out: `GET` and `POST /twilio/sending`. Which number a contact sees first, a Messaging Service, and a
//! limit of segments a second for each sender. Shown to members, changed by owners and admins.

use std::sync::Arc;

use axum::{Json, extract::State};
use deskline_domain::ids::WorkspaceId;
use deskline_store::{SendingChange, SendingSettings};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{app::App, error::ApiError, payload::Fields};

/// As it stands.
///
/// # Errors
/// 401, 403, 400.
pub async fn show(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.member(&caller, workspace).await?;
    Ok(Json(shape(&app.store.sending_settings(workspace).await?)))
}

/// `{workspaceId, defaultNumber?, messagingServiceSid?, segmentsPerSecond?: {"+1555…": 3}}`: what is missing stays as it is, `null`
/// clears it.
///
/// # Errors
/// 401, 403, 400. Nothing is changed then.
pub async fn change(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::of(&body)?;
    let workspace: WorkspaceId = fields.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let owned = |text: Option<&str>| text.map(|text| text.trim().to_owned());
    let change = SendingChange {
        default_number: fields.change("defaultNumber")?.map(owned),
        messaging_service_sid: fields.change("messagingServiceSid")?.map(owned),
        rates: rates(&body["segmentsPerSecond"])?,
    };
    app.store.change_sending(workspace, &change).await?;
    app.sender.ring();
    Ok(Json(shape(&app.store.sending_settings(workspace).await?)))
}

fn rates(value: &Value) -> Result<Vec<(String, Option<f64>)>, ApiError> {
    let wrong = || ApiError::BadRequest("segmentsPerSecond must be an object of senders and numbers".to_owned());
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Object(rates) => rates
            .iter()
            .map(|(sender, rate)| match rate {
                Value::Null => Ok((sender.clone(), None)),
                rate => Ok((sender.clone(), Some(rate.as_f64().ok_or_else(wrong)?))),
            })
            .collect(),
        _ => Err(wrong()),
    }
}

fn shape(settings: &SendingSettings) -> Value {
    let sender = |sender: &deskline_store::SenderState| {
        json!({
            "sender": sender.sender,
            "segmentsPerSecond": sender.segments_per_second,
            "heldUntil": sender.held_until,
            "waiting": sender.waiting,
        })
    };
    json!({
        "defaultNumber": settings.default_number,
        "messagingServiceSid": settings.messaging_service_sid,
        "senders": settings.senders.iter().map(sender).collect::<Vec<_>>(),
    })
}
