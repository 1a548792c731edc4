//! A request to each route, a payload of each event and one of each command, about rows whose ids are given.

use deskline_domain::{
    command::Action,
    contact::ConversationStatus,
    ids::{CannedReplyId, ContactId, FileId, LabelId, MessageId, NoteId, UserId, WorkspaceId},
    protocol::Ask,
};
use deskline_twilio::{AuthToken, signature};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Route;
use crate::media::PNG;

/// Whose, and which rows.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    pub(crate) workspace: WorkspaceId,
    pub(crate) contact: ContactId,
    pub(crate) other_contact: ContactId,
    /// A text that Twilio refused.
    pub(crate) failed: MessageId,
    /// A text for later.
    pub(crate) scheduled: MessageId,
    /// A text with a file.
    pub(crate) inbound: MessageId,
    pub(crate) file: FileId,
    pub(crate) letter: String,
    pub(crate) label: LabelId,
    pub(crate) note: NoteId,
    pub(crate) canned_reply: CannedReplyId,
    pub(crate) user: UserId,
    pub(crate) account: String,
    pub(crate) number: String,
}

impl Ids {
    /// Ids that are nobody's.
    pub(crate) fn nowhere() -> Self {
        let id = || Uuid::from_bytes(deskline_server::edge::entropy());
        Self {
            workspace: WorkspaceId(id()),
            contact: ContactId(id()),
            other_contact: ContactId(id()),
            failed: MessageId(id()),
            scheduled: MessageId(id()),
            inbound: MessageId(id()),
            file: FileId(id()),
            letter: format!("SM{}", id().simple()),
            label: LabelId(id()),
            note: NoteId(id()),
            canned_reply: CannedReplyId(id()),
            user: UserId(id()),
            account: format!("AC{}", id().simple()),
            number: "+15550000000".to_owned(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Vec<(&'static str, String)>,
    form: Vec<(String, String)>,
}

impl Request {
    fn get(path: String) -> Self {
        Self { path, body: Vec::new(), headers: Vec::new(), form: Vec::new() }
    }

    fn json(path: impl Into<String>, body: &Value) -> Self {
        Self::content(path.into(), "application/json", body.to_string().into_bytes())
    }

    fn content(path: String, kind: &'static str, body: Vec<u8>) -> Self {
        Self { path, body, headers: vec![("Content-Type", kind.to_owned())], form: Vec::new() }
    }

    fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let form: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        Self { form, ..Self::content(path.to_owned(), "application/x-www-form-urlencoded", body.into_bytes()) }
    }

    pub(crate) fn without_a_body(self) -> Self {
        Self { body: Vec::new(), ..self }
    }

    /// The same with a signature of Twilio's that is good for another account.
    pub(crate) fn signed_by(&self, token: &AuthToken, public_url: &str) -> Self {
        let mut signed = self.clone();
        if !self.form.is_empty() {
            let signature = signature::sign(token, &format!("{public_url}{}", self.path), &self.form);
            signed.headers.push(("X-Twilio-Signature", signature));
        }
        signed
    }
}

/// A request that would do something if it were allowed.
pub(super) fn request(route: &Route, ids: &Ids) -> Request {
    let Ids { workspace, contact, failed, scheduled, inbound, file, letter, user, .. } = ids;
    let of_workspace = json!({ "workspaceId": workspace });
    let at = |path: &str| Request::get(format!("{path}?workspaceId={workspace}"));
    match (route.method.as_str(), route.path.as_str()) {
        ("post", path @ "/sms/send-sms") => {
            Request::json(path, &json!({ "workspaceId": workspace, "contactId": contact, "message": "hi" }))
        }
        ("get", path @ "/sms/scheduled") => Request::get(format!("{path}?workspaceId={workspace}&contactId={contact}")),
        ("post", "/messages/{id}/schedule") => {
            Request::json(format!("/messages/{scheduled}/schedule"), &json!({ "message": "something else" }))
        }
        ("post", "/messages/{id}/cancel") => Request::json(format!("/messages/{scheduled}/cancel"), &json!({})),
        ("post", "/messages/{id}/retry") => Request::json(format!("/messages/{failed}/retry"), &json!({})),
        ("get", "/messages/{id}/ledger") => Request::get(format!("/messages/{failed}/ledger")),
        ("post", path @ "/twilio/test-connection") => {
            let wrong =
                json!({ "workspaceId": workspace, "accountSid": format!("AC{}", "0".repeat(32)), "authToken": "x" });
            Request::json(path, &wrong)
        }
        (
            "get",
            path @ ("/twilio/config"
            | "/twilio/phone-numbers"
            | "/twilio/dead-letters"
            | "/twilio/audit"
            | "/twilio/sending"
            | "/twilio/webhooks"
            | "/team"
            | "/retention"
            | "/export"),
        ) => at(path),
        ("post", path @ "/twilio/sending") => {
            Request::json(path, &json!({ "workspaceId": workspace, "defaultNumber": null }))
        }
        ("post", path @ "/twilio/webhooks") => Request::json(path, &of_workspace),
        ("post", path @ "/team") => {
            Request::json(path, &json!({ "workspaceId": workspace, "email": "new@example.com", "role": "agent" }))
        }
        // Nobody: an admin may not touch the owner, and nobody is to be missing afterwards.
        ("post", "/team/{userId}") => {
            let nobody = Uuid::from_bytes(deskline_server::edge::entropy());
            Request::json(format!("/team/{nobody}"), &json!({ "workspaceId": workspace, "role": "agent" }))
        }
        ("post", "/team/{userId}/remove") => {
            let nobody = Uuid::from_bytes(deskline_server::edge::entropy());
            Request::json(format!("/team/{nobody}/remove"), &of_workspace)
        }
        ("post", path @ "/retention") => Request::json(path, &json!({ "workspaceId": workspace, "days": 365 })),
        ("post", "/twilio/dead-letters/{sid}/route") => {
            Request::json(format!("/twilio/dead-letters/{letter}/route"), &of_workspace)
        }
        ("post", "/contacts/{id}/opt-out") => Request::json(format!("/contacts/{contact}/opt-out"), &of_workspace),
        ("post", "/contacts/{id}/opt-in") => Request::json(format!("/contacts/{contact}/opt-in"), &of_workspace),
        ("get", path @ "/opt-outs") => at(path),
        ("get", "/contacts/{id}/consents") => at(&format!("/contacts/{contact}/consents")),
        ("get", "/contacts/{id}/history") => at(&format!("/contacts/{contact}/history")),
        ("get", "/contacts/{id}/export") => at(&format!("/contacts/{contact}/export")),
        ("post", path @ "/contacts/import") => {
            let csv = b"phone,name\n+15557770077,Zoe\n".to_vec();
            Request::content(format!("{path}?workspaceId={workspace}"), "text/csv", csv)
        }
        ("post", path @ "/media") => {
            Request::content(format!("{path}?workspaceId={workspace}"), "image/png", PNG.to_vec())
        }
        ("get", path @ "/media/link") => {
            Request::get(format!("{path}?workspaceId={workspace}&messageId={inbound}&index=0"))
        }
        ("post", path @ "/media/retry") => {
            Request::json(path, &json!({ "workspaceId": workspace, "messageId": inbound }))
        }
        ("get", "/media/{file}") => {
            Request::get(format!("/media/{file}?expires=4102444800&signature={}", "0".repeat(64)))
        }
        ("get", path @ "/sync") => Request::get(format!("{path}?workspaceId={workspace}&snapshot=start")),
        ("get", path @ "/drafts") => at(path),
        ("post", path @ "/drafts") => Request::json(
            path,
            &json!({
                "workspaceId": workspace, "contactId": contact, "content": "Hello, I", "files": [file],
                "reply": { "cancelOnReply": true, "note": "asks for" },
            }),
        ),
        ("post", path @ "/commands") => {
            let action = Action::MarkUnread { contact_id: *contact };
            let id = Uuid::from_bytes(deskline_server::edge::entropy());
            Request::json(
                path,
                &json!([{ "id": id, "workspaceId": workspace, "at": "2026-11-01T12:00:00Z", "action": action }]),
            )
        }
        ("get", path @ ("/session" | "/metrics" | "/healthz" | "/readyz" | "/openapi.json")) => {
            Request::get(path.to_owned())
        }
        ("post", "/members/{user}/direct") => {
            Request::json(format!("/members/{user}/direct"), &json!({ "workspaceId": workspace, "allowed": false }))
        }
        ("post", path @ "/auth/password") => {
            Request::json(path, &json!({ "currentPassword": "correct horse", "password": "battery staple" }))
        }
        ("post", path @ "/auth/direct") => Request::json(path, &json!({})),
        ("post", path @ "/auth/direct/return") => {
            Request::json(path, &json!({ "role": format!("deskline_agent_{}", "0".repeat(32)) }))
        }
        ("post", path @ "/auth/v1/logout") => Request::json(format!("{path}?scope=local"), &json!({})),
        ("post", path @ "/auth/v1/token") => {
            Request::json(format!("{path}?grant_type=refresh_token"), &json!({ "refresh_token": "never given out" }))
        }
        ("post", path @ "/twilio/webhook") => {
            let (from, sid) = ("+15557770066", "SM00000000000000000000000000000066");
            Request::form(
                path,
                &[
                    ("AccountSid", &ids.account),
                    ("MessageSid", sid),
                    ("From", from),
                    ("To", &ids.number),
                    ("Body", "hi"),
                ],
            )
        }
        ("post", path @ "/twilio/status") => Request::form(
            &format!("{path}?message={failed}"),
            &[
                ("AccountSid", &ids.account),
                ("MessageSid", "SM00000000000000000000000000000067"),
                ("MessageStatus", "delivered"),
            ],
        ),
        ("post", path @ "/twilio/self-test") => Request::form(path, &[("AccountSid", &ids.account)]),
        (method, path) => panic!("{method} {path} is new: say here how a stranger would ask for it"),
    }
}

/// A payload that would do something if it were allowed.
pub(crate) fn payload(event: Ask, ids: &Ids) -> Value {
    let Ids { workspace, contact, failed, .. } = ids;
    match event {
        Ask::JoinWorkspace => json!(workspace),
        Ask::FollowChanges => json!({ "workspaceId": workspace }),
        Ask::SendMessage => json!({ "workspaceId": workspace, "contactId": contact, "message": "hi" }),
        Ask::RetryMessage => json!({ "messageId": failed }),
        Ask::Activity => json!({ "workspaceId": workspace, "activity": { "type": "typing", "contactId": contact } }),
    }
}

/// One command of each kind.
pub(crate) fn actions(ids: &Ids) -> impl Iterator<Item = Action> {
    std::iter::successors(after(None, ids), |before| after(Some(before), ids))
}

/// The command that comes after another: a new one does not compile before it has its place here.
fn after(before: Option<&Action>, ids: &Ids) -> Option<Action> {
    let &Ids {
        contact: contact_id,
        other_contact: from,
        inbound,
        failed: message_id,
        label: label_id,
        note: note_id,
        canned_reply: canned_reply_id,
        user: user_id,
        ..
    } = ids;
    let (text, color) = (|| "Text".to_owned(), || "#000000".to_owned());
    let (name, content, mentions) = (text, text, Vec::new);
    let Some(before) = before else { return Some(Action::MarkRead { contact_id, up_to: Some(inbound) }) };
    Some(match before {
        Action::MarkRead { .. } => Action::MarkUnread { contact_id },
        Action::MarkUnread { .. } => Action::Assign { contact_id, user_id },
        Action::Assign { .. } => Action::Unassign { contact_id },
        Action::Unassign { .. } => Action::SetStatus { contact_id, status: ConversationStatus::Closed },
        Action::SetStatus { .. } => Action::Close { contact_id, seen: Some(inbound) },
        Action::Close { .. } => Action::Resend { contact_id, message_id, seen: Some(inbound) },
        Action::Resend { .. } => {
            Action::Snooze { contact_id, until: deskline_server::edge::now() + chrono::TimeDelta::hours(1) }
        }
        Action::Snooze { .. } => Action::AddLabel { contact_id, label_id },
        Action::AddLabel { .. } => Action::RemoveLabel { contact_id, label_id },
        Action::RemoveLabel { .. } => Action::CreateLabel { label_id, name: name(), color: color() },
        Action::CreateLabel { .. } => Action::UpdateLabel { label_id, name: name(), color: color() },
        Action::UpdateLabel { .. } => Action::DeleteLabel { label_id },
        Action::DeleteLabel { .. } => Action::AddNote { contact_id, note_id, content: content(), mentions: mentions() },
        Action::AddNote { .. } => Action::EditNote { note_id, content: content(), mentions: mentions() },
        Action::EditNote { .. } => Action::DeleteNote { note_id },
        Action::DeleteNote { .. } => Action::CreateCannedReply { canned_reply_id, name: name(), content: content() },
        Action::CreateCannedReply { .. } => {
            Action::UpdateCannedReply { canned_reply_id, name: name(), content: content() }
        }
        Action::UpdateCannedReply { .. } => Action::DeleteCannedReply { canned_reply_id },
        Action::DeleteCannedReply { .. } => Action::RenameContact { contact_id, name: name() },
        Action::RenameContact { .. } => Action::SetAttribute { contact_id, name: "size".to_owned(), value: text() },
        Action::SetAttribute { .. } => Action::RemoveAttribute { contact_id, name: "size".to_owned() },
        Action::RemoveAttribute { .. } => Action::Block { contact_id },
        Action::Block { .. } => Action::Unblock { contact_id },
        Action::Unblock { .. } => Action::RenameMember { user_id, name: name() },
        Action::RenameMember { .. } => Action::MergeContacts { contact_id, from },
        Action::MergeContacts { .. } => return None,
    })
}

/// Whether it names a row that is yet to be made.
pub(super) const fn makes_an_id(action: &Action) -> bool {
    matches!(action, Action::CreateLabel { .. } | Action::CreateCannedReply { .. } | Action::AddNote { .. })
}
