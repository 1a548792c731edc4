//! The forms that Twilio posts: an inbound text, and what became of an outbound one.
//!
//! Read by the server after [`crate::signature::verify`] said that they are Twilio's. Unknown fields are no error, since Twilio
//! adds some at any time; the caller keeps the raw form.

use std::collections::BTreeMap;

use deskline_domain::{
    delivery::DeliveryStatus,
    message::Media,
    phone::{PhoneError, Sender},
};

use crate::{credentials::AccountSid, message::status_from_word};

/// Why a form is none of Twilio's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A field without which nothing can be done is missing or empty.
    #[error("the form has no {0}")]
    Missing(&'static str),
    /// A status that nobody has heard of.
    #[error("\"{0}\" is not a message status")]
    UnknownStatus(String),
}

/// A form field, the first of that name; empty ones count as missing.
fn field<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

fn required<'a>(params: &'a [(String, String)], name: &'static str) -> Result<&'a str, FormError> {
    field(params, name).filter(|value| !value.trim().is_empty()).ok_or(FormError::Missing(name))
}

/// The account that a form says it is for: names the token to verify it with, and is believed only after that.
#[must_use]
pub fn account_sid(params: &[(String, String)]) -> Option<AccountSid> {
    field(params, "AccountSid").map(AccountSid::new)
}

/// An SMS or MMS that somebody sent to one of our numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundForm {
    /// Whose number it came to.
    pub account_sid: AccountSid,
    /// Twilio's id for it; the same one again is the same text again.
    pub message_sid: String,
    /// Who wrote it, as Twilio spells it.
    pub from: String,
    /// Our number. Missing only where `messaging_service_sid` is not.
    pub to: Option<String>,
    /// The Messaging Service that our number belongs to.
    pub messaging_service_sid: Option<String>,
    /// The text; empty where an MMS has none.
    pub body: String,
    /// Every file, in Twilio's order.
    pub media: Vec<Media>,
    /// `STOP`, `START` or `HELP`, where Advanced Opt-Out is on.
    pub opt_out_type: Option<String>,
}

impl InboundForm {
    /// Reads a form.
    ///
    /// # Errors
    /// [`FormError::Missing`] names the field that is missing: `From`, `To`, `MessageSid` or `AccountSid`, in this order.
    pub fn parse(params: &[(String, String)]) -> Result<Self, FormError> {
        let from = required(params, "From")?;
        let messaging_service_sid = field(params, "MessagingServiceSid");
        let to = match required(params, "To") {
            Ok(to) => Some(to),
            Err(_) if messaging_service_sid.is_some() => None,
            Err(missing) => return Err(missing),
        };
        let message_sid = required(params, "MessageSid")?;
        Ok(Self {
            account_sid: AccountSid::new(required(params, "AccountSid")?),
            message_sid: message_sid.to_owned(),
            from: from.trim().to_owned(),
            to: to.map(|to| to.trim().to_owned()),
            messaging_service_sid: messaging_service_sid.map(str::to_owned),
            body: field(params, "Body").unwrap_or_default().to_owned(),
            media: media(params),
            opt_out_type: field(params, "OptOutType").map(str::to_owned),
        })
    }

    /// `From`, read.
    ///
    /// # Errors
    /// [`PhoneError::NotASender`] where it is neither a number, a short code nor an alphanumeric sender.
    pub fn sender(&self) -> Result<Sender, PhoneError> {
        Sender::parse(&self.from)
    }
}

/// `MediaUrl0`, `MediaUrl1`, … with their types. `NumMedia` is not asked: what came is what counts.
fn media(params: &[(String, String)]) -> Vec<Media> {
    let mut types = numbered(params, "MediaContentType");
    numbered(params, "MediaUrl")
        .into_iter()
        .map(|(index, url)| {
            let content_type = types.remove(&index).map(str::to_owned);
            Media { url: url.to_owned(), content_type, ..Media::default() }
        })
        .collect()
}

/// The fields of a name with a number behind it, by their numbers, the first of each; empty ones count as missing.
fn numbered<'a>(params: &'a [(String, String)], name: &str) -> BTreeMap<u32, &'a str> {
    let mut found = BTreeMap::new();
    for (key, value) in params.iter().filter(|(_, value)| !value.is_empty()) {
        // Twilio spells a number in one way: `MediaUrl01` is no other name of `MediaUrl1`.
        let index = key.strip_prefix(name).and_then(|digits| Some((digits, digits.parse::<u32>().ok()?)));
        if let Some((_, index)) = index.filter(|(digits, index)| index.to_string() == *digits) {
            found.entry(index).or_insert(value.as_str());
        }
    }
    found
}

/// What became of an outbound text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusForm {
    /// Whose text.
    pub account_sid: AccountSid,
    /// Twilio's id for it.
    pub message_sid: String,
    /// How far it is now.
    pub status: DeliveryStatus,
    /// Twilio's error code, where something went wrong.
    pub error_code: Option<i32>,
    /// Every field, as it came: for the ledger.
    pub raw: Vec<(String, String)>,
}

