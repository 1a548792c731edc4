//! The body of a webhook or a status callback.

use deskline_server::{form, routing};
use deskline_twilio::{InboundForm, StatusForm};
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

/// What was read is read again from what a browser would write, and from what the store keeps.
pub fn holds(body: &[u8]) {
    let Ok(params) = form::parse(body) else { return };
    let written = Serializer::new(String::new()).extend_pairs(&params).finish();
    assert_eq!(form::parse(written.as_bytes()).as_ref(), Ok(&params), "it was written as {written}");

    let kept = routing::form_of(&kept(&params));
    assert_eq!(by_name(&kept), by_name(&params), "nothing is lost in the store");

    let text = InboundForm::parse(&params);
    assert_eq!(InboundForm::parse(&kept), text, "a dead letter is the same text again");
    if let Ok(text) = text {
        assert!(!text.from.is_empty() && !text.message_sid.is_empty() && !text.account_sid.as_str().is_empty());
        assert!(text.to.is_some() || text.messaging_service_sid.is_some());
        assert!(text.media.len() <= params.len() && text.media.iter().all(|file| !file.url.is_empty()));
        if let Ok(sender) = text.sender() {
            assert!(!sender.as_str().contains('\0'));
        }
    }
    if let Ok(status) = StatusForm::parse(&params) {
        assert_eq!(status.raw, params);
        assert_ne!(status.error_code, Some(0), "0 is Twilio's way to say none");
    }
}

/// A form as the store keeps it: a name that came several times has a list.
fn kept(params: &[(String, String)]) -> Value {
    let mut object = Map::new();
    for (name, value) in params {
        let values = object.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(value.clone().into());
        }
    }
    for values in object.values_mut() {
        if let Some([only]) = values.as_array_mut().map(Vec::as_mut_slice) {
            *values = only.take();
        }
    }
    Value::Object(object)
}

/// The same with names in order; the values of one name stay as they came.
fn by_name(params: &[(String, String)]) -> Vec<&(String, String)> {
    let mut sorted: Vec<_> = params.iter().collect();
    sorted.sort_by_key(|(name, _)| name);
    sorted
}
