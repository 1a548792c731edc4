//! Who a text comes from or goes to, as Twilio spells it.
//!
//! [`PhoneNumber`] is a number that can be texted (E.164). [`Sender`] is whatever may stand in a webhook's `From`:
//! also a short code or an alphanumeric name. Parsing is the only way in, so a held value is always well formed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number in E.164 form (ITU-T E.164, section 6): `+`, then 2 to 15 digits, the first of them not 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "String", into = "String")]
#[ts(export, as = "String")]
pub struct PhoneNumber(String);

/// Why a text is no phone number, or no sender.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Not `+` and 2 to 15 digits.
    #[error("\"{0}\" is not a phone number in international form, such as +15551234567")]
    NotE164(String),
    /// Neither a number, a short code nor an alphanumeric sender.
    #[error("\"{0}\" is no sender that a text can come from")]
    NotASender(String),
}

impl PhoneNumber {
    /// Reads an E.164 number. White space around it is dropped; spaces, dots, dashes and brackets inside it too.
    ///
    /// # Errors
    /// [`PhoneError::NotE164`] with the text as it came.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let compact: String =
            text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}')).collect();
        let digits = compact.strip_prefix('+').unwrap_or_default();
        let well_formed =
            (2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if well_formed { Ok(Self(compact)) } else { Err(PhoneError::NotE164(text.to_owned())) }
    }

    /// The number, `+` first.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::parse(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

/// Where a text can come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A number that can be answered.
    Number(PhoneNumber),
    /// 3 to 8 digits without a `+`.
    ShortCode(String),
    /// Up to 11 characters, at least one of them a letter: a name such as `Booking.com`. Cannot be answered.
    Alphanumeric(String),
}

impl Sender {
    /// Reads a webhook's `From`.
    ///
    /// # Errors
    /// [`PhoneError::NotASender`] for anything that a carrier would not deliver from.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let text = text.trim();
        if let Ok(number) = PhoneNumber::parse(text) {
            return Ok(Self::Number(number));
        }
        if (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self::ShortCode(text.to_owned()));
        }
        // Whatever the networks carry. Twilio lets its own customers use fewer characters than others send with.
        let printable = |c: char| c.is_alphanumeric() || " &+-_.,'/@*#!".contains(c);
        if (1..=11).contains(&text.chars().count())
            && text.chars().all(printable)
            && text.chars().any(char::is_alphabetic)
        {
            return Ok(Self::Alphanumeric(text.to_owned()));
        }
        Err(PhoneError::NotASender(text.to_owned()))
    }

    /// The sender as Twilio spells it, and as `contacts.phone` keeps it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(number) => number.as_str(),
            Self::ShortCode(text) | Self::Alphanumeric(text) => text,
        }
    }

    /// Whether a text can be sent back: a word is no address.
    #[must_use]
    pub fn can_be_answered(&self) -> bool {
        !matches!(self, Self::Alphanumeric(_))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("+15551234567", "+15551234567")]
    #[case::written_by_hand(" +1 (555) 123-4567 ", "+15551234567")]
    fn a_number_is_read_in_any_notation(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), expected);
    }

    #[rstest]
    #[case::without_plus("15551234567")]
    #[case::leading_zero("+0555123456")]
    #[case::too_long("+1234567890123456")]
    #[case::letters("+1555CALLNOW")]
    #[case::empty("")]
    #[case::other_digits("+١٢٣٤٥٦")]
    fn what_is_no_number_is_refused_with_its_text(#[case] text: &str) {
        assert_eq!(PhoneNumber::parse(text), Err(PhoneError::NotE164(text.to_owned())));
    }

    #[rstest]
    #[case("+15551234567", true)]
    #[case("24273", true)]
    #[case("DHL Express", false)]
    #[case("Booking.com", false)]
    #[case("Kärcher", false)]
    #[case("McDonald's", false)]
    fn a_sender_knows_whether_it_can_be_answered(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(Sender::parse(text).unwrap().can_be_answered(), expected);
    }

    #[rstest]
    #[case("")]
    #[case("A name that is too long")]
    #[case("<script>")]
    #[case("12")]
    fn what_no_carrier_delivers_from_is_no_sender(#[case] text: &str) {
        assert!(Sender::parse(text).is_err());
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_stable(text in "\\PC{0,30}") {
            if let Ok(sender) = Sender::parse(&text) {
                prop_assert_eq!(Sender::parse(sender.as_str()).unwrap(), sender);
            }
        }
    }
}
