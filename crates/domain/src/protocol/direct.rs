//! What it takes to work without the server: the answer to `POST /auth/direct`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the desktop of one agent needs to work without the team's server. Kept in the keychain, and never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectAccess {
    /// The team's Postgres, with the agent's own login role and its password. TLS with a certificate that fits is asked for, unless the
    /// address says something else (`sslmode`).
    pub database_url: String,
    /// Who signs the database's certificate, as PEM, where that is nobody whom every system believes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_ca: Option<String>,
    /// A key for each Twilio account of the agent's teams.
    pub twilio_keys: Vec<TwilioKey>,
    /// Where Twilio finds the team's server, for status callbacks. Without one, nobody hears what became of a text.
    pub public_url: Option<String>,
    /// Twilio's own, where nothing is said.
    pub twilio_url: Option<String>,
    /// When the server made it. A desktop gets itself another one after a while.
    #[serde(default)]
    pub issued_at: Option<DateTime<Utc>>,
}

impl DirectAccess {
    /// The login role.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        let (_, rest) = self.database_url.split_once("://")?;
        rest.split_once('@')?.0.split(':').next()
    }
}

impl std::fmt::Debug for DirectAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DirectAccess").finish_non_exhaustive()
    }
}

/// An API key of a Twilio account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TwilioKey {
    /// `AC…`
    pub account_sid: String,
    /// `SK…`, or the account's own id where the secret is its token.
    pub sid: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for TwilioKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwilioKey")
            .field("account_sid", &self.account_sid)
            .field("sid", &self.sid)
            .finish_non_exhaustive()
    }
}
