//! Twilio's Message resource: what is asked for when a text is created, and what Twilio says about one.
//!
//! Read leniently. A text that Twilio has taken must never look as if it had not, only because a field has an unknown value.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use deskline_domain::delivery::DeliveryStatus;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

/// Where an outbound text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// One of the account's numbers, in E.164.
    Number(String),
    /// A Messaging Service (`MG…`), which chooses a number.
    MessagingService(String),
}

/// A text to create.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Whom to: E.164 or a short code.
    pub to: String,
    /// Where from.
    pub from: From,
    /// The text, up to 1,600 characters; may be empty when there are files.
    pub body: String,
    /// Public addresses of files, ten at most.
    pub media_urls: Vec<String>,
    /// Where Twilio reports what becomes of it.
    pub status_callback: Option<Url>,
}

impl NewMessage {
    /// The form that Twilio takes.
    pub(crate) fn params(&self) -> Vec<(&'static str, &str)> {
        let mut params = vec![("To", self.to.as_str())];
        params.push(match &self.from {
            From::Number(number) => ("From", number),
            From::MessagingService(sid) => ("MessagingServiceSid", sid),
        });
        if !self.body.is_empty() {
            params.push(("Body", &self.body));
        }
        params.extend(self.media_urls.iter().map(|url| ("MediaUrl", url.as_str())));
        params.extend(self.status_callback.iter().map(|url| ("StatusCallback", url.as_str())));
        params
    }
}

impl std::fmt::Debug for NewMessage {
    /// Without the text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMessage").field("to", &self.to).field("from", &self.from).finish_non_exhaustive()
    }
}

/// Which way a text went, in Twilio's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageDirection {
    /// From a handset to a number of the account.
    Inbound,
    /// Created through the API.
    #[default]
    OutboundApi,
    /// Created during a call.
    OutboundCall,
    /// Created by TwiML in answer to an inbound text.
    OutboundReply,
}

/// A text as Twilio knows it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Message {
    /// `SM…` or `MM…`.
    pub sid: String,
    /// How far it is. A word that nobody has heard of reads as `accepted`: Twilio has it.
    #[serde(default = "accepted", deserialize_with = "status")]
    pub status: DeliveryStatus,
    /// The text.
    #[serde(default, deserialize_with = "or_default")]
    pub body: String,
    /// The sender; missing while a Messaging Service has not chosen one.
    #[serde(default)]
    pub from: Option<String>,
    /// The recipient.
    #[serde(default, deserialize_with = "or_default")]
    pub to: String,
    /// Which way it went.
    #[serde(default, deserialize_with = "lenient")]
    pub direction: MessageDirection,
    /// When Twilio took it. To the second, as all of Twilio's dates.
    #[serde(default, deserialize_with = "rfc2822")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it left; missing while it is queued.
    #[serde(default, deserialize_with = "rfc2822")]
    pub date_sent: Option<DateTime<Utc>>,
    /// Why it failed.
    #[serde(default, deserialize_with = "lenient")]
    pub error_code: Option<i32>,
    /// The same in Twilio's words.
    #[serde(default)]
    pub error_message: Option<String>,
    /// The Messaging Service it was created with.
    #[serde(default)]
    pub messaging_service_sid: Option<String>,
    /// How many files it has. A string on the wire.
    #[serde(default, deserialize_with = "number_in_text")]
    pub num_media: u32,
    /// How many segments it takes, 0 while unknown. A string on the wire.
    #[serde(default, deserialize_with = "number_in_text")]
    pub num_segments: u32,
}

impl std::fmt::Debug for Message {
    /// Without the text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("sid", &self.sid)
            .field("status", &self.status)
            .field("to", &self.to)
            .field("from", &self.from)
            .field("direction", &self.direction)
            .field("error_code", &self.error_code)
            .finish_non_exhaustive()
    }
}

