//! `POST /twilio/self-test`: does a signed request to our public URL arrive as it was signed?
//!
//! Asked by `twilio connect` and `doctor` through [`crate::public_url`], from outside and through every proxy. Stores nothing, and
//! says nothing that the asker does not know: the address as it arrived.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::signed_form::SignedForm;
use crate::{app::App, error::ApiError};

/// Verifies like the webhook. With a bad signature it tells which address was verified.
///
/// # Errors
/// When the database fails.
pub async fn receive(State(app): State<Arc<App>>, form: SignedForm) -> Result<Response, ApiError> {
    let account = form.account(&app).await?;
    if account.signed_for.is_empty() {
        let error = ApiError::InvalidSignature;
        let body = json!({ "error": error.to_string(), "signedUrl": form.signed_url(), "accountKnown": account.known });
        return Ok((StatusCode::FORBIDDEN, Json(body)).into_response());
    }
    Ok(Json(json!({ "success": true, "signedUrl": form.signed_url() })).into_response())
}
