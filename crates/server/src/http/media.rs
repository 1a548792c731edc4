//! Files: `POST /media` takes one to be sent, `GET /media/link` gives a member a link to one, `GET /media/{file}` serves whoever has a
//! link, and `POST /media/retry` fetches again what was given up.

use std::{ops::Range, sync::Arc};

use axum::{
    Json,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use deskline_domain::{
    file as kind,
    ids::{FileId, MessageId, WorkspaceId},
};
use deskline_store::{File, KEPT_UNSENT, NewFile};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
    uploaded::Uploaded,
};
use crate::{
    app::App,
    edge,
    error::ApiError,
    media::{
        links::{BadLink, Link},
        objects::ObjectError,
    },
    payload::Fields,
};

const MAX_NAME: usize = 200;

/// Takes a file to be sent: the body is its content, `Content-Type` its type, `?workspaceId=` its team, `&name=` what it is called. Or the
/// body is a browser's form (`multipart/form-data`), and the file is the first in it. Answers a link that `mediaUrls` of `send-sms` takes.
///
/// # Errors
/// 401, 403; 400 for an empty one, or a form without one; 413 over what Twilio takes; 415 for a type that Twilio does not take, or another one than told.
pub async fn upload(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let workspace_id: WorkspaceId = query.required_id("workspaceId")?;
    app.member(&caller, workspace_id).await?;
    let Uploaded { content, told, name } = Uploaded::read(request, &app).await?;
    let name = query.text("name").map(str::to_owned).or(name);
    if name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME || name.chars().any(char::is_control)) {
        return Err(ApiError::BadRequest(format!("name must be a text of 1 to {MAX_NAME} characters")));
    }
    if content.is_empty() {
        return Err(ApiError::BadRequest("The file is empty".to_owned()));
    }
    let content_type = kind::of_upload(told.as_deref(), &content).map_err(|no| ApiError::BadFile(no.to_string()))?;
    let (now, size) = (edge::now(), content.len());
    let file = NewFile {
        id: FileId::v7(now, edge::entropy()),
        workspace_id,
        content_type,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        name,
        uploaded_by: Some(caller.user_id),
        kept_until: now + KEPT_UNSENT,
        now,
    };
    app.media.objects.put(workspace_id, file.id, content.into()).await?;
    app.store.record_file(&file).await?;
    let mut answer = shown(&app.media.links.for_twilio(file.id, now), &file.content_type, file.size);
    answer["success"] = true.into();
    answer["id"] = json!(file.id);
    if kind::is_often_dropped(&file.content_type, size) {
        answer["warning"] = "Many mobile networks drop files of this type that are larger than 500 KB.".into();
    }
    Ok(Json(answer))
}

/// A fresh link to a text's file: `?workspaceId=&messageId=&index=`, the index from 0 on.
///
/// # Errors
/// 401, 403, 400; 404 `File not found` when it is not here, or not yet.
pub async fn link(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    let message: MessageId = query.required_id("messageId")?;
    let index = query.number("index")?.unwrap_or_default();
    app.member(&caller, workspace).await?;
    let index = i32::try_from(index).map_err(|_| ApiError::FileNotFound)?;
    let file = app.store.file_of_message(workspace, message, index).await?.ok_or(ApiError::FileNotFound)?;
    Ok(Json(shown(&app.media.links.for_member(file.id, edge::now()), &file.content_type, file.size)))
}

fn shown(link: &Link, content_type: &str, size: i64) -> Value {
    json!({ "url": link.url, "expiresAt": link.expires_at, "contentType": content_type, "size": size })
}

/// Fetches the files of an inbound text again that were given up: `{workspaceId, messageId}`. Answers how many there are.
///
/// # Errors
/// 401, 403, 400.
pub async fn retry(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::of(&body)?;
    let (workspace, message) = (fields.required_id("workspaceId")?, fields.required_id("messageId")?);
    app.member(&caller, workspace).await?;
    let files = app.store.fetch_again(workspace, message, edge::now()).await?;
    app.media.ring();
    Ok(Json(json!({ "success": true, "files": files })))
}

