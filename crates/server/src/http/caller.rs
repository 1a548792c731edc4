//! Who is asking: the extractor behind every route that wants a token.
//!
//! Reads the `Authorization` header and nothing else; a token in the query string counts for nothing.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use crate::{
    app::App,
    auth::{Identity, TokenError},
    error::ApiError,
};

/// A verified caller. What they may do is read from the store for each request.
pub struct Caller(pub Identity);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers)?;
        Ok(Self(app.identify(token).await?))
    }
}

/// The token of an `Authorization: Bearer …` header, in any case of the word.
///
/// # Errors
/// [`TokenError::Required`] without one, [`TokenError::Invalid`] for another scheme or several headers.
pub fn bearer(headers: &HeaderMap) -> Result<&str, TokenError> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let first = all.next().ok_or(TokenError::Required)?;
    if all.next().is_some() {
        return Err(TokenError::Invalid);
    }
    let text = first.to_str().map_err(|_| TokenError::Invalid)?.trim();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(TokenError::Invalid);
    }
    let token = token.trim();
    if token.is_empty() { Err(TokenError::Required) } else { Ok(token) }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Bearer abc", Ok("abc"))]
    #[case("bearer  abc ", Ok("abc"))]
    #[case("BEARER abc", Ok("abc"))]
    #[case("Bearer", Err(TokenError::Required))]
    #[case("Basic abc", Err(TokenError::Invalid))]
    #[case("abc", Err(TokenError::Invalid))]
    fn a_bearer_token_is_read(#[case] header: &'static str, #[case] expected: Result<&str, TokenError>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(header));

        assert_eq!(bearer(&headers), expected);
    }
}
