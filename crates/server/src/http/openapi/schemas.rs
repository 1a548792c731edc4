//! What travels, as JSON Schema. Rows have every column of their tables; programs must expect more of them than are named here.

use serde_json::{Value, json};
use utoipa::openapi::Schema;

/// Every schema with its name.
pub(super) fn all() -> Vec<(String, Schema)> {
    let all = [scalars(), rows(), texts(), workspace(), files(), desktops(), signing_in()];
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
        "Twiml": { "type": "string", "const": "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>" },
        "Health": object(&["status"], json!({ "status": { "type": "string", "const": "ok" } })),
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
                "opted_out_at": time_or_null(), "last_message_at": time_or_null(), "created_at": time(), "updated_at": time(),
            }),
        ),
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
        })),
        "SendSmsReply": object(&["success", "message"], json!({
            "success": truth(), "message": named("Message"), "twilioSid": text_or_null(),
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
        "SessionReply": object(&["user", "workspaces", "protocol", "serverVersion"], json!({
            "user": named("User"), "workspaces": list("Workspace"), "protocol": number(), "serverVersion": text(),
        })),
        "User": object(&["id"], json!({ "id": named("Id"), "email": text_or_null() })),
        "Workspace": object(&["id", "name", "role"], json!({
            "id": named("Id"), "name": text(), "role": { "type": "string", "enum": ["owner", "admin", "agent"] },
        })),
        "SyncPage": { "oneOf": [named("SnapshotPage"), named("ChangePage")] },
        "SnapshotPage": object(&["workspaceId", "feed", "head", "contacts", "messages", "total"], json!({
            "workspaceId": named("Id"), "feed": named("Id"), "head": number(), "contacts": list("Contact"), "messages": list("Message"),
            "next": { "type": ["string", "null"], "description": "What snapshot has to say in the next request; null at the end" },
            "audit": { "type": "object", "description": "What the comparison with Twilio came to, once there was one; on the first page" },
            "total": number(),
        })),
        "ChangePage": object(&["workspaceId", "feed", "after", "upTo", "head", "changes"], json!({
            "workspaceId": named("Id"), "feed": named("Id"), "after": number(), "upTo": number(), "head": number(), "changes": list("Change"),
        })),
        "Change": object(&["seq", "entity", "id", "created"], json!({
            "seq": number(),
            "entity": { "type": "string", "description": "contact, message, or something that a newer server knows" },
            "id": named("Id"), "created": truth(),
            "row": { "type": ["object", "null"], "description": "A Contact or Message as it stands now; null once it is gone" },
        })),
        "Commands": { "type": "array", "maxItems": 500, "items": named("Command") },
        "Command": object(&["id", "workspaceId", "at", "action"], json!({
            "id": named("Id"), "workspaceId": named("Id"), "at": time(),
            "action": object(&["type"], json!({ "type": { "type": "string", "description": "Such as markRead; the other fields depend on it" } })),
        })),
        "CommandsReply": object(&["outcomes"], json!({ "outcomes": list("CommandOutcome") })),
        "CommandOutcome": object(&["outcome"], json!({
            "outcome": { "type": "string", "enum": ["done", "refused"] }, "seq": number(), "at": time(), "reason": text(),
        })),
    })
}

fn signing_in() -> Value {
    json!({
        "GrantType": { "type": "string", "enum": ["password", "refresh_token"] },
        "Grant": object(&[], json!({
            "email": text(), "password": { "type": "string", "format": "password" }, "refresh_token": text(),
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
        let written = [scalars(), rows(), texts(), workspace(), files(), desktops(), signing_in()];

        let count: usize = written.iter().map(|group| group.as_object().unwrap().len()).sum();

        assert_eq!(all().len(), count);
    }
}
