//! Texts, drafts and files: what is asked and what is answered. Read by [`super::all`].

use serde_json::{Value, json};

use super::{list, named, number, object, text, text_or_null, time, time_or_null, truth};

pub(super) fn texts() -> Value {
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

pub(super) fn files() -> Value {
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
