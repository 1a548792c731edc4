//! The client against servers that behave well, badly, or not at all.

#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test, in its helping functions too")]

mod account;
mod fake;
mod media;
mod texts;
