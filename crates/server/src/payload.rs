//! Reading what clients send, field by field, so that each wrong shape has its own sentence and none is an internal error.
//!
//! Shared by HTTP bodies and socket payloads, which carry the same objects.

use chrono::{DateTime, Utc};
use deskline_domain::protocol::SendSms;
use serde_json::{Map, Value};
use url::Url;

use crate::error::ApiError;

/// The longest client id, in characters.
const MAX_CLIENT_ID: usize = 200;

/// The fields of a JSON object. `null` and an empty text count as missing.
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The fields of an object.
    ///
    /// # Errors
    /// `Missing required fields` for anything else.
    pub fn of(value: &'a Value) -> Result<Self, ApiError> {
        value.as_object().map(Self).ok_or(ApiError::MissingFields)
    }

    fn present(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// A text, if it is there.
    ///
    /// # Errors
    /// When it is something else, or contains a NUL, which no database takes.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, ApiError> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.contains('\0') => {
                Err(ApiError::BadRequest(format!("{name} contains a character that cannot be used (NUL)")))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::BadRequest(format!("{name} must be a text"))),
        }
    }

    /// A text that has to be there.
    ///
    /// # Errors
    /// `Missing required fields`, and as of [`Fields::text`].
    pub fn required_text(&self, name: &str) -> Result<&'a str, ApiError> {
        self.text(name)?.ok_or(ApiError::MissingFields)
    }

    /// An id that has to be there.
    ///
    /// # Errors
    /// `Missing required fields`, or that it is no UUID.
    pub fn required_id<T: std::str::FromStr>(&self, name: &str) -> Result<T, ApiError> {
        parse_id(name, self.required_text(name)?)
    }

    /// A time in RFC 3339, if it is there.
    ///
    /// # Errors
    /// When it is something else, a time without its zone among them.
    pub fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, ApiError> {
        let wrong = || ApiError::BadRequest(format!("{name} must be a time such as 2027-03-01T09:30:00Z"));
        self.text(name)?
            .map(|text| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(|_| wrong()))
            .transpose()
    }

    /// Yes or no, if it is there.
    ///
    /// # Errors
    /// When it is something else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(ApiError::BadRequest(format!("{name} must be true or false"))),
        }
    }

    /// A text that may be changed: `None` where it is missing, `Some(None)` where it is `null` or empty, which clears it.
    ///
    /// # Errors
    /// As of [`Fields::text`].
    pub fn change(&self, name: &str) -> Result<Option<Option<&'a str>>, ApiError> {
        if self.0.contains_key(name) { Ok(Some(self.text(name)?)) } else { Ok(None) }
    }

    /// A list of texts; missing is empty.
    ///
    /// # Errors
    /// When it is something else.
    pub fn texts(&self, name: &str) -> Result<Vec<&'a str>, ApiError> {
        let wrong = || ApiError::BadRequest(format!("{name} must be a list of texts"));
        match self.present(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect(),
            Some(_) => Err(wrong()),
        }
    }
}

/// Reads an id.
///
/// # Errors
/// That it is no UUID.
pub fn parse_id<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| ApiError::BadRequest(format!("{name} must be a UUID")))
}

/// Reads the body of `POST /sms/send-sms` and the payload of `send_message`.
///
/// # Errors
/// `Missing required fields` before anything about the shape of one.
pub fn send_sms(value: &Value) -> Result<SendSms, ApiError> {
    let fields = Fields::of(value)?;
    let has_media = fields.present("mediaUrls").is_some_and(|urls| urls.as_array().is_none_or(|urls| !urls.is_empty()));
    let has_text =
        fields.present("message").is_some_and(|text| text.as_str().is_none_or(|text| !text.trim().is_empty()));
    if !has_text && !has_media || ["workspaceId", "contactId"].iter().any(|name| fields.present(name).is_none()) {
        return Err(ApiError::MissingFields);
    }
    let client_id = fields.text("clientId")?;
    if client_id.is_some_and(|id| id.chars().count() > MAX_CLIENT_ID) {
        return Err(ApiError::BadRequest(format!("clientId must not be longer than {MAX_CLIENT_ID} characters")));
    }
    Ok(SendSms {
        workspace_id: fields.required_id("workspaceId")?,
        contact_id: fields.required_id("contactId")?,
        message: fields.text("message")?.unwrap_or_default().to_owned(),
        media_urls: fields.texts("mediaUrls")?.into_iter().map(media_url).collect::<Result<_, _>>()?,
        client_id: client_id.map(str::to_owned),
        send_at: fields.time("sendAt")?,
        cancel_on_reply: fields.flag("cancelOnReply")?.unwrap_or_default(),
    })
}

