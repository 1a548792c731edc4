//! Rows as Postgres spells them in JSON, read into the domain's words.
//!
//! Every query that wants a whole row asks for `to_jsonb(row)`: the same JSON that travels over the wire, read by the same
//! `serde` code, so that no second list of columns can fall behind. Used by every verb of this crate.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{contact::ContactRow, message::MessageRow};
use serde_json::Value;

use crate::{Error, Result};

pub(crate) fn contact(row: Value) -> Result<ContactRow> {
    serde_json::from_value(row).map_err(|reason| Error::BadRow { table: "contacts", reason })
}

pub(crate) fn message(row: Value) -> Result<MessageRow> {
    serde_json::from_value(row).map_err(|reason| Error::BadRow { table: "messages", reason })
}

/// Whether Postgres could not even take the text as a parameter.
pub(crate) fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

/// The text as Postgres can keep it: a NUL, which no carrier delivers and no handset shows, becomes U+FFFD.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The same for a whole form.
pub(crate) fn storable_json(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(storable(text)),
        Value::Array(values) => Value::Array(values.iter().map(storable_json).collect()),
        Value::Object(fields) => fields.iter().map(|(name, value)| (storable(name), storable_json(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// The time that a text of a contact is stored under: `now`, or a hair after the contact's newest text when two processes
/// read their clocks in another order than they stored. So a thread sorted by time stands in the order in which it was stored.
/// A newest text from far in the future, which only a foreign program can have written, is left alone.
pub(crate) fn stored_at(now: DateTime<Utc>, newest: Option<DateTime<Utc>>) -> DateTime<Utc> {
    match newest {
        Some(newest) if newest >= now && newest - now < TimeDelta::seconds(10) => newest + TimeDelta::microseconds(1),
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_stored_after_the_one_that_was_stored_before_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let second = TimeDelta::seconds(1);

        assert_eq!(stored_at(now, None), now);
        assert_eq!(stored_at(now, Some(now - second)), now);
        assert_eq!(stored_at(now, Some(now)), now + TimeDelta::microseconds(1));
        assert_eq!(stored_at(now, Some(now + second)), now + second + TimeDelta::microseconds(1));
        assert_eq!(stored_at(now, Some(now + TimeDelta::days(1))), now);
    }

    #[test]
    fn a_nul_is_replaced_wherever_it_stands_in_a_form() {
        assert_eq!(storable_json(&json!({ "B\0": ["a\0b", 1] })), json!({ "B\u{fffd}": ["a\u{fffd}b", 1] }));
    }
}
