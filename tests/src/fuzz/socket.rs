//! The payloads of socket events and of the HTTP bodies that carry the same: JSON that a client made up.

use chrono::Datelike;
use deskline_domain::{command::Command, ids::WorkspaceId, protocol::TellActivity};
use deskline_server::payload;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

/// Whatever is taken is in order, and says the same when it is written down and read again.
pub fn holds(input: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(input) else { return };
    sends(&value);
    if let Ok(told) = serde_json::from_value::<TellActivity>(value.clone()) {
        says_the_same(&told);
        assert!(told.activity.ttl_seconds() <= 60, "nothing that is said right now holds for long");
    }
    if let Ok(command) = serde_json::from_value::<Command>(value.clone()) {
        says_the_same(&command);
        if command.action.check().is_ok() {
            assert!(!has_nul(&serde_json::json!(command.action)), "what is in order can be stored");
        }
    }
    if let Some(id) = value.as_str()
        && let Ok(workspace) = payload::parse_id::<WorkspaceId>("workspaceId", id)
    {
        says_the_same(&workspace);
    }
}

fn sends(value: &Value) {
    match payload::send_sms(value) {
        Err(error) => assert_eq!(error.status().as_u16(), 400, "{error}"),
        Ok(request) => {
            let written = serde_json::json!(request);
            assert!(!has_nul(&written), "what is in order can be stored");
            assert!(request.client_id.as_ref().is_none_or(|id| (1..=200).contains(&id.chars().count())));
            assert!(
                request.media_urls.iter().all(|url| Url::parse(url).is_ok_and(|url| url.scheme().starts_with("http")))
            );
            // RFC 3339 has no years of five digits; a time just before the year 10000 may be one in UTC.
            if request.send_at.is_none_or(|at| (0..10_000).contains(&at.year())) {
                assert_eq!(payload::send_sms(&written).ok().as_ref(), Some(&request), "{written}");
            }
        }
    }
}

fn says_the_same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(told: &T) {
    let written = serde_json::to_string(told).expect("what was read can be written");
    assert_eq!(&serde_json::from_str::<T>(&written).expect("what was written can be read"), told, "{written}");
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
