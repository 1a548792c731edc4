//! A workspace's Twilio account, team, lost texts, retention and audit. Read by [`super::all`].

use serde_json::{Value, json};

use super::{list, named, number, object, text, text_or_null, time, time_or_null, truth};

pub(super) fn workspace() -> Value {
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
