//! Twilio's REST API, version 2010-04-01: Accounts, Messages, Media, IncomingPhoneNumbers and Keys.
//!
//! Every request passes [`guard`]: it is remembered, authenticated, and hit by the faults that wait for it. The handlers behind it
//! know nothing of faults.

mod accounts;
mod create;
mod error;
mod media;
mod messages;
mod numbers;
mod page;

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use deskline_twilio::AccountSid;

use self::error::ApiError;
use crate::{
    clock::rfc2822,
    faults::Fault,
    inner::Inner,
    listener::Connection,
    state::{Asked, State as Known},
};

/// Twilio's name of this API.
const VERSION: &str = "2010-04-01";

/// Who asks, and for which account.
#[derive(Clone, Debug)]
struct Caller {
    account: AccountSid,
    /// Whether an API key asks, from which Twilio keeps accounts and keys.
    is_key: bool,
}

impl Caller {
    /// The path of something of this account.
    fn uri(&self, rest: &str) -> String {
        format!("/{VERSION}/Accounts/{}{rest}", self.account)
    }

    /// # Errors
    /// 401 for an API key.
    fn owner_only(&self) -> Result<(), ApiError> {
        if self.is_key { Err(ApiError::of(20_003)) } else { Ok(()) }
    }
}

/// The API's routes.
pub(crate) fn router(inner: Arc<Inner>) -> Router {
    let account = Router::new()
        .route("/Messages.json", get(messages::list).post(create::create))
        .route("/Messages/{sid}", get(messages::fetch).post(messages::update).delete(messages::delete))
        .route("/Messages/{sid}/Media.json", get(media::list))
        .route("/Messages/{sid}/Media/{media}", get(media::fetch).delete(media::delete))
        .route("/IncomingPhoneNumbers.json", get(numbers::list))
        .route("/IncomingPhoneNumbers/{sid}", get(numbers::fetch).post(numbers::update))
        .route("/Keys.json", get(accounts::list_keys).post(accounts::create_key))
        .route("/Keys/{sid}", get(accounts::fetch_key).post(accounts::rename_key).delete(accounts::delete_key));
    Router::new()
        .nest(&format!("/{VERSION}/Accounts/{{account}}"), account)
        .route(&format!("/{VERSION}/Accounts/{{account}}"), get(accounts::fetch))
        .fallback(async |request: Request| ApiError::not_found(request.uri().path()))
        .method_not_allowed_fallback(async || ApiError::of(20_004))
        .layer(middleware::from_fn_with_state(inner.clone(), guard))
        .with_state(inner)
}

/// Files, as the host that Twilio redirects to serves them.
pub(crate) fn media_router(inner: Arc<Inner>) -> Router {
    Router::new().route("/media/{account}/{media}", get(media::serve)).with_state(inner)
}

/// Remembers a request, checks who asks, and lets things go wrong.
async fn guard(
    State(inner): State<Arc<Inner>>,
    Extension(connection): Extension<Connection>,
    mut request: Request,
    next: Next,
) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let whole = request.uri().path_and_query().map_or_else(|| path.clone(), ToString::to_string);
    let asked = Asked { method: method.to_string(), path: whole };
    let creates = method == Method::POST && path.ends_with("/Messages.json");
    let release = inner.next_release();
    let (caller, fault) = {
        let mut known = inner.state();
        known.asked.push(asked);
        let caller = authenticate(&known, request.headers(), &path);
        let fault = if caller.is_ok() { known.faults.take(creates) } else { None };
        (caller, fault)
    };
    inner.changed();
    match caller {
        Ok(caller) => request.extensions_mut().insert(caller),
        Err(error) => return error.into_response(),
    };
    match fault {
        None => next.run(request).await,
        Some(Fault::RefuseWith { code }) => ApiError::of(code).into_response(),
        Some(Fault::RateLimit { retry_after, .. }) => {
            let mut response = ApiError::of(20_429).into_response();
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.as_secs().into());
            }
            response
        }
        Some(Fault::ServerError { .. }) => ApiError::of(20_500).into_response(),
        Some(Fault::NotJson { .. }) => Html("<!doctype html><title>Welcome</title><p>Please sign in.").into_response(),
        Some(Fault::Drop { .. }) => connection.cut().await,
        Some(Fault::Hang { .. }) => {
            release.wait().await;
            next.run(request).await
        }
        Some(Fault::Delay { by, .. }) => {
            inner.sleep(by).await;
            next.run(request).await
        }
        Some(Fault::AcceptAndDropAnswer { .. }) => {
            drop(next.run(request).await);
            connection.cut().await
        }
        Some(Fault::AcceptAndHang { .. }) => {
            let answer = written(next.run(request).await).await;
            release.wait().await;
            answer
        }
    }
}

/// The same response, its body read to the end: whoever waits for the answer to be written goes on.
async fn written(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => Response::from_parts(parts, Body::from(bytes)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Basic authentication with the account's token or one of its keys, for the account that the path names.
fn authenticate(known: &Known, headers: &HeaderMap, path: &str) -> Result<Caller, ApiError> {
    let denied = || ApiError::of(20_003);
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(denied)?;
    let encoded = given.strip_prefix("Basic ").ok_or_else(denied)?;
    let decoded =
        STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(denied)?;
    let (username, secret) = decoded.split_once(':').ok_or_else(denied)?;
    let mut segments = path.trim_start_matches('/').split('/').skip(1);
    let named = match (segments.next(), segments.next()) {
        (Some("Accounts"), Some(sid)) => AccountSid::new(sid.trim_end_matches(".json")),
        _ => AccountSid::new(username),
    };
    let account = known.accounts.get(&named).ok_or_else(denied)?;
    if username == named.as_str() && secret == account.auth_token.expose() {
        return Ok(Caller { account: named, is_key: false });
    }
    let key = account.keys.get(username).ok_or_else(denied)?;
    if secret == key.secret.expose() { Ok(Caller { account: named, is_key: true }) } else { Err(denied()) }
}

/// A form's fields, in their order.
fn form(body: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// The first field of a name that is not empty.
fn field<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

/// A resource's SID as the path spells it.
fn sid(segment: &str) -> &str {
    segment.trim_end_matches(".json")
}

/// A date, or null.
fn date(time: Option<chrono::DateTime<chrono::Utc>>) -> serde_json::Value {
    time.map(rfc2822).into()
}
