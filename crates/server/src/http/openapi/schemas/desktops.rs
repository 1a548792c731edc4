//! What desktops ask and are told, and signing in. Read by [`super::all`].

use serde_json::{Value, json};

use super::{list, named, number, object, text, text_or_null, time, truth};

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

pub(super) fn desktops() -> Value {
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

pub(super) fn signing_in() -> Value {
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
