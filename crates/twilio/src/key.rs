//! An API key of an account: a way in that can be taken back alone. Made for the desktop of one agent, and deleted with its access.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// A key that was made just now: Twilio tells its secret this once.
#[derive(Clone, Debug, Deserialize)]
pub struct NewKey {
    /// `SK…`
    pub sid: String,
    /// Its secret.
    #[serde(deserialize_with = "secret")]
    pub secret: SecretString,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}
