//! Reading bodies and query strings, with an error of ours for everything that can be wrong with them.
//!
//! Used by the handlers instead of axum's own extractors, whose refusals are plain text.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use crate::{app::App, error::ApiError, form, payload};

/// No request of the contract is anywhere near this long.
pub const MAX_BODY: usize = 1 << 20;

/// Reads a whole body, up to [`MAX_BODY`] and within the time there is for it.
///
/// # Errors
/// 413, 408, or 400 for a body that breaks off.
pub async fn body(request: Request, app: &App) -> Result<Bytes, ApiError> {
    body_up_to(request, app, MAX_BODY).await
}

/// The same up to another limit, for files.
///
/// # Errors
/// As of [`body`].
pub async fn body_up_to(request: Request, app: &App, limit: usize) -> Result<Bytes, ApiError> {
    let whole = Limited::new(request.into_body(), limit).collect();
    match tokio::time::timeout(app.config.timers.body_timeout, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge),
        Ok(Err(_)) => Err(ApiError::BadRequest("The body broke off".to_owned())),
        Err(_) => Err(ApiError::TooSlow),
    }
}

/// A JSON body, whatever its content type says. The handler reads its fields.
pub struct JsonBody(pub Value);

impl FromRequest<Arc<App>> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let body = body(request, app).await?;
        serde_json::from_slice(&body).map(Self).map_err(|_| ApiError::BadRequest("The body is not JSON".to_owned()))
    }
}

/// A query string.
pub struct Query(Vec<(String, String)>);

impl FromRequestParts<Arc<App>> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        Self::read(parts.uri.query())
    }
}

impl Query {
    /// Reads what stands behind the question mark.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn read(query: Option<&str>) -> Result<Self, ApiError> {
        let pairs = form::parse(query.unwrap_or_default().as_bytes());
        pairs.map(Self).map_err(|_| ApiError::BadRequest("The query string is not UTF-8".to_owned()))
    }

    /// A value, the first of its name; an empty one counts as missing.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// An id that has to be there.
    ///
    /// # Errors
    /// `Missing required fields`, or that it is no UUID.
    pub fn required_id<T: std::str::FromStr>(&self, name: &str) -> Result<T, ApiError> {
        payload::parse_id(name, self.text(name).ok_or(ApiError::MissingFields)?)
    }

    /// A whole number, if it is there.
    ///
    /// # Errors
    /// When it is something else.
    pub fn number(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let number = self.text(name).map(str::parse).transpose();
        number.map_err(|_| ApiError::BadRequest(format!("{name} must be a whole number")))
    }
}
