//! `POST /contacts/import`, `GET /contacts/{id}/export` and `GET /export`: contacts in, conversations out. Owners and admins only.

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use deskline_domain::{
    ids::{ContactId, WorkspaceId},
    protocol::ImportReply,
};
use deskline_store::{Exported, Store};
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::{
    caller::Caller,
    extract::{self, Query},
};
use crate::{
    app::App,
    edge,
    error::ApiError,
    import::{self, BadFile},
    payload,
};

/// Lines that wait for a reader before the database is read on.
const READ_AHEAD: usize = 64;

/// Takes a CSV file as the body: `?workspaceId=…[&countryCode=49]`. The header names the columns: `phone`, `name`, and attributes.
///
/// # Errors
/// 400 for what is no such file; 413 for more than a megabyte.
pub async fn import(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
    request: Request,
) -> Result<Json<ImportReply>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let country = query.text("countryCode").map(country_code).transpose()?;
    let file = extract::body(request, &app).await?;
    let new_id = || ContactId::v7(edge::now(), edge::entropy());
    match import::import(&app.store, workspace, &file, country, new_id).await {
        Ok(reply) => Ok(Json(reply)),
        Err(BadFile::Store(error)) => Err(error.into()),
        Err(bad) => Err(ApiError::BadRequest(bad.to_string())),
    }
}

/// Reads a calling code: one to three digits.
///
/// # Errors
/// When it is something else.
pub fn country_code(text: &str) -> Result<&str, ApiError> {
    let digits = text.trim().trim_start_matches('+');
    if (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0') {
        Ok(digits)
    } else {
        Err(ApiError::BadRequest("countryCode must be a calling code such as 1 or 49".to_owned()))
    }
}

/// Everything about a conversation, a JSON object a line: `{"kind": "message", "row": {…}}`.
///
/// # Errors
/// 404 for another workspace's contact. A database that fails on the way breaks the answer off.
pub async fn export(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let contact: ContactId = payload::parse_id("contactId", &id)?;
    app.store.contact(workspace, contact).await?.ok_or(ApiError::ContactNotFound)?;

    Ok(attachment(&app.store, workspace, Some(contact), &format!("conversation-{contact}")))
}

/// `?workspaceId=`: everything that is stored of a workspace, a JSON object a line. No token and no password is in it.
///
/// # Errors
/// 400, 401, 403.
pub async fn export_all(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Response, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    Ok(attachment(&app.store, workspace, None, &format!("workspace-{workspace}")))
}

fn attachment(store: &Store, workspace: WorkspaceId, contact: Option<ContactId>, name: &str) -> Response {
    let mut response = Body::from_stream(lines(store.clone(), workspace, contact)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.jsonl\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// Reads as fast as the other side takes it, and stops when the other side is gone.
fn lines(
    store: Store,
    workspace: WorkspaceId,
    contact: Option<ContactId>,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    tokio::spawn(async move {
        let mut rows = store.export(workspace, contact);
        while let Some(row) = rows.next().await {
            let line = row.map_err(std::io::Error::other).and_then(|row| line(&row));
            let failed = line.is_err();
            if sender.send(line).await.is_err() || failed {
                return;
            }
        }
    });
    stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)))
}

/// One line, its end included.
///
/// # Errors
/// None that can happen: a row is JSON.
pub fn line(row: &Exported) -> std::io::Result<Bytes> {
    let mut line = serde_json::to_vec(row)?;
    line.push(b'\n');
    Ok(line.into())
}
