//! What travels, as JSON Schema. Rows have every column of their tables; programs must expect more of them than are named here.

use serde_json::{Value, json};
use utoipa::openapi::Schema;

/// What an agent can do; a test compares it with the commands of the domain.
const ACTIONS: [&str; 26] = [
    "markRead",
    "markUnread",
    "assign",
    "unassign",
    "setStatus",
    "close",
    "resend",
    "snooze",
    "addLabel",
    "removeLabel",
    "createLabel",
    "updateLabel",
    "deleteLabel",
    "addNote",
    "editNote",
    "deleteNote",
    "createCannedReply",
    "updateCannedReply",
    "deleteCannedReply",
    "renameContact",
    "setAttribute",
    "removeAttribute",
    "mergeContacts",
    "block",
    "unblock",
    "renameMember",
];

/// Every schema with its name.
pub(super) fn all() -> Vec<(String, Schema)> {
    let all = [scalars(), rows(), texts(), workspace(), contacts(), files(), desktops(), signing_in()];
    let named = all.into_iter().filter_map(|group| match group {
        Value::Object(schemas) => Some(schemas),
        _ => None,
    });
    named.flatten().filter_map(|(name, schema)| Some((name, serde_json::from_value(schema).ok()?))).collect()
}

/// An object whose fields are `properties`, of which `required` are always there.
#[expect(clippy::needless_pass_by_value, reason = "called with json! in place")]
fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn list(schema: &str) -> Value {
    json!({ "type": "array", "items": named(schema) })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

fn number() -> Value {
    json!({ "type": "integer", "format": "int64" })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn time_or_null() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn truth() -> Value {
    json!({ "type": "boolean" })
}

fn scalars() -> Value {
    json!({
        "Anything": { "type": "object" },
        "OfWorkspace": object(&["workspaceId"], json!({ "workspaceId": named("Id") })),
        "Id": { "type": "string", "format": "uuid" },
        "Text": text(),
        "Number": number(),
        "Content": { "type": "string", "format": "binary" },
        "Twiml": { "type": "string", "description": "An empty answer: `<Response></Response>`" },
        "Health": object(&["status"], json!({ "status": { "type": "string", "enum": ["ok"] } })),
        "Error": object(&["error"], json!({
            "error": { "type": "string", "description": "What is wrong; the texts are fixed" },
            "code": { "type": ["integer", "string"], "description": "Twilio's code, or a word such as feed_changed" },
            "explanation": { "type": "string", "description": "The same in plain words, and what to do" },
            "message": named("Message"),
        })),
    })
}

fn rows() -> Value {
    json!({
        "Message": object(
            &["id", "workspace_id", "contact_id", "content", "direction", "status", "message_type", "media", "created_at", "updated_at"],
            json!({
                "id": named("Id"), "workspace_id": named("Id"), "contact_id": named("Id"), "content": text(),
                "direction": { "type": "string", "enum": ["inbound", "outbound"] },
                "status": { "type": "string", "enum": [
                    "scheduled", "queued", "accepted", "sending", "sent", "delivered", "read", "received", "canceled", "undelivered", "failed",
                ] },
                "twilio_sid": text_or_null(),
                "message_type": { "type": "string", "enum": ["text", "media"] },
                "media_url": text_or_null(), "media_type": text_or_null(), "media": list("Media"),
                "from_number": text_or_null(), "to_number": text_or_null(),
                "error_code": { "type": ["integer", "null"] }, "error_message": text_or_null(),
                "in_doubt": { "type": "boolean", "description": "Twilio may or may not have it: it is being looked up" },
                "sent_by": text_or_null(), "client_id": text_or_null(), "created_at": time(), "updated_at": time(),
                "send_at": { "type": ["string", "null"], "format": "date-time", "description": "When a text for later leaves" },
            }),
        ),
        "Media": object(&["url"], json!({
            "url": text(),
            "content_type": { "type": ["string", "null"], "description": "As it was told" },
            "state": { "type": "string", "enum": ["waiting", "stored", "failed"],
                "description": "waiting: could not be fetched so far, and is tried again; stored: ask GET /media/link for it; failed: given up" },
            "key": named("Id"),
            "stored_type": { "type": "string", "description": "What our copy is served as" },
            "size": { "type": "integer", "description": "In bytes" },
            "problem": { "type": "string", "description": "Why it is not there, in a plain sentence" },
        })),
        "Contact": object(
            &["id", "workspace_id", "phone", "phone_number", "unread_count", "conversation_status", "created_at", "updated_at"],
            json!({
                "id": named("Id"), "workspace_id": named("Id"), "name": text_or_null(),
                "phone": { "type": "string", "description": "E.164, a short code, or the name of a sender without a number" },
                "phone_number": { "type": "string", "description": "Always equal to phone" },
                "unread_count": { "type": "integer", "minimum": 0 },
                "conversation_status": { "type": "string", "enum": ["Open", "Pending", "Snoozed", "Closed"] },
                "snoozed_until": time_or_null(), "assigned_to": text_or_null(), "labels": list("Id"),
                "attributes": { "type": "object", "additionalProperties": text() }, "blocked_at": time_or_null(),
                "other_phones": { "type": "array", "items": text(), "description": "Of contacts that were merged into this one" },
                "opted_out_at": time_or_null(), "last_message_at": time_or_null(), "created_at": time(), "updated_at": time(),
            }),
        ),
        "Label": object(&["id", "workspace_id", "name", "color"], json!({
            "id": named("Id"), "workspace_id": named("Id"), "name": text(),
            "color": { "type": "string", "pattern": "^#[0-9a-f]{6}$" }, "created_at": time(), "updated_at": time(),
        })),
        "Note": object(&["id", "workspace_id", "contact_id", "author_id", "content"], json!({
            "id": named("Id"), "workspace_id": named("Id"), "contact_id": named("Id"), "author_id": named("Id"), "content": text(),
            "mentions": list("Id"), "edited_at": time_or_null(), "created_at": time(), "updated_at": time(),
        })),
        "CannedReply": object(&["id", "workspace_id", "name", "content"], json!({
            "id": named("Id"), "workspace_id": named("Id"), "name": text(), "content": text(), "created_at": time(), "updated_at": time(),
        })),
        "Member": object(&["id", "workspace_id", "user_id", "role"], json!({
            "id": named("Id"), "workspace_id": named("Id"), "user_id": named("Id"),
            "role": { "type": "string", "enum": ["owner", "admin", "agent"] }, "name": text_or_null(), "email": text_or_null(),
            "created_at": time(), "updated_at": time(),
        })),
    })
}

fn texts() -> Value {
    json!({
        "InboundForm": object(&["AccountSid", "MessageSid", "From", "To"], json!({
            "AccountSid": text(), "MessageSid": text(), "From": text(), "To": text(), "Body": text(), "OptOutType": text(),
            "MessagingServiceSid": text(), "NumMedia": text(), "MediaUrl0": text(), "MediaContentType0": text(),
        })),
        "StatusForm": object(&["AccountSid", "MessageSid", "MessageStatus"], json!({
            "AccountSid": text(), "MessageSid": text(), "MessageStatus": text(), "ErrorCode": text(),
        })),
        "SendSms": object(&["workspaceId", "contactId"], json!({
            "workspaceId": named("Id"), "contactId": named("Id"),
            "message": { "type": "string", "maxLength": 1600, "description": "May be empty when there are files" },
            "mediaUrls": { "type": "array", "maxItems": 10, "items": { "type": "string", "format": "uri" } },
            "clientId": { "type": "string", "maxLength": 200, "description": "The sender's own id, unique in the workspace; a UUID becomes the message's id" },
            "sendAt": { "type": "string", "format": "date-time", "description": "When it is to leave, up to a year ahead; at once when missing" },
            "cancelOnReply": { "type": "boolean", "description": "Whether a text for later is called off when the contact writes first" },
        })),
        "SendSmsReply": object(&["success", "message"], json!({
            "success": truth(), "message": named("Message"), "twilioSid": text_or_null(),
        })),
        "Scheduled": object(&["message", "sendAt", "cancelOnReply"], json!({
            "message": named("Message"), "sendAt": time_or_null(), "cancelOnReply": truth(),
        })),
        "ScheduledList": object(&["scheduled"], json!({ "scheduled": list("Scheduled") })),
        "Reschedule": object(&[], json!({
            "sendAt": time(), "message": { "type": "string", "maxLength": 1600 }, "cancelOnReply": truth(),
            "sendNow": { "type": "boolean", "description": "Its time has come: it leaves at once" },
        })),
        "SaveDraft": object(&["workspaceId", "contactId"], json!({
            "workspaceId": named("Id"), "contactId": named("Id"),
            "content": { "type": ["string", "null"], "maxLength": 10_000, "description": "Missing or blank: sent or deleted, or of files or a note alone" },
            "files": { "type": ["array", "null"], "maxItems": 10, "items": named("Id"),
                "description": "What POST /media called them, in order. Missing: they stay as they are" },
            "reply": { "oneOf": [named("ReplySettings"), { "type": "null" }], "description": "What stands beside them. Missing: it stays as it is" },
            "from": { "type": ["string", "null"], "description": "The number that it is to go out from" },
            "ageMs": { "type": "integer", "minimum": 0, "description": "How long ago it was edited" },
        })),
        "ReplySettings": object(&[], json!({
            "cancelOnReply": { "type": "boolean", "description": "Whether a text for later is called off when the contact writes first" },
            "note": { "type": "string", "maxLength": 10_000, "description": "The private note that was begun and not kept" },
        })),
        "Draft": object(&["contactId", "content", "files", "reply", "from", "editedAt"], json!({
            "contactId": named("Id"), "content": text_or_null(), "files": list("DraftFile"), "reply": named("ReplySettings"),
            "from": text_or_null(), "editedAt": time(),
        })),
        "DraftFile": object(&["id", "name", "contentType", "size", "url"], json!({
            "id": named("Id"), "name": text_or_null(), "contentType": text(), "size": { "type": "integer", "minimum": 0 },
            "url": { "type": "string", "format": "uri", "description": "Good for some hours; mediaUrls of a text take it" },
        })),
        "SavedDraft": object(&["saved", "draft"], json!({ "saved": truth(), "draft": named("Draft") })),
        "DraftsReply": object(&["drafts", "takesFiles", "takesReplies"], json!({
            "drafts": list("Draft"), "takesFiles": truth(), "takesReplies": truth(),
        })),
        "CanceledReply": object(&["success", "message"], json!({ "success": truth(), "message": named("Message") })),
        "LedgerReply": object(&["message", "entries"], json!({ "message": named("Message"), "entries": list("LedgerEntry") })),
        "LedgerEntry": object(&["at", "kind", "status"], json!({
            "at": time(),
            "kind": { "type": "string", "enum": [
                "callback", "accepted", "refused", "rate_limited", "queue_full", "unreachable", "unknown", "retried", "canceled", "expired",
            ] },
            "attempt": { "type": ["integer", "null"], "description": "From 1 on, where it is known" },
            "status": text(), "twilioSid": text_or_null(),
            "code": { "type": ["integer", "null"], "description": "Twilio's, as it came" },
            "explanation": text_or_null(),
            "whoCanFix": { "type": ["string", "null"], "enum": ["agent", "admin", "carrier", "contact", "twilio", null] },
            "by": { "type": ["string", "null"], "description": "The member who decided it" },
        })),
    })
}

fn contacts() -> Value {
    json!({
        "ConsentReply": object(&["success", "contact"], json!({ "success": truth(), "contact": named("Contact") })),
        "Consents": object(&["consents"], json!({ "consents": list("Consent") })),
        "Consent": object(&["decision", "decidedBy", "at"], json!({
            "sender": { "type": ["string", "null"], "description": "The number or Messaging Service that it is about; null is all of them" },
            "decision": { "type": "string", "enum": ["opted_out", "opted_in", "help"] },
            "decidedBy": { "type": "string", "enum": ["contact", "agent", "twilio"] },
            "userId": text_or_null(), "messageId": text_or_null(), "reason": text_or_null(), "at": time(),
        })),
        "History": object(&["lines"], json!({ "lines": list("HistoryLine") })),
        "HistoryLine": object(&["at", "kind", "decidedBy"], json!({
            "at": time(),
            "kind": { "type": "string", "enum": [
                "assigned", "unassigned", "opened", "pending", "closed", "snoozed", "blocked", "unblocked", "merged", "opted_out", "opted_in",
            ] },
            "decidedBy": { "type": "string", "enum": ["contact", "agent", "twilio"] },
            "by": { "type": ["string", "null"], "description": "The agent, where it was one" },
            "assignee": { "type": ["string", "null"], "description": "Whom it was assigned to" },
            "until": time_or_null(),
        })),
        "ChangeConsent": object(&["workspaceId"], json!({
            "workspaceId": named("Id"),
            "reason": { "type": ["string", "null"], "maxLength": 500, "description": "In the agent's words, for the ledger" },
        })),
        "OptOuts": object(&["optOuts", "more"], json!({ "optOuts": list("OptOut"), "more": truth() })),
        "OptOut": object(&["contactId", "phone", "since"], json!({
            "contactId": named("Id"), "name": text_or_null(), "phone": text(), "since": time(),
            "decidedBy": { "type": ["string", "null"], "enum": ["contact", "agent", "twilio", null] },
            "userId": text_or_null(), "reason": text_or_null(),
        })),
        "ImportReply": object(&["created", "known", "duplicate", "invalid", "rows"], json!({
            "created": number(), "known": number(), "duplicate": number(), "invalid": number(),
            "rows": { "type": "array", "items": object(&["line", "outcome"], json!({
                "line": number(),
                "outcome": { "type": "string", "enum": ["created", "known", "duplicate", "invalid"] },
                "phone": text(), "ofLine": number(), "reason": text(),
            })) },
        })),
    })
}

fn workspace() -> Value {
    json!({
        "TestConnection": object(&["workspaceId", "accountSid", "authToken"], json!({
            "workspaceId": named("Id"), "accountSid": text(), "authToken": { "type": "string", "format": "password" },
        })),
        "TestConnectionReply": object(&["success", "phoneNumbers"], json!({ "success": truth(), "phoneNumbers": list("PhoneNumber") })),
        "PhoneNumbers": object(&["phoneNumbers"], json!({ "phoneNumbers": list("PhoneNumber") })),
        "PhoneNumber": object(&["phoneNumber"], json!({
            "sid": text_or_null(), "phoneNumber": text(), "friendlyName": text_or_null(), "capabilities": named("Anything"),
        })),
        "TwilioConfig": object(&["workspaceId", "isConfigured"], json!({
            "workspaceId": named("Id"), "accountSid": text_or_null(), "isConfigured": truth(), "messagingServiceSid": text_or_null(),
        })),
        "Sending": object(&["senders"], json!({
            "defaultNumber": text_or_null(), "messagingServiceSid": text_or_null(),
            "senders": { "type": "array", "items": object(&["sender", "waiting"], json!({
                "sender": text(), "segmentsPerSecond": { "type": ["number", "null"] }, "heldUntil": time_or_null(), "waiting": number(),
            })) },
        })),
        "ChangeSending": object(&["workspaceId"], json!({
            "workspaceId": named("Id"),
            "defaultNumber": { "type": ["string", "null"], "description": "Left out: stays; null: the first number" },
            "messagingServiceSid": { "type": ["string", "null"], "description": "Left out: stays; null: none" },
            "segmentsPerSecond": { "type": "object", "additionalProperties": { "type": ["number", "null"] },
                "description": "By number or Messaging Service; null: no limit" },
        })),
        "DeadLetters": object(&["deadLetters"], json!({ "deadLetters": { "type": "array", "items": object(
            &["twilioSid", "accountSid", "from", "to", "receivedAt"],
            json!({
                "twilioSid": text(), "accountSid": text(), "from": text(), "to": text(), "body": text_or_null(),
                "media": { "type": ["array", "null"], "items": named("Anything") }, "receivedAt": time(),
            }),
        ) } })),
        "Webhooks": object(&["webhookUrl", "numbers"], json!({
            "webhookUrl": text(), "problem": { "type": ["string", "null"], "description": "What keeps Twilio's requests from arriving" },
            "numbers": { "type": "array", "items": object(&["phoneNumber", "told"], json!({ "phoneNumber": text(), "told": text() })) },
        })),
        "Team": object(&["members"], json!({ "members": { "type": "array", "items": object(
            &["userId", "role"],
            json!({
                "userId": named("Id"), "email": text_or_null(), "role": named("Role"),
                "direct": { "type": "boolean", "description": "Whether their desktops may work without the server" },
            }),
        ) } })),
        "Role": { "type": "string", "enum": ["owner", "admin", "agent"] },
        "AddMember": object(&["workspaceId", "email", "role"], json!({
            "workspaceId": named("Id"), "email": text(), "role": named("Role"),
        })),
        "MemberAdded": object(&["userId", "email", "role"], json!({
            "userId": named("Id"), "email": text(), "role": named("Role"),
            "password": { "type": ["string", "null"], "description": "Of somebody new: shown once" },
        })),
        "ChangeRole": object(&["workspaceId", "role"], json!({ "workspaceId": named("Id"), "role": named("Role") })),
        "Retention": object(&["workspaceId"], json!({
            "workspaceId": named("Id"), "days": { "type": ["integer", "null"], "description": "30 to 36500; null: for ever" },
        })),
        "RoutedReply": object(&["success", "message", "contact"], json!({
            "success": truth(), "message": named("Message"), "contact": named("Contact"),
        })),
        "Audit": object(&["twilio", "here", "elsewhere", "matches", "summary", "hours"], json!({
            "accountSid": text_or_null(), "checkedAt": time_or_null(), "windowFrom": time_or_null(), "windowTo": time_or_null(),
            "twilio": number(), "here": number(), "elsewhere": number(), "matches": truth(),
            "imported": number(), "settled": number(), "onlyHere": number(), "problem": text_or_null(),
            "summary": { "type": "string", "description": "Such as: Twilio 412 = here 412, checked 3 minutes ago" },
            "hours": { "type": "array", "items": object(&["number", "hour", "twilio", "here", "elsewhere"], json!({
                "number": text(), "hour": time(), "twilio": number(), "here": number(), "elsewhere": number(),
            })) },
        })),
        "SelfTestReply": object(&["success", "signedUrl"], json!({
            "success": truth(), "signedUrl": { "type": "string", "description": "The address as it arrived" },
        })),
    })
}

fn files() -> Value {
    let link = json!({ "url": { "type": "string", "format": "uri" }, "expiresAt": time(), "contentType": text(), "size": number() });
    let mut upload = link.clone();
    upload["success"] = truth();
    upload["id"] = named("Id");
    upload["warning"] =
        json!({ "type": "string", "description": "What may go wrong with this file, in a plain sentence" });
    json!({
        "FileLink": object(&["url", "expiresAt", "contentType", "size"], link),
        "UploadReply": object(&["success", "id", "url", "expiresAt", "contentType", "size"], upload),
        "RetryFiles": object(&["workspaceId", "messageId"], json!({ "workspaceId": named("Id"), "messageId": named("Id") })),
        "RetryFilesReply": object(&["success", "files"], json!({ "success": truth(), "files": number() })),
    })
}

fn desktops() -> Value {
    json!({
        "SessionReply": object(&["user", "workspaces", "direct", "protocol", "serverVersion"], json!({
            "user": named("User"), "workspaces": list("Workspace"),
            "direct": { "type": "boolean", "description": "Whether POST /auth/direct hands out access" }, "protocol": number(), "serverVersion": text(),
        })),
        "DirectDecision": object(&["workspaceId", "allowed"], json!({ "workspaceId": named("Id"), "allowed": truth() })),
        "DirectDecided": object(&["allowed"], json!({ "allowed": truth() })),
        "DirectAccess": object(&["databaseUrl", "twilioKeys"], json!({
            "databaseUrl": { "type": "string", "description": "With a login role and its password" },
            "databaseCa": { "type": "string", "description": "Who signs the database's certificate, as PEM, where that is nobody whom every system believes" },
            "twilioKeys": list("TwilioKey"), "publicUrl": text_or_null(), "twilioUrl": text_or_null(),
            "issuedAt": { "type": ["string", "null"], "format": "date-time" },
        })),
        "TwilioKey": object(&["accountSid", "sid", "secret"], json!({ "accountSid": text(), "sid": text(), "secret": text() })),
        "DirectReturn": object(&["role"], json!({ "role": text() })),
        "User": object(&["id"], json!({ "id": named("Id"), "email": text_or_null() })),
        "Workspace": object(&["id", "name", "role"], json!({
            "id": named("Id"), "name": text(), "role": { "type": "string", "enum": ["owner", "admin", "agent"] },
        })),
        "SyncPage": { "oneOf": [named("SnapshotPage"), named("ChangePage")] },
        "SnapshotPage": object(&["workspaceId", "feed", "head", "contacts", "messages", "total"], json!({
            "workspaceId": named("Id"), "feed": named("Id"), "head": number(), "contacts": list("Contact"), "messages": list("Message"),
            "next": { "type": ["string", "null"], "description": "What snapshot has to say in the next request; null at the end" },
            "notes": list("Note"), "labels": list("Label"), "cannedReplies": list("CannedReply"), "members": list("Member"),
            "audit": { "type": "object", "description": "What the comparison with Twilio came to, once there was one; on the first page" },
            "total": number(),
        })),
        "ChangePage": object(&["workspaceId", "feed", "after", "upTo", "head", "changes"], json!({
            "workspaceId": named("Id"), "feed": named("Id"), "after": number(), "upTo": number(), "head": number(), "changes": list("Change"),
        })),
        "Change": object(&["seq", "entity", "id", "created"], json!({
            "seq": number(),
            "entity": { "type": "string", "description": "contact, message, label, note, canned_reply, member, or something that a newer server knows" },
            "id": named("Id"), "created": truth(),
            "row": { "type": ["object", "null"], "description": "The row as it stands now; null once it is gone" },
        })),
        "Commands": { "type": "array", "maxItems": 500, "items": named("Command") },
        "Command": object(&["id", "workspaceId", "at", "action"], json!({
            "id": named("Id"), "workspaceId": named("Id"), "at": time(),
            "action": object(&["type"], json!({
                "type": { "type": "string", "enum": ACTIONS, "description": "The other fields depend on it: see docs/protocol.md" },
            })),
        })),
        "CommandsReply": object(&["outcomes"], json!({ "outcomes": list("CommandOutcome") })),
        "CommandOutcome": object(&["outcome"], json!({
            "outcome": { "type": "string", "enum": ["done", "refused"] }, "seq": number(), "at": time(), "reason": text(),
        })),
    })
}

fn signing_in() -> Value {
    json!({
        "SignOutScope": { "type": "string", "enum": ["local", "others", "global"] },
        "GrantType": { "type": "string", "enum": ["password", "refresh_token"] },
        "Grant": object(&[], json!({
            "email": text(), "password": { "type": "string", "format": "password" }, "refresh_token": text(),
        })),
        "Done": object(&["success"], json!({ "success": truth() })),
        "ChangePassword": object(&["currentPassword", "password"], json!({
            "currentPassword": { "type": "string", "format": "password" },
            "password": { "type": "string", "format": "password", "minLength": 8, "maxLength": 1_000 },
        })),
        "TokenReply": object(&["access_token", "refresh_token", "token_type", "expires_in", "user"], json!({
            "access_token": text(), "refresh_token": text(), "token_type": text(), "expires_in": number(), "user": named("User"),
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_understood() {
        let written = [scalars(), rows(), texts(), workspace(), contacts(), files(), desktops(), signing_in()];

        let count: usize = written.iter().map(|group| group.as_object().unwrap().len()).sum();

        assert_eq!(all().len(), count);
    }
}
