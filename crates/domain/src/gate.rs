//! May this be sent to this contact now? The one answer that every send path asks for.
//!
//! Asked by the desktop before it queues, again before it sends, and by the store in the transaction that records the text,
//! so that no race between a STOP and an Enter lets a text through. Never asks anybody else: it is a pure function.

use serde::{Deserialize, Serialize};

use crate::phone::Sender;

/// Twilio takes no longer body, in characters (Message resource, `Body`).
pub const MAX_CHARACTERS: usize = 1_600;

/// Twilio takes no more files than this with one text (Message resource, `MediaUrl`).
pub const MAX_FILES: usize = 10;

/// Twilio takes no more than this with one text, in bytes, all files together (Message resource, `MediaUrl`).
pub const MAX_MEDIA_BYTES: u64 = 5 * 1024 * 1024;

/// Twilio's code for a text to a contact that opted out.
pub const OPTED_OUT_CODE: i32 = 21_610;

/// What the gate looks at.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The contact's `phone`.
    pub to: &'a str,
    /// The text.
    pub content: &'a str,
    /// How many files go with it.
    pub media: usize,
    /// Whether the contact has sent STOP and not START since.
    pub opted_out: bool,
}

/// Why a text may not be sent. Permanent as long as nobody changes the text or the contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Refusal {
    /// STOP and its sisters. Answered with [`OPTED_OUT_CODE`].
    #[error("This contact has opted out. They can opt in again by texting START.")]
    OptedOut,
    /// No text and no file.
    #[error("There is nothing to send. Write a text or attach a file.")]
    Empty,
    /// More than [`MAX_CHARACTERS`].
    #[error("This text is longer than the 1,600 characters that Twilio takes. Shorten it or send it in parts.")]
    TooLong,
    /// The sender is a word, and a word is no address.
    #[error("This sender cannot be answered: it has a name, but no number.")]
    NoAddress,
    /// A NUL, which neither Postgres nor a handset takes.
    #[error("This text contains a character that cannot be sent (NUL). Remove it and send again.")]
    Unsendable,
    /// More than [`MAX_FILES`].
    #[error("A text can carry ten files at most. Remove some and send again.")]
    TooManyFiles,
    /// More than [`MAX_MEDIA_BYTES`].
    #[error("These files are larger than the 5 MB that Twilio takes with one text. Remove some and send again.")]
    FilesTooLarge,
}

impl Refusal {
    /// The Twilio code that this refusal stands for, where Twilio has one.
    #[must_use]
    pub const fn twilio_code(self) -> Option<i32> {
        match self {
            Self::OptedOut => Some(OPTED_OUT_CODE),
            Self::TooLong => Some(21_617),
            Self::Empty => Some(21_602),
            Self::NoAddress => Some(21_211),
            Self::TooManyFiles => Some(21_623),
            Self::FilesTooLarge => Some(11_751),
            Self::Unsendable => None,
        }
    }
}

/// Decides about how many files a text carries. Asked by [`check`], and before a file is put to a text.
///
/// # Errors
/// [`Refusal::TooManyFiles`].
pub const fn check_count(files: usize) -> Result<(), Refusal> {
    if files > MAX_FILES { Err(Refusal::TooManyFiles) } else { Ok(()) }
}

/// Decides about the files whose sizes are known, the ones that we keep. Asked beside [`check`].
///
/// # Errors
/// [`Refusal::FilesTooLarge`].
pub const fn check_files(bytes: u64) -> Result<(), Refusal> {
    if bytes > MAX_MEDIA_BYTES { Err(Refusal::FilesTooLarge) } else { Ok(()) }
}

/// Decides.
///
/// # Errors
/// The first reason against it, the contact's wish before everything else.
pub fn check(outgoing: Outgoing<'_>) -> Result<(), Refusal> {
    if outgoing.opted_out {
        return Err(Refusal::OptedOut);
    }
    if !Sender::parse(outgoing.to).is_ok_and(|to| to.can_be_answered()) {
        return Err(Refusal::NoAddress);
    }
    if outgoing.content.trim().is_empty() && outgoing.media == 0 {
        return Err(Refusal::Empty);
    }
    if outgoing.content.contains('\0') {
        return Err(Refusal::Unsendable);
    }
    if outgoing.content.chars().count() > MAX_CHARACTERS {
        return Err(Refusal::TooLong);
    }
    check_count(outgoing.media)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const GOOD: Outgoing<'static> = Outgoing { to: "+15551234567", content: "On my way", media: 0, opted_out: false };

    #[rstest]
    #[case::good(GOOD, Ok(()))]
    #[case::short_code(Outgoing { to: "24273", ..GOOD }, Ok(()))]
    #[case::opted_out(Outgoing { opted_out: true, content: "", ..GOOD }, Err(Refusal::OptedOut))]
    #[case::word(Outgoing { to: "DHL", ..GOOD }, Err(Refusal::NoAddress))]
    #[case::blank(Outgoing { content: " \n", ..GOOD }, Err(Refusal::Empty))]
    #[case::only_a_picture(Outgoing { content: "", media: 1, ..GOOD }, Ok(()))]
    #[case::nul(Outgoing { content: "a\0b", ..GOOD }, Err(Refusal::Unsendable))]
    #[case::eleven_files(Outgoing { media: 11, ..GOOD }, Err(Refusal::TooManyFiles))]
    fn the_gate_answers(#[case] outgoing: Outgoing<'_>, #[case] expected: Result<(), Refusal>) {
        assert_eq!(check(outgoing), expected);
    }

    #[test]
    fn length_is_counted_in_characters_not_bytes() {
        let exact = "é".repeat(MAX_CHARACTERS);

        assert_eq!(check(Outgoing { content: &exact, ..GOOD }), Ok(()));
        assert_eq!(check(Outgoing { content: &format!("{exact}!"), ..GOOD }), Err(Refusal::TooLong));
    }
}
