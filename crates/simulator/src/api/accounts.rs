//! The Account resource and its API keys. Both are kept from API keys themselves.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
};
use deskline_twilio::AuthToken;
use serde_json::{Value, json};

use super::{Caller, date, error::ApiError, field, form, page::Page, sid};
use crate::{clock, inner::Inner, state::Key};

/// `GET Accounts/{sid}.json`. The token is not shown: nobody who may ask for it lacks it.
pub(super) async fn fetch(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Value>, ApiError> {
    caller.owner_only()?;
    let state = inner.state();
    let account = state.accounts.get(&caller.account).ok_or_else(|| ApiError::of(20_003))?;
    let part = |name: &str| caller.uri(&format!("/{name}.json"));
    Ok(Json(json!({
        "sid": caller.account,
        "owner_account_sid": caller.account,
        "friendly_name": account.friendly_name,
        "status": "active",
        "type": "Full",
        "date_created": date(Some(account.date_created)),
        "date_updated": date(Some(account.date_created)),
        "uri": caller.uri(".json"),
        "subresource_uris": {
            "messages": part("Messages"),
            "incoming_phone_numbers": part("IncomingPhoneNumbers"),
            "keys": part("Keys"),
        },
    })))
}

fn show(key_sid: &str, key: &Key) -> Value {
    json!({
        "sid": key_sid,
        "friendly_name": key.friendly_name,
        "date_created": date(Some(key.date_created)),
        "date_updated": date(Some(key.date_created)),
    })
}

/// `GET Keys.json`
pub(super) async fn list_keys(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    caller.owner_only()?;
    let query = form(query.unwrap_or_default().as_bytes());
    let state = inner.state();
    let keys: Vec<_> = state.accounts.get(&caller.account).into_iter().flat_map(|account| &account.keys).collect();
    let page = Page {
        uri: caller.uri("/Keys.json"),
        key: "keys",
        query: &query,
        sid: |(sid, _): &(&String, &Key)| sid.as_str(),
        json: &|(sid, key)| show(sid, key),
    };
    Ok(Json(page.cut(&keys)))
}

/// `POST Keys.json`: the only answer that has the secret.
pub(super) async fn create_key(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.owner_only()?;
    let friendly_name = field(&form(&body), "FriendlyName").unwrap_or_default().to_owned();
    let mut state = inner.state();
    let (key_sid, secret) = (state.ids.sid("SK"), state.ids.hex());
    let key = Key { friendly_name, secret: AuthToken::new(&*secret), date_created: clock::now() };
    let mut shown = show(&key_sid, &key);
    shown["secret"] = secret.into();
    let account = state.accounts.get_mut(&caller.account).ok_or_else(|| ApiError::of(20_003))?;
    account.keys.insert(key_sid, key);
    Ok((StatusCode::CREATED, Json(shown)))
}

/// `GET Keys/{sid}.json`
pub(super) async fn fetch_key(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, segment)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    caller.owner_only()?;
    let state = inner.state();
    let key = state.accounts.get(&caller.account).and_then(|account| account.keys.get(sid(&segment)));
    key.map(|key| Json(show(sid(&segment), key))).ok_or_else(|| missing(&caller, &segment))
}

/// `POST Keys/{sid}.json` with a `FriendlyName`
pub(super) async fn rename_key(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, segment)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    caller.owner_only()?;
    let mut state = inner.state();
    let account = state.accounts.get_mut(&caller.account).ok_or_else(|| missing(&caller, &segment))?;
    let key = account.keys.get_mut(sid(&segment)).ok_or_else(|| missing(&caller, &segment))?;
    if let Some(name) = field(&form(&body), "FriendlyName") {
        name.clone_into(&mut key.friendly_name);
    }
    Ok(Json(show(sid(&segment), key)))
}

/// `DELETE Keys/{sid}.json`: from now on it opens nothing.
pub(super) async fn delete_key(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, segment)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    caller.owner_only()?;
    let mut state = inner.state();
    let account = state.accounts.get_mut(&caller.account).ok_or_else(|| missing(&caller, &segment))?;
    account.keys.remove(sid(&segment)).map(|_| StatusCode::NO_CONTENT).ok_or_else(|| missing(&caller, &segment))
}

fn missing(caller: &Caller, segment: &str) -> ApiError {
    ApiError::not_found(&caller.uri(&format!("/Keys/{segment}")))
}
