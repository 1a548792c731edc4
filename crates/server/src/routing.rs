//! Whose is an inbound text, and what it becomes.
//!
//! Asked by the webhook, by whoever routes a dead letter, and by the audit: one rule and one form of a text for all three.

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{ContactId, MessageId, WorkspaceId},
    keyword::Keyword,
    phone::Sender,
};
use deskline_store::{Known, NewInbound};
use deskline_twilio::InboundForm;
use serde_json::Value;

use crate::edge;

/// The workspaces that may claim a text, the best claim first: those with the Messaging Service (and of these, those with the
/// number), then those with the number. Which of them it is is for the account to say: a number says nothing about who signed.
#[must_use]
pub fn claimants(known: &Known) -> Vec<WorkspaceId> {
    let mut claimants = known.by_service.clone();
    claimants.sort_by_key(|workspace| !known.by_number.contains(workspace));
    for workspace in &known.by_number {
        if !claimants.contains(workspace) {
            claimants.push(*workspace);
        }
    }
    claimants
}

/// A text as the store takes it.
#[must_use]
pub fn new_inbound(
    text: InboundForm,
    workspace_id: WorkspaceId,
    from: Sender,
    raw: Value,
    received_at: DateTime<Utc>,
) -> NewInbound {
    NewInbound {
        id: MessageId::v7(received_at, edge::entropy()),
        contact_id: ContactId::v7(received_at, edge::entropy()),
        workspace_id,
        from,
        to: text.to.or_else(|| text.messaging_service_sid.clone()).unwrap_or_default(),
        service: text.messaging_service_sid,
        twilio_sid: text.message_sid,
        keyword: Keyword::read(text.opt_out_type.as_deref(), &text.body),
        body: text.body,
        media: text.media,
        raw,
        received_at,
    }
}

/// A stored form as it was posted, to be read once more. A name that came several times has a list.
#[must_use]
pub fn form_of(raw: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut params = Vec::new();
    for (name, value) in raw.as_object().into_iter().flatten() {
        match value {
            Value::Array(values) => params.extend(values.iter().map(|value| (name.clone(), text(value)))),
            value => params.push((name.clone(), text(value))),
        }
    }
    params
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stored_form_reads_back_with_names_that_came_twice() {
        let raw = json!({ "Body": "hi", "Extra": ["a", "b"] });

        let pairs = form_of(&raw);

        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("Body", "hi"), ("Extra", "a"), ("Extra", "b")]);
    }
}