impl StatusForm {
    /// Reads a form. `SmsSid` and `SmsStatus` are older names of the same fields.
    ///
    /// # Errors
    /// [`FormError::Missing`] names the missing field, [`FormError::UnknownStatus`] a status that nobody has heard of.
    pub fn parse(params: &[(String, String)]) -> Result<Self, FormError> {
        let message_sid =
            required(params, "MessageSid").or_else(|missing| required(params, "SmsSid").map_err(|_| missing))?;
        let word =
            required(params, "MessageStatus").or_else(|missing| required(params, "SmsStatus").map_err(|_| missing))?;
        Ok(Self {
            account_sid: AccountSid::new(required(params, "AccountSid")?),
            message_sid: message_sid.to_owned(),
            status: status_from_word(word).ok_or_else(|| FormError::UnknownStatus(word.to_owned()))?,
            error_code: field(params, "ErrorCode").and_then(|code| code.trim().parse().ok()).filter(|code| *code != 0),
            raw: params.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const TEXT: &[(&str, &str)] = &[
        ("AccountSid", "AC1"),
        ("MessageSid", "SM1"),
        ("From", "+15551234567"),
        ("To", "+15557654321"),
        ("Body", "Hi"),
    ];

    fn without(name: &str) -> Vec<(String, String)> {
        form(TEXT).into_iter().filter(|(key, _)| key != name).collect()
    }

    #[test]
    fn a_text_is_read_whatever_else_is_in_the_form() {
        let mut fields = form(TEXT);
        fields.push(("SomethingNew".to_owned(), "42".to_owned()));

        let text = InboundForm::parse(&fields).unwrap();

        assert_eq!((text.message_sid.as_str(), text.from.as_str(), text.body.as_str()), ("SM1", "+15551234567", "Hi"));
        assert_eq!(text.to.as_deref(), Some("+15557654321"));
        assert!(text.media.is_empty());
    }

    #[rstest]
    #[case("From")]
    #[case("To")]
    #[case("MessageSid")]
    #[case("AccountSid")]
    fn a_form_without_one_of_these_says_which(#[case] name: &'static str) {
        assert_eq!(InboundForm::parse(&without(name)), Err(FormError::Missing(name)));
    }

    #[test]
    fn an_empty_field_is_a_missing_field() {
        let mut fields = without("From");
        fields.push(("From".to_owned(), " ".to_owned()));

        assert_eq!(InboundForm::parse(&fields), Err(FormError::Missing("From")));
    }

    #[test]
    fn a_messaging_service_stands_in_for_our_number() {
        let mut fields = without("To");
        fields.push(("MessagingServiceSid".to_owned(), "MG1".to_owned()));

        let text = InboundForm::parse(&fields).unwrap();

        assert_eq!((text.to, text.messaging_service_sid.as_deref()), (None, Some("MG1")));
    }

    #[test]
    fn all_files_come_in_their_order_even_when_the_form_is_shuffled() {
        let mut fields = without("Body");
        fields.extend(form(&[
            ("NumMedia", "1"),
            ("MediaUrl10", "https://api.example/10"),
            ("MediaUrl2", "https://api.example/2"),
            ("MediaContentType2", "image/png"),
            ("MediaUrl0", "https://api.example/0"),
            ("MediaUrlX", "https://api.example/x"),
        ]));

        let text = InboundForm::parse(&fields).unwrap();

        assert_eq!(text.body, "");
        let urls: Vec<_> = text.media.iter().map(|file| file.url.rsplit('/').next().unwrap()).collect();
        assert_eq!(urls, ["0", "2", "10"]);
        assert_eq!(text.media[1].content_type.as_deref(), Some("image/png"));
    }

    #[test]
    fn a_file_has_one_number_in_one_spelling() {
        let mut fields = without("Body");
        fields.extend(form(&[
            ("MediaUrl+1", "https://api.example/plus"),
            ("MediaUrl01", "https://api.example/zero"),
            ("MediaUrl1", "https://api.example/1"),
            ("MediaContentType01", "text/plain"),
            ("MediaUrl1", "https://api.example/again"),
        ]));

        let text = InboundForm::parse(&fields).unwrap();

        let expected = Media { url: "https://api.example/1".to_owned(), ..Media::default() };
        assert_eq!(text.media, [expected]);
    }

    #[rstest]
    #[case("delivered", DeliveryStatus::Delivered)]
    #[case("partially_delivered", DeliveryStatus::Sent)]
    #[case("receiving", DeliveryStatus::Received)]
    fn a_status_is_read(#[case] word: &str, #[case] expected: DeliveryStatus) {
        let status =
            StatusForm::parse(&form(&[("AccountSid", "AC1"), ("SmsSid", "SM1"), ("SmsStatus", word)])).unwrap();

        assert_eq!((status.status, status.error_code), (expected, None));
    }

    #[test]
    fn a_failure_brings_its_code() {
        let fields = form(&[
            ("AccountSid", "AC1"),
            ("MessageSid", "SM1"),
            ("MessageStatus", "undelivered"),
            ("ErrorCode", "30007"),
        ]);

        let status = StatusForm::parse(&fields).unwrap();

        assert_eq!((status.status, status.error_code), (DeliveryStatus::Undelivered, Some(30007)));
        assert_eq!(status.raw, fields);
    }

    #[test]
    fn a_status_that_nobody_knows_is_an_error_that_names_it() {
        let fields = form(&[("AccountSid", "AC1"), ("MessageSid", "SM1"), ("MessageStatus", "teleported")]);

        assert_eq!(StatusForm::parse(&fields), Err(FormError::UnknownStatus("teleported".to_owned())));
    }

    proptest! {
        #[test]
        fn no_form_makes_reading_panic(fields in prop::collection::vec((
            prop_oneof!["From", "To", "MessageSid", "AccountSid", "MediaUrl[0-9]{0,12}", "NumMedia", "MessageStatus", "ErrorCode"],
            "\\PC{0,20}",
        ), 0..16)) {
            if let Ok(text) = InboundForm::parse(&fields) {
                prop_assert!(!text.from.is_empty() && !text.message_sid.is_empty());
            }
            let _ = StatusForm::parse(&fields);
        }

        #[test]
        fn a_body_arrives_as_it_was_written(body in "(?s).{0,200}") {
            let mut fields = without("Body");
            fields.push(("Body".to_owned(), body.clone()));

            prop_assert_eq!(InboundForm::parse(&fields).unwrap().body, body);
        }
    }
}
