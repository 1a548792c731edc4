//! A workspace's Twilio account: `POST /twilio/test-connection`, `GET /twilio/config`, `GET /twilio/phone-numbers`.
//!
//! [`connect`] is also what the admin command line does. The token goes in and never comes out.

use std::sync::Arc;

use axum::{Json, extract::State};
use deskline_domain::ids::WorkspaceId;
use deskline_store::{Number, Store};
use deskline_twilio::{Client, Credentials, RetryKind};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{app::App, config::Config, error::ApiError, payload::Fields};

/// One of the workspace's numbers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneNumber {
    sid: Option<String>,
    phone_number: String,
    friendly_name: Option<String>,
    capabilities: Value,
}

impl From<Number> for PhoneNumber {
    fn from(number: Number) -> Self {
        Self {
            sid: number.sid,
            phone_number: number.phone_number,
            friendly_name: number.friendly_name,
            capabilities: number.capabilities,
        }
    }
}

/// Checks credentials with Twilio, stores them, and syncs the account's numbers.
///
/// # Errors
/// 422 for credentials that Twilio does not take, 502 when Twilio could not be asked. Nothing is stored then.
pub async fn test_connection(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::of(&body)?;
    let sid = fields.required_text("accountSid")?.trim();
    let token = SecretString::from(fields.required_text("authToken")?.trim());
    let workspace = fields.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let numbers = connect(&app.store, &app.config, workspace, sid, &token).await?;
    Ok(Json(json!({ "success": true, "phoneNumbers": phone_numbers_of(numbers) })))
}

/// The same without a caller. Answers the account's numbers.
///
/// # Errors
/// As of [`test_connection`].
pub async fn connect(
    store: &Store,
    config: &Config,
    workspace: WorkspaceId,
    sid: &str,
    token: &SecretString,
) -> Result<Vec<Number>, ApiError> {
    let credentials = Credentials::token(sid, token.clone());
    if !credentials.account_sid.is_well_formed() || token.expose_secret().is_empty() {
        return Err(ApiError::InvalidTwilioCredentials);
    }
    let client = Client::new(config.twilio_url.clone(), credentials, config.timers.twilio_timeout);
    let account = client.check().await.map_err(|error| refusal(&error))?;
    if !account.is_active() {
        return Err(ApiError::InvalidTwilioCredentials);
    }
    let listed = client.list_numbers().await.map_err(|error| refusal(&error))?;
    let numbers: Vec<Number> = listed
        .into_iter()
        .map(|number| Number {
            sid: Some(number.sid),
            phone_number: number.phone_number,
            friendly_name: number.friendly_name,
            capabilities: serde_json::to_value(number.capabilities).unwrap_or_default(),
        })
        .collect();
    store.save_twilio_account(workspace, sid, token, &numbers).await?;
    Ok(numbers)
}

/// What Twilio's no means for whoever asked.
pub(super) fn refusal(error: &deskline_twilio::Error) -> ApiError {
    match error.retry_kind() {
        RetryKind::Refused => ApiError::InvalidTwilioCredentials,
        RetryKind::Rate { .. } | RetryKind::QueueFull { .. } | RetryKind::Transient | RetryKind::Unknown => {
            ApiError::TwilioUnreachable { code: error.code(), explanation: error.explanation().text }
        }
    }
}

fn phone_numbers_of(numbers: Vec<Number>) -> Vec<PhoneNumber> {
    numbers.into_iter().map(PhoneNumber::from).collect()
}

/// What is set up, without the token.
///
/// # Errors
/// 401, 403, 400.
pub async fn config(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.member(&caller, workspace).await?;
    let account = app.store.twilio_account(workspace).await?;
    Ok(Json(json!({
        "workspaceId": workspace,
        "accountSid": account.as_ref().map(|account| &account.account_sid),
        "isConfigured": account.as_ref().is_some_and(|account| account.is_configured),
        "messagingServiceSid": account.as_ref().and_then(|account| account.messaging_service_sid.as_ref()),
    })))
}

/// The workspace's numbers.
///
/// # Errors
/// 401, 403, 400.
pub async fn phone_numbers(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let workspace = query.required_id("workspaceId")?;
    app.member(&caller, workspace).await?;
    Ok(Json(json!({ "phoneNumbers": phone_numbers_of(app.store.numbers(workspace).await?) })))
}
