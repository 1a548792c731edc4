//! How it stands with working without the team's server, and Twilio accounts that were entered on this desktop by hand.
//!
//! Asked for when the settings are open. What is entered goes into the keychain and never comes back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DirectWork {
    /// Whether this desktop has a login for the team's database: an admin has allowed it, and Postgres took it.
    pub ready: bool,
    /// Accounts that were entered here. They go before those that the server hands out.
    pub accounts: Vec<OwnAccount>,
}

/// An account that was entered here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OwnAccount {
    /// `AC…`
    pub account_sid: String,
    /// `SK…`; `None` where the account's auth token was entered.
    pub key_sid: Option<String>,
}

/// What is entered.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TwilioLogin {
    /// `AC…`
    pub account_sid: String,
    /// `SK…`, or nothing where the secret is the auth token.
    pub key_sid: String,
    /// The key's secret, or the auth token.
    pub secret: String,
}

impl std::fmt::Debug for TwilioLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwilioLogin").field("account_sid", &self.account_sid).finish_non_exhaustive()
    }
}
