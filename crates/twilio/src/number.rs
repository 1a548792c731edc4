//! The account and its numbers, as Twilio tells them. Asked for when an admin connects an account.

use serde::{Deserialize, Serialize};
use url::Url;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// `AC…`.
    pub sid: String,
    /// What its owner calls it; empty when only an API key was there to ask with.
    #[serde(default)]
    pub friendly_name: String,
    /// `active`, `suspended` or `closed`.
    #[serde(default = "active")]
    pub status: String,
}

impl Account {
    /// Whether texts can be sent with it.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
}

fn active() -> String {
    "active".to_owned()
}

/// One of the account's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// `PN…`.
    pub sid: String,
    /// E.164.
    pub phone_number: String,
    /// What its owner calls it.
    #[serde(default)]
    pub friendly_name: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Where Twilio reports inbound texts.
    #[serde(default)]
    pub sms_url: Option<String>,
    /// `AP…` of an application whose addresses count instead of the number's own; empty without one.
    #[serde(default)]
    pub sms_application_sid: Option<String>,
    /// Where Twilio reports what becomes of what goes out.
    #[serde(default)]
    pub status_callback: Option<String>,
}

/// Where Twilio is to report what happens to a number. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberAddresses {
    /// Inbound texts, by POST.
    pub sms_url: Option<Url>,
    /// What becomes of what goes out, by POST.
    pub status_callback: Option<Url>,
}

impl NumberAddresses {
    /// The form that Twilio takes.
    pub(crate) fn params(&self) -> Vec<(&'static str, &str)> {
        let mut params = Vec::new();
        if let Some(url) = &self.sms_url {
            params.extend([("SmsUrl", url.as_str()), ("SmsMethod", "POST")]);
        }
        if let Some(url) = &self.status_callback {
            params.extend([("StatusCallback", url.as_str()), ("StatusCallbackMethod", "POST")]);
        }
        params
    }
}

/// What a number can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// Calls.
    pub voice: bool,
    /// Texts.
    pub sms: bool,
    /// Texts with files.
    pub mms: bool,
    /// Faxes.
    pub fax: bool,
}
