//! `POST Messages.json`: every reason for which Twilio says no, in Twilio's order, and then the text is taken.

use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use deskline_domain::{delivery::DeliveryStatus, gate::MAX_CHARACTERS, phone::PhoneNumber};
use deskline_twilio::message::MessageDirection;
use futures_util::stream;
use tokio::sync::oneshot;
use url::Url;

use super::{Caller, error::ApiError, field, form, messages};
use crate::{
    clock,
    inner::Inner,
    lifecycle,
    state::{MediaContent, Sent, State as Known, Stored, StoredMedia},
};

/// Twilio's magic numbers for tests: texting to them fails in a known way (Twilio, "Test credentials").
const MAGIC: &[(&str, i32)] = &[
    ("+15005550001", 21_211),
    ("+15005550002", 21_612),
    ("+15005550003", 21_408),
    ("+15005550004", 21_610),
    ("+15005550009", 21_614),
];

/// A request that passed every check.
struct Wanted {
    to: String,
    from: String,
    messaging_service_sid: Option<String>,
    body: String,
    media_urls: Vec<String>,
    status_callback: Option<String>,
}

/// `POST Messages.json`
pub(super) async fn create(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let params = form(&body);
    let (sid, plan, shown) = {
        let mut known = inner.state();
        let wanted = check(&known, &caller, &params)?;
        let plan = known.plan_for(&wanted.to);
        let stored = take(&mut known, &caller, wanted);
        let shown = messages::show(&stored);
        let sid = stored.text.sid.clone();
        known.keep(stored);
        (sid, plan, shown)
    };
    let busy = inner.busy();
    inner.changed();
    let shown = shown.to_string();
    if plan.before_answer {
        let walk = inner.tasks.spawn(lifecycle::run(inner.clone(), sid, plan, None, busy));
        // A panic in there is reported by the runtime; the text was taken all the same.
        let _ = walk.await;
        return Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], shown).into_response());
    }
    let (answered, on_answered) = oneshot::channel();
    inner.tasks.spawn(lifecycle::run(inner.clone(), sid, plan, Some(on_answered), busy));
    Ok(answer(shown, answered))
}

/// An answer that tells when it was written: its body, with the sender in it, is dropped then.
fn answer(shown: String, answered: oneshot::Sender<()>) -> Response {
    let length = shown.len();
    let body = stream::unfold((Some(shown), answered), async |(shown, answered)| {
        shown.map(|shown| (Ok::<_, std::convert::Infallible>(Bytes::from(shown)), (None, answered)))
    });
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_LENGTH, length.to_string())];
    (StatusCode::CREATED, headers, Body::from_stream(body)).into_response()
}

/// Says no as Twilio does.
fn check(known: &Known, caller: &Caller, params: &[(String, String)]) -> Result<Wanted, ApiError> {
    let to = field(params, "To").ok_or_else(|| ApiError::of(21_604))?;
    let service = field(params, "MessagingServiceSid");
    let from = field(params, "From");
    if from.is_none() && service.is_none() {
        return Err(ApiError::of(21_603));
    }
    let body = field(params, "Body").unwrap_or_default();
    let media_urls: Vec<String> =
        params.iter().filter(|(name, url)| name == "MediaUrl" && !url.is_empty()).map(|(_, url)| url.clone()).collect();
    if body.is_empty() && media_urls.is_empty() {
        return Err(ApiError::of(21_602));
    }
    if body.chars().count() > MAX_CHARACTERS {
        return Err(ApiError::of(21_617));
    }
    if media_urls.len() > 10 {
        return Err(ApiError::of(21_623));
    }
    if media_urls.iter().any(|url| !is_web_address(url)) {
        return Err(ApiError::of(21_620));
    }
    if let Some((_, code)) = MAGIC.iter().find(|(number, _)| *number == to) {
        return Err(ApiError::of(*code));
    }
    let is_short_code = (3..=8).contains(&to.len()) && to.bytes().all(|b| b.is_ascii_digit());
    if !is_short_code && PhoneNumber::parse(to).is_err() {
        return Err(ApiError::saying(21_211, format!("Invalid 'To' Phone Number: {to}")));
    }
    let status_callback = field(params, "StatusCallback");
    if status_callback.is_some_and(|url| !is_web_address(url)) {
        return Err(ApiError::saying(21_609, "Invalid 'StatusCallback' URL"));
    }
    let from = sender(known, caller, from, service, to)?;
    if known.opted_out.contains(&(from.clone(), to.to_owned())) {
        return Err(ApiError::of(21_610));
    }
    Ok(Wanted {
        to: to.to_owned(),
        from,
        messaging_service_sid: service.map(str::to_owned),
        body: body.to_owned(),
        media_urls,
        status_callback: status_callback.map(str::to_owned),
    })
}

/// The number that the text leaves from: the one that was asked for, or the first one of a Messaging Service that may text to `to`.
fn sender(
    known: &Known,
    caller: &Caller,
    from: Option<&str>,
    service: Option<&str>,
    to: &str,
) -> Result<String, ApiError> {
    let account = known.accounts.get(&caller.account).ok_or_else(|| ApiError::of(20_003))?;
    if let Some(from) = from {
        if from == to {
            return Err(ApiError::saying(21_266, "'To' and 'From' number cannot be the same"));
        }
        let owned = account.numbers.iter().any(|number| number.phone_number == from);
        return if owned {
            Ok(from.to_owned())
        } else {
            Err(ApiError::saying(
                21_606,
                format!(
                    "The 'From' phone number {from} is not a valid, SMS-capable inbound phone number or short code for your account."
                ),
            ))
        };
    }
    if !account.services.iter().any(|known| Some(known.as_str()) == service) {
        return Err(ApiError::of(21_705));
    }
    let mut numbers = account.numbers.iter().map(|number| number.phone_number.as_str());
    let may = |number: &&str| !known.opted_out.contains(&((*number).to_owned(), to.to_owned()));
    let first = numbers.clone().next().ok_or_else(|| ApiError::of(21_703))?;
    // Where everyone may not, the first one is refused for it.
    Ok(numbers.find(may).unwrap_or(first).to_owned())
}

/// Gives the text and its files their SIDs.
fn take(known: &mut Known, caller: &Caller, wanted: Wanted) -> Stored {
    let now = clock::now();
    let sid = known.ids.sid(if wanted.media_urls.is_empty() { "SM" } else { "MM" });
    let mut media = Vec::new();
    for url in &wanted.media_urls {
        let media_sid = known.ids.sid("ME");
        let file = StoredMedia {
            account_sid: caller.account.clone(),
            message_sid: sid.clone(),
            content_type: "application/octet-stream".to_owned(),
            content: MediaContent::Elsewhere(url.clone()),
            date_created: now,
        };
        known.media.insert(media_sid.clone(), file);
        media.push(media_sid);
    }
    let text = Sent {
        sid,
        account_sid: caller.account.clone(),
        to: wanted.to,
        from: wanted.from,
        messaging_service_sid: wanted.messaging_service_sid.clone(),
        body: wanted.body,
        media_urls: wanted.media_urls,
        status_callback: wanted.status_callback,
        status: if wanted.messaging_service_sid.is_some() { DeliveryStatus::Accepted } else { DeliveryStatus::Queued },
        error_code: None,
        date_created: now,
    };
    Stored { direction: MessageDirection::OutboundApi, text, media, date_sent: None, date_updated: now }
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
