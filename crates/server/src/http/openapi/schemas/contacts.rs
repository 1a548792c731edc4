//! Contacts, their consent and history, and lists of them that come from elsewhere. Read by [`super::all`].

use serde_json::{Value, json};

use super::{list, named, number, object, text, text_or_null, time, time_or_null, truth};

pub(super) fn contacts() -> Value {
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
