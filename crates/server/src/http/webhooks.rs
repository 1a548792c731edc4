//! Where Twilio reports a workspace's texts: `GET` and `POST /twilio/webhooks`. For owners and admins.
//!
//! Asks Twilio where each number points, and tries whether a signed request to the public URL arrives. What is in the way is an answer and
//! no error.

use std::sync::Arc;

use axum::{Json, extract::State};
use deskline_domain::ids::WorkspaceId;
use deskline_twilio::{Client, Credentials};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
    twilio::refusal,
};
use crate::{app::App, error::ApiError, payload::Fields, point_numbers::point_numbers, public_url};

/// `?workspaceId=`: how it is.
///
/// # Errors
/// 400, 401, 403; 422 without an account, 502 when Twilio cannot be asked.
pub async fn show(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    look(&app, workspace, true).await
}

/// `{workspaceId}`: points every number here, and answers how it is then.
///
/// # Errors
/// As of [`show`].
pub async fn point(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = Fields::of(&body)?.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    look(&app, workspace, false).await
}

async fn look(app: &App, workspace: WorkspaceId, keep: bool) -> Result<Json<Value>, ApiError> {
    let account = app.store.twilio_account(workspace).await?.filter(|account| account.is_configured);
    let account = account.ok_or(ApiError::NotConfigured)?;
    let config = &app.config;
    // Twilio could never reach it, and a number that points there would report its texts to nobody.
    let unreachable = public_url::is_loopback(config) && config.twilio_url.scheme() == "https";
    let credentials = Credentials::token(account.account_sid.as_str(), account.auth_token.clone());
    let client = Client::new(config.twilio_url.clone(), credentials, config.timers.twilio_timeout);
    let numbers = point_numbers(&client, config, keep || unreachable).await.map_err(|error| refusal(&error))?;
    let problem = if unreachable {
        Some("DESKLINE_PUBLIC_URL is not set to an address that Twilio can reach.".to_owned())
    } else {
        public_url::test(config, &account.account_sid, &account.auth_token.into())
            .await
            .err()
            .map(|why| why.to_string())
    };
    let shown = numbers.iter().map(|number| json!({ "phoneNumber": number.phone_number, "told": number.told }));
    Ok(Json(json!({
        "webhookUrl": config.signed_url("/twilio/webhook"),
        "numbers": shown.collect::<Vec<_>>(),
        "problem": problem,
    })))
}
