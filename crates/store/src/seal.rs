//! Sealing of secrets that lie in a table: XChaCha20-Poly1305, bound to the workspace that they belong to.
//!
//! Used by `config` for Twilio's auth tokens. What another program wrote in plain text is read as it is; what we write is sealed
//! and starts with `v1:`.

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, KeyInit, Payload},
};
use deskline_domain::ids::WorkspaceId;
use secrecy::{ExposeSecret, SecretString};

const PREFIX: &str = "v1:";
const NONCE: usize = 24;

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
    /// Works without one, as an agent's desktop does.
    #[error("secrets are sealed and opened by the server alone")]
    NoKey,
    /// Longer than the cipher takes (256 GiB).
    #[error("this secret is too long to be sealed")]
    TooLong,
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

    /// Seals a secret of a workspace. The nonce must never have been used before: 24 random bytes.
    pub(crate) fn seal(
        &self,
        owner: WorkspaceId,
        nonce: [u8; NONCE],
        secret: &SecretString,
    ) -> Result<String, KeyError> {
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: owner.0.as_bytes() };
        let sealed = self.cipher().encrypt(&nonce.into(), payload).map_err(|_| KeyError::TooLong)?;
        Ok(format!("{PREFIX}{}{}", hex::encode(nonce), hex::encode(sealed)))
    }

    /// Opens what [`SecretKey::seal`] made; anything else is somebody's plain text.
    pub(crate) fn open(&self, owner: WorkspaceId, stored: &str) -> Result<SecretString, KeyError> {
        let Some(sealed) = stored.strip_prefix(PREFIX) else { return Ok(SecretString::from(stored)) };
        let bytes = hex::decode(sealed).map_err(|_| KeyError::DoesNotOpen)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or(KeyError::DoesNotOpen)?;
        let payload = Payload { msg: sealed, aad: owner.0.as_bytes() };
        let secret = self.cipher().decrypt(&(*nonce).into(), payload).map_err(|_| KeyError::DoesNotOpen)?;
        String::from_utf8(secret).map(SecretString::from).map_err(|_| KeyError::DoesNotOpen)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(1));
    const OTHER_TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(2));

    #[test]
    fn a_sealed_secret_opens_for_its_workspace_and_key_alone() {
        let key = SecretKey::from_bytes([7; 32]);

        let sealed = key.seal(TEAM, [9; 24], &"12345".into()).unwrap();

        assert!(!sealed.contains("12345"));
        assert_eq!(key.open(TEAM, &sealed).unwrap().expose_secret(), "12345");
        assert_eq!(key.open(OTHER_TEAM, &sealed).unwrap_err(), KeyError::DoesNotOpen);
        assert_eq!(SecretKey::from_bytes([8; 32]).open(TEAM, &sealed).unwrap_err(), KeyError::DoesNotOpen);
        assert_eq!(key.open(TEAM, "v1:00").unwrap_err(), KeyError::DoesNotOpen);
    }

    #[test]
    fn plain_text_of_another_program_is_read_as_it_is() {
        assert_eq!(SecretKey::from_bytes([7; 32]).open(TEAM, "12345").unwrap().expose_secret(), "12345");
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits_and_is_never_printed() {
        let key = SecretKey::from_hex(&"ab".repeat(32)).unwrap();

        assert_eq!(format!("{key:?}"), "SecretKey");
        assert_eq!(SecretKey::from_hex("abcd").unwrap_err(), KeyError::NotAKey);
    }
}
