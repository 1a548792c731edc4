//! `POST /twilio/webhook`: an inbound SMS or MMS.
//!
//! Answers Twilio with 200 only once the text is durable. Who hears of it is the fan-out's business: the row is the news.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use deskline_domain::phone::Sender;
use deskline_store::DeadLetter;
use deskline_twilio::{FormError, InboundForm, twiml};

use super::signed_form::SignedForm;
use crate::{app::App, error::ApiError, metrics::Metrics, routing};

/// Twilio waits for 15 seconds in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Receives a text.
///
/// # Errors
/// 400, 404 and 403, in this order; 503 when it could not be stored, and Twilio tries again.
pub async fn receive(State(app): State<Arc<App>>, form: SignedForm) -> Result<Response, ApiError> {
    let outcome = with_patience(PATIENCE, || accept(&app, &form)).await;
    Metrics::count(
        &app.metrics.inbound,
        match &outcome {
            Ok(true) => "stored",
            Ok(false) => "repeated",
            Err(error) if error.status().is_server_error() => "not_stored",
            Err(_) => "refused",
        },
    );
    outcome.map(|_| twiml_response())
}

/// Empty TwiML.
#[must_use]
pub fn twiml_response() -> Response {
    ([(header::CONTENT_TYPE, twiml::CONTENT_TYPE)], twiml::EMPTY).into_response()
}

/// True for a text that is new.
async fn accept(app: &App, form: &SignedForm) -> Result<bool, ApiError> {
    let text = match InboundForm::parse(&form.params) {
        Ok(text) => Some(text),
        // A form that names no account is for an account that nobody knows.
        Err(FormError::Missing("AccountSid")) => None,
        Err(error) => return Err(ApiError::BadRequest(error.to_string())),
    };
    let account = form.account(app).await?;
    let owners = &account.owners;
    if !account.known && owners.is_empty() {
        return Err(ApiError::NoWorkspaceForNumber);
    }
    let (Some(text), false) = (text, account.signed_for.is_empty()) else { return Err(ApiError::InvalidSignature) };
    let workspace = owners.iter().find(|owner| account.signed_for.contains(owner));
    let sender = Sender::parse(&text.from);
    match (workspace, sender) {
        (None, _) if !owners.is_empty() => Err(ApiError::InvalidSignature),
        (None, _) => {
            keep(app, form, &text).await?;
            Err(ApiError::NoWorkspaceForNumber)
        }
        (Some(_), Err(error)) => {
            keep(app, form, &text).await?;
            Err(ApiError::BadRequest(error.to_string()))
        }
        (Some(_), Ok(_)) if text.body.contains('\0') => {
            keep(app, form, &text).await?;
            Err(ApiError::BadRequest("the text contains a character that cannot be used (NUL)".to_owned()))
        }
        (Some(workspace), Ok(sender)) => {
            let inbound = routing::new_inbound(text, *workspace, sender, form.raw(), app.clock.now());
            let has_files = !inbound.media.is_empty();
            let fresh = app.intake.store(inbound).await?;
            if has_files {
                app.media.ring();
            }
            Ok(fresh)
        }
    }
}

/// Keeps a well-signed text that cannot be stored as a message: nothing that Twilio handed over is lost.
async fn keep(app: &App, form: &SignedForm, text: &InboundForm) -> Result<(), ApiError> {
    let letter = DeadLetter {
        account_sid: text.account_sid.to_string(),
        twilio_sid: text.message_sid.clone(),
        from: text.from.clone(),
        to: text.to.clone().or_else(|| text.messaging_service_sid.clone()).unwrap_or_default(),
        raw: form.raw(),
        received_at: app.clock.now(),
    };
    if app.store.record_dead_letter(&letter).await? {
        tracing::warn!(
            account = letter.account_sid,
            sid = letter.twilio_sid,
            "a text that no workspace can take is kept as a dead letter"
        );
    }
    Ok(())
}

/// Tries again while the database is out of reach, as long as Twilio waits. What is tried is idempotent.
pub(super) async fn with_patience<T, F>(patience: Duration, mut attempt: impl FnMut() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let deadline = tokio::time::Instant::now() + patience;
    let mut pause = Duration::from_millis(100);
    loop {
        let outcome = attempt().await;
        let again =
            matches!(outcome, Err(ApiError::DatabaseUnavailable)) && tokio::time::Instant::now() + pause < deadline;
        if !again {
            return outcome;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}
