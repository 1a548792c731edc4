//! The Message resource: list, fetch, redact and delete.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use deskline_domain::segments::measure;
use serde_json::{Value, json};

use super::{Caller, VERSION, date, error::ApiError, form, page::Page, sid};
use crate::{inner::Inner, state::Stored};

/// A message as Twilio shows it.
pub(super) fn show(stored: &Stored) -> Value {
    let text = &stored.text;
    let uri = format!("/{VERSION}/Accounts/{}/Messages/{}", text.account_sid, text.sid);
    json!({
        "account_sid": text.account_sid,
        "api_version": VERSION,
        "body": text.body,
        "date_created": date(Some(text.date_created)),
        "date_sent": date(stored.date_sent),
        "date_updated": date(Some(stored.date_updated)),
        "direction": stored.direction,
        "error_code": text.error_code,
        "error_message": text.error_code.map(|code| deskline_twilio::explain(code).text),
        "from": text.from,
        "messaging_service_sid": text.messaging_service_sid,
        "num_media": stored.media.len().to_string(),
        "num_segments": measure(&text.body).count.max(1).to_string(),
        "price": null,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": { "media": format!("{uri}/Media.json") },
        "to": text.to,
        "uri": format!("{uri}.json"),
    })
}

/// `GET Messages.json`
pub(super) async fn list(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let query = form(query.unwrap_or_default().as_bytes());
    let wanted = Filter::read(&query)?;
    let state = inner.state();
    // Newest first, as Twilio lists them.
    let found: Vec<&Stored> = state
        .messages
        .iter()
        .rev()
        .filter(|stored| stored.text.account_sid == caller.account && wanted.matches(stored))
        .collect();
    let page = Page {
        uri: caller.uri("/Messages.json"),
        key: "messages",
        query: &query,
        sid: |stored: &&Stored| &stored.text.sid,
        json: &|stored| show(stored),
    };
    Ok(Json(page.cut(&found)))
}

/// `GET Messages/{sid}.json`
pub(super) async fn fetch(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, segment)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let state = inner.state();
    let stored = state.message(&caller.account, sid(&segment)).ok_or_else(|| missing(&caller, &segment))?;
    Ok(Json(show(stored)))
}

/// `POST Messages/{sid}.json` with an empty `Body` removes the text, as Twilio has it.
pub(super) async fn update(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, segment)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let redacts = form(&body).iter().any(|(name, value)| name == "Body" && value.is_empty());
    let mut state = inner.state();
    if state.message(&caller.account, sid(&segment)).is_none() {
        return Err(missing(&caller, &segment));
    }
    let stored = state.message_mut(sid(&segment)).ok_or_else(|| missing(&caller, &segment))?;
    if !redacts {
        return Err(ApiError::saying(20_001, "A message that left can only be given an empty Body"));
    }
    stored.text.body.clear();
    stored.date_updated = crate::clock::now();
    Ok(Json(show(stored)))
}

/// `DELETE Messages/{sid}.json`
pub(super) async fn delete(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, segment)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let mut state = inner.state();
    if state.message(&caller.account, sid(&segment)).is_none() {
        return Err(missing(&caller, &segment));
    }
    state.remove_message(sid(&segment));
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn missing(caller: &Caller, segment: &str) -> ApiError {
    ApiError::not_found(&caller.uri(&format!("/Messages/{segment}")))
}

/// The conditions of a list. A text that was not sent yet has no `DateSent`, and meets no condition on it.
struct Filter<'a> {
    to: Option<&'a str>,
    from: Option<&'a str>,
    not_before: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
}

impl<'a> Filter<'a> {
    fn read(query: &'a [(String, String)]) -> Result<Self, ApiError> {
        let mut filter = Filter { to: None, from: None, not_before: None, before: None };
        for (name, value) in query {
            match name.as_str() {
                "To" => filter.to = Some(value),
                "From" => filter.from = Some(value),
                "DateSent" => {
                    (filter.not_before, filter.before) = {
                        let span = span(value)?;
                        (Some(span.0), Some(span.1))
                    }
                }
                "DateSent>" => filter.not_before = Some(span(value)?.0),
                "DateSent<" => filter.before = Some(span(value)?.1),
                _ => {}
            }
        }
        Ok(filter)
    }

    fn matches(&self, stored: &Stored) -> bool {
        let sent = stored.date_sent;
        self.to.is_none_or(|to| to == stored.text.to)
            && self.from.is_none_or(|from| from == stored.text.from)
            && self.not_before.is_none_or(|time| sent.is_some_and(|sent| sent >= time))
            && self.before.is_none_or(|time| sent.is_some_and(|sent| sent < time))
    }
}

/// The time that a date means, from its first second up to the first one after it: a whole day, or one second.
fn span(text: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
    let bad = || ApiError::saying(20_001, format!("'{text}' is not a date"));
    if let Ok(day) = text.parse::<NaiveDate>() {
        let start = day.and_time(NaiveTime::MIN).and_utc();
        return Ok((start, start.checked_add_days(Days::new(1)).ok_or_else(bad)?));
    }
    let time = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)).map_err(|_| bad())?;
    let start = time.with_timezone(&Utc);
    Ok((start, start + chrono::TimeDelta::seconds(1)))
}