/// Which texts to list; without any condition, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only to this number.
    pub to: Option<String>,
    /// Only from this number. Leave it out for a text that a Messaging Service sent: its number is not known beforehand.
    pub from: Option<String>,
    /// Only texts that were sent, or taken and not sent yet, at or after this time.
    ///
    /// Twilio's own `DateSent` condition knows whole days only and says nothing about texts that still wait to be sent, which
    /// are the very ones that somebody who lost an answer looks for. So this one is applied here: Twilio lists newest first,
    /// and the pages end with the first one that is wholly older.
    pub date_sent_from: Option<DateTime<Utc>>,
}

impl MessageFilter {
    /// When a text was sent, or else taken.
    fn time_of(message: &Message) -> Option<DateTime<Utc>> {
        message.date_sent.or(message.date_created)
    }

    /// Whether a text is asked for. One without any date is.
    pub(crate) fn wants(&self, message: &Message) -> bool {
        match (self.date_sent_from, Self::time_of(message)) {
            // Twilio's dates have no fractions of a second.
            (Some(from), Some(time)) => time.timestamp() >= from.timestamp(),
            _ => true,
        }
    }
}

/// A status in Twilio's words, those included for which the product has no word of its own.
#[must_use]
pub fn status_from_word(word: &str) -> Option<DeliveryStatus> {
    match word {
        "receiving" => Some(DeliveryStatus::Received),
        // Some segments arrived and some did not: not the "delivered" that an agent would take it for.
        "partially_delivered" => Some(DeliveryStatus::Sent),
        word => DeliveryStatus::from_str(word).ok(),
    }
}

const fn accepted() -> DeliveryStatus {
    DeliveryStatus::Accepted
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DeliveryStatus, D::Error> {
    let word = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    Ok(status_from_word(&word).unwrap_or_else(accepted))
}

fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn lenient<'de, D: Deserializer<'de>, T: Default + serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

fn rfc2822<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| DateTime::parse_from_rfc2822(&text).ok()).map(|time| time.with_timezone(&Utc)))
}

fn number_in_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text.parse().unwrap_or(0),
        serde_json::Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_read_as_twilio_writes_it() {
        let message: Message = serde_json::from_value(json!({
            "sid": "SM0123", "status": "queued", "body": "Hi", "from": "+15550001111", "to": "+15552223333",
            "direction": "outbound-api", "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null,
            "error_code": null, "error_message": null, "messaging_service_sid": null, "num_media": "0", "num_segments": "1",
            "price": null, "price_unit": "USD", "subresource_uris": {}, "api_version": "2010-04-01",
        }))
        .unwrap();

        assert_eq!((message.status, message.direction), (DeliveryStatus::Queued, MessageDirection::OutboundApi));
        assert_eq!(message.date_created.unwrap().to_rfc3339(), "2023-08-24T05:01:45+00:00");
        assert_eq!((message.date_sent, message.num_segments), (None, 1));
    }

    #[test]
    fn a_message_of_which_only_the_sid_is_understood_is_still_one_that_twilio_has() {
        let message: Message = serde_json::from_value(json!({
            "sid": "SM0123", "status": "teleporting", "body": null, "to": null, "direction": "sideways",
            "date_created": "yesterday", "error_code": "none", "num_media": [], "num_segments": 3,
        }))
        .unwrap();

        assert_eq!((message.status, message.error_code, message.num_segments), (DeliveryStatus::Accepted, None, 3));
    }

    #[test]
    fn what_is_printed_of_a_message_does_not_contain_its_text() {
        let new = NewMessage {
            to: "+15552223333".to_owned(),
            from: From::Number("+15550001111".to_owned()),
            body: "between us".to_owned(),
            media_urls: vec![],
            status_callback: None,
        };
        let message: Message = serde_json::from_value(json!({ "sid": "SM0123", "body": "between us" })).unwrap();

        assert!(!format!("{new:?} {message:?}").contains("between us"));
    }
}
