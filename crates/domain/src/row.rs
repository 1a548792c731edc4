//! A row of a table as it travels: JSON that is passed on as it came and read by whoever needs what is in it.
//!
//! Read one by one, so that one bad row never stops a page, and passed from Postgres to the wire and from the wire to the desktop's
//! cache without being taken apart on the way.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// JSON of one row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawRow(Box<RawValue>);

impl RawRow {
    /// The row, as what it should be.
    ///
    /// # Errors
    /// It is something else. The error may quote a value of the row.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }

    /// The row, whatever it is.
    #[must_use]
    pub fn value(&self) -> Value {
        self.read().unwrap_or_default()
    }

    /// As it came.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for RawRow {
    /// By what they say, however it is spelled.
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json() || self.value() == other.value()
    }
}

impl From<Value> for RawRow {
    fn from(row: Value) -> Self {
        // A value is JSON in any case.
        Self(serde_json::value::to_raw_value(&row).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_passed_on_as_it_came_from_text_and_from_a_value() {
        let from_text: Vec<RawRow> = serde_json::from_str(r#"[{"b": 1,"a":[ ]}]"#).unwrap();
        let from_value: Vec<RawRow> = serde_json::from_value(json!([{ "b": 1, "a": [] }])).unwrap();

        assert_eq!(serde_json::to_string(&from_text).unwrap(), r#"[{"b": 1,"a":[ ]}]"#);
        assert_eq!(from_text, from_value);
        assert_ne!(from_text[0], RawRow::from(json!({ "b": 2, "a": [] })));
        assert_eq!(from_value[0].value()["b"], 1);
    }
}