/// Serves a file to whoever has a good link to it: Twilio, or a window.
///
/// # Errors
/// 403 for a link that is not ours or is over, 404 for a file that is gone, 416 for a part that it does not have.
pub async fn serve(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id: FileId = file.parse().map_err(|_| ApiError::NotFound)?;
    let now = edge::now();
    let good = app.media.links.check(id, query.text("expires"), query.text("signature"), now);
    let end = good.map_err(|bad| match bad {
        BadLink::Forged => ApiError::InvalidSignature,
        BadLink::Expired => ApiError::LinkExpired,
    })?;
    let file = app.store.file(id).await?.ok_or(ApiError::FileNotFound)?;
    let size = u64::try_from(file.size).unwrap_or_default();
    let part = match headers.get(header::RANGE).and_then(|range| range.to_str().ok()) {
        Some(range) => part_of(range, size)?,
        None => None,
    };
    let wanted = part.clone().unwrap_or(0..size);
    let content = app.media.objects.get(file.workspace_id, id, wanted.clone()).await?;

    let mut response = Body::from(content).into_response();
    let answered = response.headers_mut();
    let mut set = |name, value: &str| {
        // What cannot stand in a header is left out; nothing of it comes from outside but the type, which is from our list.
        HeaderValue::from_str(value).map(|value| answered.insert(name, value)).is_ok()
    };
    set(header::CONTENT_TYPE, &file.content_type);
    set(header::CONTENT_DISPOSITION, &disposition(&file));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CACHE_CONTROL, &format!("private, max-age={}, immutable", (end - now).num_seconds()));
    if part.is_some() {
        set(header::CONTENT_RANGE, &format!("bytes {}-{}/{size}", wanted.start, wanted.end.saturating_sub(1)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// Whether to show or to save it, and under which name.
fn disposition(file: &File) -> String {
    let how = if kind::is_shown(&file.content_type) { "inline" } else { "attachment" };
    let plain = format!("{how}; filename=\"{}.{}\"", file.id, kind::extension(&file.content_type));
    match &file.name {
        Some(name) => {
            let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            format!("{plain}; filename*=UTF-8''{}", encoded.replace('+', "%20").replace('*', "%2A"))
        }
        None => plain,
    }
}

/// One part of a file, as `Range: bytes=0-99`, `bytes=100-` or `bytes=-100` names it. Several parts, and other units, are answered with the whole.
fn part_of(range: &str, size: u64) -> Result<Option<Range<u64>>, ApiError> {
    let Some((first, last)) = range.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let part = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..size.min(last.saturating_add(1)),
        (Some(first), None) if last.trim().is_empty() => first..size,
        (None, Some(last)) if first.trim().is_empty() => size.saturating_sub(last)..size,
        _ => return Ok(None),
    };
    if part.start >= part.end { Err(ApiError::NoSuchPart) } else { Ok(Some(part)) }
}

impl From<ObjectError> for ApiError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Missing => Self::FileNotFound,
            ObjectError::Failed(_) => Self::Internal(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("bytes=0-3", Some(0..4))]
    #[case("bytes=4-", Some(4..10))]
    #[case("bytes=4-99", Some(4..10))]
    #[case("bytes=-3", Some(7..10))]
    #[case("bytes=-99", Some(0..10))]
    #[case("bytes=3-1", None)]
    #[case("bytes=0-1,4-5", None)]
    #[case("lines=1-2", None)]
    fn a_part_is_read(#[case] range: &str, #[case] expected: Option<Range<u64>>) {
        assert_eq!(part_of(range, 10).unwrap(), expected);
    }

    #[rstest]
    #[case("bytes=10-")]
    #[case("bytes=99-100")]
    #[case("bytes=-0")]
    fn a_part_that_is_not_there_is_refused(#[case] range: &str) {
        assert!(matches!(part_of(range, 10), Err(ApiError::NoSuchPart)));
    }

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        let file = File {
            id: FileId(uuid::Uuid::from_u128(7)),
            workspace_id: WorkspaceId(uuid::Uuid::from_u128(8)),
            content_type: "application/pdf".to_owned(),
            size: 1,
            name: Some("Grüße \"x\".pdf".to_owned()),
        };

        assert_eq!(
            disposition(&file),
            "attachment; filename=\"00000000-0000-0000-0000-000000000007.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22x%22.pdf"
        );
    }
}
