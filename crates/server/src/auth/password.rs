//! Passwords, hashed with argon2id (RFC 9106).
//!
//! Called by `http::auth` and by the admin command line. Hashing runs off the async threads and a few at a time, so that a
//! flood of sign-ins cannot take all cores or all memory.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// Hashes going on at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 4;
/// Longer passwords are refused unseen.
pub const MAX_LENGTH: usize = 1_000;
/// Shorter ones are not taken.
const MIN_LENGTH: usize = 8;
/// What is said of a password that is not [`is_long_enough`].
pub const WRONG_LENGTH: &str = "The password must have 8 to 1000 characters.";

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);
/// Stands in for the hash of an account that does not exist, so that guessing e-mail addresses by the clock fails.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(b"nobody's password").unwrap_or_default());

/// Whether it may become somebody's password.
#[must_use]
pub fn is_long_enough(password: &SecretString) -> bool {
    (MIN_LENGTH..=MAX_LENGTH).contains(&password.expose_secret().len())
}

/// Hashes a new password as a PHC string.
///
/// # Errors
/// When the system has no randomness or the thread dies.
pub async fn hash(password: SecretString) -> anyhow::Result<String> {
    let _turn = TURNS.acquire().await?;
    tokio::task::spawn_blocking(move || hash_now(password.expose_secret().as_bytes())).await?
}

/// Whether the password is the one that was hashed. Without a hash the answer is no, after the same work.
///
/// # Errors
/// When the thread dies.
pub async fn verify(password: SecretString, hash: Option<String>) -> anyhow::Result<bool> {
    let _turn = TURNS.acquire().await?;
    let verified = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let matches = PasswordHash::new(&hash).is_ok_and(|parsed| {
            Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok()
        });
        known && matches
    });
    Ok(verified.await?)
}

fn hash_now(password: &[u8]) -> anyhow::Result<String> {
    Ok(Argon2::default().hash_password(password).map_err(|error| anyhow::anyhow!("argon2: {error}"))?.to_string())
}

/// Computes the stand-in hash ahead of the first sign-in, which would otherwise take twice as long as the others.
pub fn warm_up() -> Arc<str> {
    NOBODY.as_str().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hash = hash("correct horse".to_owned().into()).await.unwrap();

        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(verify("correct horse".to_owned().into(), Some(hash.clone())).await.unwrap());
        assert!(!verify("battery staple".to_owned().into(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn an_account_that_does_not_exist_has_no_right_password() {
        assert!(!verify("nobody's password".to_owned().into(), None).await.unwrap());
    }
}