fn media_url(text: &str) -> Result<String, ApiError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && !text.contains('\0') => Ok(text.to_owned()),
        _ => Err(ApiError::BadRequest("mediaUrls must be addresses that start with http:// or https://".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const ID: &str = "018f3c2e-7b1a-7000-8000-000000000001";

    #[rstest]
    #[case::nothing(json!(null))]
    #[case::a_list(json!([]))]
    #[case::no_workspace(json!({ "contactId": ID, "message": "hi" }))]
    #[case::empty_contact(json!({ "workspaceId": ID, "contactId": "", "message": "hi" }))]
    #[case::null_message(json!({ "workspaceId": ID, "contactId": ID, "message": null }))]
    #[case::blank_message(json!({ "workspaceId": ID, "contactId": ID, "message": " \n" }))]
    #[case::no_message_and_no_files(json!({ "workspaceId": ID, "contactId": ID, "mediaUrls": [] }))]
    #[case::missing_wins_over_malformed(json!({ "workspaceId": "x", "message": "hi" }))]
    fn what_is_missing_is_called_missing(#[case] body: Value) {
        assert_eq!(send_sms(&body).unwrap_err().to_string(), "Missing required fields");
    }

    #[rstest]
    #[case::workspace(json!({ "workspaceId": "x", "contactId": ID, "message": "hi" }), "workspaceId")]
    #[case::message(json!({ "workspaceId": ID, "contactId": ID, "message": 7 }), "message")]
    #[case::nul(json!({ "workspaceId": ID, "contactId": ID, "message": "a\u{0}b" }), "NUL")]
    #[case::media(json!({ "workspaceId": ID, "contactId": ID, "mediaUrls": "https://x" }), "mediaUrls")]
    #[case::media_scheme(json!({ "workspaceId": ID, "contactId": ID, "mediaUrls": ["file:///etc/passwd"] }), "mediaUrls")]
    #[case::no_time(json!({ "workspaceId": ID, "contactId": ID, "message": "hi", "sendAt": "tomorrow" }), "sendAt")]
    #[case::a_time_without_its_zone(json!({ "workspaceId": ID, "contactId": ID, "message": "hi", "sendAt": "2027-03-01T09:30:00" }), "sendAt")]
    #[case::no_flag(json!({ "workspaceId": ID, "contactId": ID, "message": "hi", "cancelOnReply": "yes" }), "cancelOnReply")]
    #[case::client_id(json!({ "workspaceId": ID, "contactId": ID, "message": "hi", "clientId": "é".repeat(201) }), "clientId")]
    fn what_has_a_wrong_shape_is_named(#[case] body: Value, #[case] named: &str) {
        let error = send_sms(&body).unwrap_err();

        assert!(matches!(error, ApiError::BadRequest(_)) && error.to_string().contains(named), "{error}");
    }

    #[test]
    fn a_good_request_is_read() {
        let body = json!({ "workspaceId": ID, "contactId": ID, "message": "hi", "clientId": "é".repeat(200), "mediaUrls": null });

        let request = send_sms(&body).unwrap();

        assert_eq!((request.message.as_str(), request.media_urls.len()), ("hi", 0));
        assert_eq!(request.client_id.unwrap().chars().count(), 200);
    }
}
