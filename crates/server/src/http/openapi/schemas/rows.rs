//! Rows, with every column of their tables. Read by [`super::all`].

use serde_json::{Value, json};

use super::{list, named, object, text, text_or_null, time, time_or_null};

pub(super) fn rows() -> Value {
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
