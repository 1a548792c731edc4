//! What a webhook is answered with. The server sends it; replies go through the API, so there is never a verb in it.

/// TwiML that tells Twilio to do nothing.
pub const EMPTY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

/// The content type that Twilio expects with it.
pub const CONTENT_TYPE: &str = "text/xml";
