//! What travels, as JSON Schema, by subject. Rows have every column of their tables; programs must expect more of them than are named here.
//!
//! Read by [`super`]. What is spelled in more than one subject, and the words that schemas are put together from, are here.

mod contacts;
mod desktops;
mod rows;
mod texts;
mod workspace;

use serde_json::{Value, json};
use utoipa::openapi::Schema;

/// Every schema with its name.
pub(super) fn all() -> Vec<(String, Schema)> {
    let named = groups().into_iter().filter_map(|group| match group {
        Value::Object(schemas) => Some(schemas),
        _ => None,
    });
    named.flatten().filter_map(|(name, schema)| Some((name, serde_json::from_value(schema).ok()?))).collect()
}

fn groups() -> [Value; 8] {
    [
        scalars(),
        rows::rows(),
        texts::texts(),
        workspace::workspace(),
        contacts::contacts(),
        texts::files(),
        desktops::desktops(),
        desktops::signing_in(),
    ]
}

/// An object whose fields are `properties`, of which `required` are always there.
#[expect(clippy::needless_pass_by_value, reason = "called with json! in place")]
fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn list(schema: &str) -> Value {
    json!({ "type": "array", "items": named(schema) })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

fn number() -> Value {
    json!({ "type": "integer", "format": "int64" })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn time_or_null() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn truth() -> Value {
    json!({ "type": "boolean" })
}

fn scalars() -> Value {
    json!({
        "Anything": { "type": "object" },
        "OfWorkspace": object(&["workspaceId"], json!({ "workspaceId": named("Id") })),
        "Id": { "type": "string", "format": "uuid" },
        "Text": text(),
        "Number": number(),
        "Content": { "type": "string", "format": "binary" },
        "Twiml": { "type": "string", "description": "An empty answer: `<Response></Response>`" },
        "Health": object(&["status"], json!({ "status": { "type": "string", "enum": ["ok"] } })),
        "Error": object(&["error"], json!({
            "error": { "type": "string", "description": "What is wrong; the texts are fixed" },
            "code": { "type": ["integer", "string"], "description": "Twilio's code, or a word such as feed_changed" },
            "explanation": { "type": "string", "description": "The same in plain words, and what to do" },
            "message": named("Message"),
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_understood() {
        let written = groups();

        let count: usize = written.iter().map(|group| group.as_object().unwrap().len()).sum();

        assert_eq!(all().len(), count);
    }
}
