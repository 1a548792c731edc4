//! Sealing of secrets that lie in a table: XChaCha20-Poly1305, bound to the workspace that they belong to.
//!
//! Used by `config` for Twilio's auth tokens. What another program wrote in plain text is read as it is; what we write is sealed.

use secrecy::SecretString;
use uuid::Uuid;

/// `DESKLINE_SECRET_KEY`: 32 bytes. Never printed.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey")
    }
}

/// Why a key or a sealed secret is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 64 hexadecimal digits.
    #[error("DESKLINE_SECRET_KEY must be 32 bytes as 64 hexadecimal digits; make one with: openssl rand -hex 32")]
    NotAKey,
    /// Sealed with another key, for another workspace, or damaged.
    #[error("this secret was sealed with another DESKLINE_SECRET_KEY, or it is damaged")]
    DoesNotOpen,
}

impl SecretKey {
    /// Reads a key from 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`].
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key).map_err(|_| KeyError::NotAKey)?;
        Ok(Self(key))
    }

    /// A key from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}
