//! Refresh tokens: the first of a session is random, and each next one follows from the one before it.
//!
//! Called by `http::auth`. Because the next one follows, a client whose answer was lost can be given the same one again without anybody having kept
//! it: the store knows hashes alone. Only who has both the token and `DESKLINE_JWT_SECRET` can compute the next, and who has that
//! secret needs no refresh token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// What the derived key is for. Changing it takes from sessions whose last answer was lost the chance to ask again.
const PURPOSE: &[u8] = b"deskline: refresh tokens, 1";

/// Makes refresh tokens. Never printed.
#[derive(Clone)]
pub struct Chain {
    key: Hmac<Sha256>,
}

/// A refresh token, and what the store knows of it.
pub struct Refresh {
    /// What the client gets.
    pub token: SecretString,
    /// SHA-256 of it.
    pub hash: [u8; 32],
}

impl Chain {
    /// Derives the key.
    ///
    /// # Errors
    /// None that can happen: a key of any length will do.
    pub fn new(secret: &SecretString) -> anyhow::Result<Self> {
        let secret = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())?;
        Ok(Self { key: Hmac::new_from_slice(&secret.chain_update(PURPOSE).finalize().into_bytes())? })
    }

    /// The token that takes the place of this one, always the same.
    #[must_use]
    pub fn after(&self, token: &str) -> Refresh {
        Refresh::of(self.key.clone().chain_update(token).finalize().into_bytes().into())
    }
}

impl Refresh {
    /// A first one.
    #[must_use]
    pub fn first(entropy: [u8; 32]) -> Self {
        Self::of(entropy)
    }

    fn of(bytes: [u8; 32]) -> Self {
        let token = URL_SAFE_NO_PAD.encode(bytes);
        Self { hash: hash(&token), token: token.into() }
    }
}

/// What the store knows of a refresh token.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_token_follows_from_the_token_and_from_the_servers_secret() {
        let chain = |secret: &str| Chain::new(&SecretString::from(secret)).unwrap();
        let next = |secret: &str, token: &str| chain(secret).after(token).token.expose_secret().to_owned();
        let first = Refresh::first([7; 32]).token.expose_secret().to_owned();

        let second = next("secret", &first);

        assert_eq!(second, next("secret", &first), "every server gives out the same");
        assert_ne!(second, next("another secret", &first));
        assert_ne!(second, next("secret", &second));
        assert_eq!((first.len(), second.len()), (43, 43));
    }
}
