//! Files of texts: listed and described by the API, and redirected to another host that wants no credentials.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{Caller, date, error::ApiError, form, messages, page::Page, sid};
use crate::{
    files::{MediaFault, Served},
    inner::Inner,
    state::{MediaContent, StoredMedia},
};

fn show(caller: &Caller, media_sid: &str, file: &StoredMedia) -> Value {
    json!({
        "account_sid": file.account_sid,
        "content_type": file.content_type,
        "date_created": date(Some(file.date_created)),
        "date_updated": date(Some(file.date_created)),
        "parent_sid": file.message_sid,
        "sid": media_sid,
        "uri": caller.uri(&format!("/Messages/{}/Media/{media_sid}.json", file.message_sid)),
    })
}

/// `GET Messages/{sid}/Media.json`
pub(super) async fn list(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, message)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let query = form(query.unwrap_or_default().as_bytes());
    let state = inner.state();
    let stored = state.message(&caller.account, &message).ok_or_else(|| messages::missing(&caller, &message))?;
    let files: Vec<_> = stored.media.iter().filter_map(|sid| Some((sid, state.media.get(sid)?))).collect();
    let page = Page {
        uri: caller.uri(&format!("/Messages/{message}/Media.json")),
        key: "media_list",
        query: &query,
        sid: |(sid, _): &(&String, &StoredMedia)| sid.as_str(),
        json: &|(sid, file)| show(&caller, sid, file),
    };
    Ok(Json(page.cut(&files)))
}

/// `GET Messages/{sid}/Media/{media}`, with `.json` the description and without it the way to the file.
pub(super) async fn fetch(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, message, segment)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let mut state = inner.state();
    let fault = if segment.ends_with(".json") { None } else { state.media_faults.take(true) };
    match fault {
        Some(MediaFault::Refuse { status }) => return Ok(answer(status).into_response()),
        Some(MediaFault::RedirectTo { url }) => return Ok(Redirect::temporary(&url).into_response()),
        _ => {}
    }
    let file = found(&state.media, &caller, &message, &segment)?;
    if segment.ends_with(".json") {
        return Ok(Json(show(&caller, sid(&segment), file)).into_response());
    }
    let target = match &file.content {
        MediaContent::Elsewhere(url) => url.clone(),
        MediaContent::Bytes(_) => {
            let beside = inner.urls.get().map(|urls| urls.beside.to_string()).unwrap_or_default();
            format!("{beside}media/{}/{}?Signature=simulated", caller.account, sid(&segment))
        }
    };
    Ok(Redirect::temporary(&target).into_response())
}

/// `DELETE Messages/{sid}/Media/{media}.json`
pub(super) async fn delete(
    State(inner): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    Path((_, message, segment)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let mut state = inner.state();
    found(&state.media, &caller, &message, &segment)?;
    state.media.remove(sid(&segment));
    if let Some(stored) = state.message_mut(&message) {
        stored.media.retain(|kept| kept != sid(&segment));
    }
    Ok(StatusCode::NO_CONTENT)
}

fn found<'a>(
    media: &'a std::collections::HashMap<String, StoredMedia>,
    caller: &Caller,
    message: &str,
    segment: &str,
) -> Result<&'a StoredMedia, ApiError> {
    media
        .get(sid(segment))
        .filter(|file| file.account_sid == caller.account && file.message_sid == message)
        .ok_or_else(|| ApiError::not_found(&caller.uri(&format!("/Messages/{message}/Media/{segment}"))))
}

/// `GET /media/{account}/{media}` on the host beside the API. Refuses credentials, as the real one does: whoever follows Twilio's
/// redirect must leave them behind.
pub(super) async fn serve(
    State(inner): State<Arc<Inner>>,
    Path((account, media_sid)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let release = inner.next_release();
    let fault = {
        let mut state = inner.state();
        let had_credentials = headers.contains_key(header::AUTHORIZATION);
        state.served.push(Served { path: uri.to_string(), had_credentials });
        state.media_faults.take(false)
    };
    inner.changed();
    if headers.contains_key(header::AUTHORIZATION) {
        return (StatusCode::BAD_REQUEST, "Only one auth mechanism allowed").into_response();
    }
    match fault {
        Some(MediaFault::HostRefuse { status }) => return answer(status).into_response(),
        Some(MediaFault::WebPage) => {
            return Html("<!doctype html><title>Welcome</title><p>Please sign in.").into_response();
        }
        Some(MediaFault::Oversize { bytes }) => return oversized(bytes),
        Some(MediaFault::Hang) => release.wait().await,
        _ => {}
    }
    let state = inner.state();
    let file = state.media.get(&media_sid).filter(|file| file.account_sid.as_str() == account);
    match file.map(|file| (&file.content_type, &file.content)) {
        Some((kind, MediaContent::Bytes(bytes))) if fault == Some(MediaFault::Cut) => {
            let headers = [(header::CONTENT_TYPE, kind.clone()), (header::CONTENT_LENGTH, bytes.len().to_string())];
            let half = bytes.get(..bytes.len() / 2).unwrap_or_default().to_vec();
            let broken = stream::iter([Ok(Bytes::from(half)), Err(std::io::Error::other("the connection is cut"))]);
            (headers, Body::from_stream(broken)).into_response()
        }
        Some((kind, MediaContent::Bytes(bytes))) => {
            ([(header::CONTENT_TYPE, kind.clone())], bytes.clone()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// More than anybody wants, in pieces, without saying how much it will be.
fn oversized(bytes: usize) -> Response {
    const PIECE: usize = 64 * 1024;
    let pieces = stream::iter(0..bytes.div_ceil(PIECE))
        .map(|_| Ok::<_, std::convert::Infallible>(Bytes::from_static(&[0; PIECE])));
    ([(header::CONTENT_TYPE, "image/png")], Body::from_stream(pieces)).into_response()
}
