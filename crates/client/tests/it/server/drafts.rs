//! What agents have begun, at the server in memory: one version a contact, the one that was edited last.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json,
    extract::State as Shared,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::ContactId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{State, error};

/// Drafts as one server keeps them.
#[derive(Default)]
pub(crate) struct Drafts {
    /// Whether it knows of files: an older one does not.
    pub(crate) takes_files: bool,
    /// The same for reply settings.
    pub(crate) takes_replies: bool,
    /// Whether versions are turned away for now.
    pub(crate) busy: bool,
    versions: BTreeMap<Uuid, Value>,
    edits: i64,
}

impl Drafts {
    /// None so far.
    pub(crate) fn taking_files(takes_files: bool) -> Self {
        Self { takes_files, ..Self::default() }
    }

    /// The version of a draft, without a content once it was sent.
    pub(crate) fn of(&self, contact: ContactId) -> Option<&Value> {
        self.versions.get(&contact.0)
    }

    /// Names of the files of a draft, in order.
    pub(crate) fn files(&self, contact: ContactId) -> Vec<Uuid> {
        let files = self.of(contact).map(|draft| draft["files"].as_array().cloned().unwrap_or_default());
        files.unwrap_or_default().iter().map(|file| file["id"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// A version from another desktop, with the reply settings that were there.
    pub(crate) fn put(&mut self, contact: ContactId, content: Option<&str>, files: &Value, at: DateTime<Utc>) {
        let reply = self.of(contact).map_or_else(|| json!({}), |row| row["reply"].clone());
        let row = json!({
            "contactId": contact, "content": content, "from": null, "files": files, "reply": reply, "editedAt": at,
        });
        self.versions.insert(contact.0, row);
    }

    /// A version from another desktop in which the reply settings alone are others.
    pub(crate) fn put_reply(&mut self, contact: ContactId, reply: Value, at: DateTime<Utc>) {
        let (content, files) = match self.of(contact) {
            Some(row) => (row["content"].as_str().map(str::to_owned), row["files"].clone()),
            None => (None, json!([])),
        };
        self.put(contact, content.as_deref(), &files, at);
        self.versions.get_mut(&contact.0).unwrap()["reply"] = reply;
    }
}

impl State {
    /// When an edit was that is so old. Each version is some seconds after the one before, whatever the desktop's clock does.
    fn edited_at(&self, age: i64) -> DateTime<Utc> {
        let edits = self.drafts.as_ref().map_or(0, |drafts| drafts.edits);
        self.now() + TimeDelta::seconds(10 * edits) - TimeDelta::milliseconds(age)
    }
}

pub(super) async fn list(Shared(app): Shared<Arc<Mutex<State>>>, headers: HeaderMap) -> Response {
    let state = app.lock().unwrap();
    let Some(drafts) = &state.drafts else { return StatusCode::NOT_FOUND.into_response() };
    let host = headers["host"].to_str().unwrap();
    let there = |row: &&Value| {
        !row["content"].is_null()
            || row["files"].as_array().is_some_and(|all| !all.is_empty())
            || drafts.takes_replies
                && (row["reply"]["cancelOnReply"] == true
                    || row["reply"]["note"].as_str().is_some_and(|note| !note.is_empty()))
    };
    let rows = drafts.versions.values().filter(there).map(|row| shown(row, drafts, host));
    let mut reply = json!({ "drafts": rows.collect::<Vec<_>>(), "takesFiles": drafts.takes_files });
    if drafts.takes_replies {
        reply["takesReplies"] = json!(true);
    }
    Json(reply).into_response()
}

pub(super) async fn save(
    Shared(app): Shared<Arc<Mutex<State>>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let mut state = app.lock().unwrap();
    let edited_at = state.edited_at(body["ageMs"].as_i64().unwrap());
    let files: Option<Vec<Value>> = body["files"].as_array().map(|ids| {
        let known = |id: &Value| {
            let id: Uuid = id.as_str().unwrap().parse().unwrap();
            let (content_type, name, content) = state.files.get(&id)?;
            Some(json!({ "id": id, "name": name, "contentType": content_type, "size": content.len() }))
        };
        ids.iter().filter_map(known).collect()
    });
    let Some(drafts) = &mut state.drafts else { return StatusCode::NOT_FOUND.into_response() };
    if drafts.busy {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(error("Not now"))).into_response();
    }
    drafts.edits += 1;
    let id: Uuid = body["contactId"].as_str().unwrap().parse().unwrap();
    let before = drafts.versions.get(&id).cloned();
    let newer = before
        .as_ref()
        .is_none_or(|row| row["editedAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() < edited_at);
    if newer {
        let kept = before.map_or(json!([]), |row| row["files"].clone());
        let files = files.filter(|_| drafts.takes_files).map_or(kept, Value::from);
        drafts.put(ContactId(id), body["content"].as_str(), &files, edited_at);
        if drafts.takes_replies && body["reply"].is_object() {
            drafts.put_reply(ContactId(id), body["reply"].clone(), edited_at);
        }
    }
    let host = headers["host"].to_str().unwrap();
    let draft = shown(&drafts.versions[&id], drafts, host);
    Json(json!({ "saved": newer, "draft": draft })).into_response()
}

/// As it is answered: with links, and by an older server without files or reply settings.
fn shown(row: &Value, drafts: &Drafts, host: &str) -> Value {
    let mut row = row.clone();
    if !drafts.takes_replies {
        row.as_object_mut().unwrap().remove("reply");
    }
    if !drafts.takes_files {
        row.as_object_mut().unwrap().remove("files");
        return row;
    }
    for file in row["files"].as_array_mut().unwrap() {
        file["url"] = json!(format!("http://{host}/media/{}?expires=1&signature=x", file["id"].as_str().unwrap()));
    }
    row
}
