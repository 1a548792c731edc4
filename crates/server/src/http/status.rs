//! `POST /twilio/status`: what became of an outbound text.
//!
//! Callbacks come late, twice, out of order and before Twilio's own answer; the store sorts that out. Called by Twilio alone.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use deskline_store::{StatusOutcome, StatusReport};
use deskline_twilio::{FormError, StatusForm, error::is_queue_full, explain, webhook};

use super::{
    signed_form::SignedForm,
    webhook::{twiml_response, with_patience},
};
use crate::{app::App, error::ApiError, metrics::Metrics};

const PATIENCE: Duration = Duration::from_secs(10);

/// Receives a delivery callback.
///
/// # Errors
/// 400 for what is no callback; 404 when neither the account nor the text is known; 403 otherwise without a good signature; 404 again,
/// but kept for later, for a text that nobody knows yet.
pub async fn receive(State(app): State<Arc<App>>, form: SignedForm) -> Result<Response, ApiError> {
    // Taken once: by its time, the ledger knows a callback that is told again after a commit whose answer was lost.
    let received_at = app.sender.now();
    let outcome = with_patience(PATIENCE, || accept(&app, &form, received_at)).await;
    Metrics::count(
        &app.metrics.callbacks,
        match &outcome {
            Ok(StatusOutcome::Applied(_)) => "applied",
            Ok(StatusOutcome::Unchanged) => "unchanged",
            Ok(StatusOutcome::UnknownMessage) => "unknown_message",
            Err(_) => "refused",
        },
    );
    let outcome = outcome?;
    if let StatusOutcome::Applied(message) = &outcome
        && message.status.is_failure()
        && message.error_code.is_some_and(is_queue_full)
        && let (Some(sender), Some(account)) = (&message.from_number, webhook::account_sid(&form.params))
    {
        // The text is stored as failed, and may be retried. That its sender should wait is worth no repetition of the callback.
        if let Err(error) = app.sender.queue_is_full(account.as_str(), sender).await {
            tracing::warn!(%error, "a sender whose queue is full could not be made to wait");
        }
    }
    match outcome {
        StatusOutcome::Applied(_) | StatusOutcome::Unchanged => Ok(twiml_response()),
        StatusOutcome::UnknownMessage => Err(ApiError::MessageNotFound),
    }
}

async fn accept(app: &App, form: &SignedForm, received_at: DateTime<Utc>) -> Result<StatusOutcome, ApiError> {
    let status = match StatusForm::parse(&form.params) {
        Ok(status) => Some(status),
        Err(FormError::Missing("AccountSid")) => None,
        Err(error) => return Err(ApiError::BadRequest(error.to_string())),
    };
    let account = form.account(app).await?;
    if !account.known && !is_known(app, form).await? {
        return Err(ApiError::MessageNotFound);
    }
    let (Some(status), false) = (status, account.signed_for.is_empty()) else { return Err(ApiError::InvalidSignature) };
    let report = StatusReport {
        account_sid: status.account_sid.to_string(),
        message_sid: status.message_sid,
        message_id: form.query.text("message").and_then(|id| id.parse().ok()),
        status: status.status,
        error_code: status.error_code,
        explanation: status.error_code.map(|code| explain(code).text.to_owned()),
        raw: form.raw(),
        received_at,
    };
    Ok(app.store.record_status(&report).await?)
}

/// Whether any text has the form's SID.
async fn is_known(app: &App, form: &SignedForm) -> Result<bool, ApiError> {
    let names = ["MessageSid", "SmsSid"];
    let sids: Vec<String> =
        form.params.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, sid)| sid.clone()).collect();
    Ok(!app.store.known_sids(&sids).await?.is_empty())
}
