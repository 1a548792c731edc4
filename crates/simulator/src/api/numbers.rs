//! The IncomingPhoneNumber resource: list, fetch, and update of a number's name and webhook.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, RawQuery, State},
};
use serde_json::{Value, json};

use super::{Caller, VERSION, date, error::ApiError, form, page::Page, sid};
use crate::{
    inner::Inner,
    state::{OwnedNumber, State as Known},
};

fn show(known: &Known, caller: &Caller, number: &OwnedNumber) -> Value {
    let created = known.accounts.get(&caller.account).map(|account| account.date_created);
    let webhook = known.webhook.as_ref().map(ToString::to_string).unwrap_or_default();
    json!({
        "account_sid": caller.account,
        "address_requirements": "none",
        "address_sid": null,
        "api_version": VERSION,
        "beta": false,
        "capabilities": { "voice": true, "sms": true, "mms": true, "fax": false },
        "date_created": date(created),
        "date_updated": date(created),
        "friendly_name": number.friendly_name,
        "identity_sid": null,
        "origin": "twilio",
        "phone_number": number.phone_number,
        "sid": number.sid,
        "sms_application_sid": number.sms_application_sid.clone().unwrap_or_default(),
        "sms_fallback_method": "POST",
        "sms_fallback_url": "",
        "sms_method": "POST",
        "sms_url": number.sms_url.clone().unwrap_or(webhook),
        "status": "in-use",
        "status_callback": number.status_callback.clone().unwrap_or_default(),
        "status_callback_method": "POST",
        "trunk_sid": null,
        "uri": caller.uri(&format!("/IncomingPhoneNumbers/{}.json", number.sid)),
        "voice_url": null,
    })
}

fn numbers<'a>(known: &'a Known, caller: &Caller) -> &'a [OwnedNumber] {
    known.accounts.get(&caller.account).map_or(&[], |account| account.numbers.as_slice())
}

/// `GET IncomingPhoneNumbers.json`
pub(super) async fn list(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Json<Value> {
    let query = form(query.unwrap_or_default().as_bytes());
    let asked = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let state = inner.state();
    let found: Vec<&OwnedNumber> = numbers(&state, &caller)
        .iter()
        .filter(|number| asked("PhoneNumber").is_none_or(|part| number.phone_number.contains(part)))
        .filter(|number| asked("FriendlyName").is_none_or(|name| number.friendly_name == name))
        .collect();
    let page = Page {
        uri: caller.uri("/IncomingPhoneNumbers.json"),
        key: "incoming_phone_numbers",
        query: &query,
        sid: |number: &&OwnedNumber| &number.sid,
        json: &|number| show(&state, &caller, number),
    };
    Json(page.cut(&found))
}

/// `GET IncomingPhoneNumbers/{sid}.json`
pub(super) async fn fetch(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, segment)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let state = inner.state();
    let number = numbers(&state, &caller).iter().find(|number| number.sid == sid(&segment));
    number.map(|number| Json(show(&state, &caller, number))).ok_or_else(|| missing(&caller, &segment))
}

/// `POST IncomingPhoneNumbers/{sid}.json` with `FriendlyName`, `SmsUrl`, `SmsApplicationSid` or `StatusCallback`
pub(super) async fn update(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, segment)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let params = form(&body);
    let mut state = inner.state();
    let account = state.accounts.get_mut(&caller.account).ok_or_else(|| missing(&caller, &segment))?;
    let number = account
        .numbers
        .iter_mut()
        .find(|number| number.sid == sid(&segment))
        .ok_or_else(|| missing(&caller, &segment))?;
    for (name, value) in params {
        match name.as_str() {
            "FriendlyName" => number.friendly_name = value,
            "SmsUrl" => number.sms_url = Some(value).filter(|url| !url.is_empty()),
            "SmsApplicationSid" => number.sms_application_sid = Some(value).filter(|sid| !sid.is_empty()),
            "StatusCallback" => number.status_callback = Some(value).filter(|url| !url.is_empty()),
            _ => {}
        }
    }
    let number = number.clone();
    Ok(Json(show(&state, &caller, &number)))
}

fn missing(caller: &Caller, segment: &str) -> ApiError {
    ApiError::not_found(&caller.uri(&format!("/IncomingPhoneNumbers/{segment}")))
}
