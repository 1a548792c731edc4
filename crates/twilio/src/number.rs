//! The account and its numbers, as Twilio tells them. Asked for when an admin connects an account.

use serde::{Deserialize, Serialize};

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
