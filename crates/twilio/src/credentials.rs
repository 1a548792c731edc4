//! Who we are to Twilio. Held by the client, the store and the simulator; never printed, since every `Debug` here is redacted.

use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// An account's id, `AC` and 32 hexadecimal digits. Whatever Twilio calls an account is taken as it comes; see
/// [`AccountSid::is_well_formed`] for a form that a person filled in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountSid(String);

impl AccountSid {
    /// Takes an id as it stands, without the white space around it.
    pub fn new(sid: impl AsRef<str>) -> Self {
        Self(sid.as_ref().trim().to_owned())
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it looks like an account's id.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        is_sid(&self.0, "AC")
    }
}

/// Whether a text is a SID: two letters and 32 hexadecimal digits.
pub(crate) fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl fmt::Display for AccountSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for AccountSid {
    fn from(sid: &str) -> Self {
        Self::new(sid)
    }
}

impl From<String> for AccountSid {
    fn from(sid: String) -> Self {
        Self::new(sid)
    }
}

impl FromStr for AccountSid {
    type Err = std::convert::Infallible;

    fn from_str(sid: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(sid))
    }
}

/// An account's auth token: the password of its API, and the key of its signatures.
#[derive(Clone)]
pub struct AuthToken(SecretString);

impl AuthToken {
    /// Takes a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    /// The token itself. For an `Authorization` header, a signature, or an encrypted column; for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// An empty token verifies nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<SecretString> for AuthToken {
    fn from(token: SecretString) -> Self {
        Self(token)
    }
}

impl From<AuthToken> for SecretString {
    fn from(token: AuthToken) -> Self {
        token.0
    }
}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthToken(redacted)")
    }
}

/// An account and a way into it: its auth token, or an API key.
#[derive(Clone)]
pub struct Credentials {
    /// Whose texts.
    pub account_sid: AccountSid,
    /// The account's id again, or the key's (`SK…`).
    pub username: String,
    /// The auth token, or the key's secret.
    pub secret: SecretString,
}

impl Credentials {
    /// The account's own token.
    pub fn token(account_sid: impl Into<AccountSid>, token: impl Into<SecretString>) -> Self {
        let account_sid = account_sid.into();
        Self { username: account_sid.as_str().to_owned(), account_sid, secret: token.into() }
    }

    /// An API key of the account. Twilio keeps `Accounts` and `Keys` from it.
    pub fn api_key(
        account_sid: impl Into<AccountSid>,
        key_sid: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Self {
        Self { account_sid: account_sid.into(), username: key_sid.into(), secret: secret.into() }
    }

    /// Whether these are a key's.
    #[must_use]
    pub fn is_api_key(&self) -> bool {
        self.username != self.account_sid.as_str()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("account_sid", &self.account_sid)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_contains_a_secret() {
        let token = AuthToken::new("very-secret");
        let credentials = Credentials::token("AC1", token.clone());

        assert!(!format!("{token:?} {credentials:?}").contains("very-secret"));
    }

    #[test]
    fn a_key_and_a_token_are_told_apart_by_the_username() {
        assert!(!Credentials::token("AC1", AuthToken::new("t")).is_api_key());
        assert!(Credentials::api_key("AC1", "SK1", AuthToken::new("s")).is_api_key());
    }

    #[test]
    fn an_account_sid_is_ac_and_32_hexadecimal_digits() {
        assert!(AccountSid::new(format!(" AC{} ", "0f".repeat(16))).is_well_formed());
        assert!(!AccountSid::new(format!("SM{}", "0f".repeat(16))).is_well_formed());
        assert!(!AccountSid::new("AC12").is_well_formed());
    }
}
