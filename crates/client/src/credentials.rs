//! The one secret item of this desktop: tokens and the keys of both files.
//!
//! A [`CredentialStore`] keeps it (the system's keychain in the app, memory in tests); [`Vault`] is what is inside, as JSON.
//! Nothing of it is ever written anywhere else, logged, or shown by `Debug`.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::UserId,
    protocol::{DirectAccess, TwilioKey},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{error::Error, mend::lease::Lease, options::Dice};

/// Keeps one secret text. Called from a thread that may block.
pub trait CredentialStore: Send + Sync {
    /// Reads it; `None` when there is none yet.
    ///
    /// # Errors
    /// [`Error::Keychain`] when the keychain is missing, locked or refuses: the engine then lives in memory alone.
    fn load(&self) -> Result<Option<SecretString>, Error>;

    /// Writes it over the one before, durably once this returns.
    ///
    /// # Errors
    /// [`Error::Keychain`], as above.
    fn save(&self, secret: &SecretString) -> Result<(), Error>;

    /// Removes it. Removing nothing is no error.
    ///
    /// # Errors
    /// [`Error::Keychain`], as above.
    fn delete(&self) -> Result<(), Error>;

    /// Whether [`CredentialStore::load`] would work now, found out without asking anybody for a password. Called every few seconds
    /// while the engine lives in memory alone.
    fn is_open(&self) -> bool {
        self.load().is_ok()
    }
}

/// Keeps the item in memory, for tests and for a desktop that is thrown away.
#[derive(Default)]
pub struct MemoryCredentials {
    item: Mutex<Option<SecretString>>,
    locked: AtomicBool,
    looks: AtomicUsize,
}

impl MemoryCredentials {
    /// A store that fails at everything, like a desktop without a keychain.
    #[must_use]
    pub fn broken() -> Self {
        Self { locked: AtomicBool::new(true), ..Self::default() }
    }

    /// Fails at everything from now on, or no longer: what is in it stays.
    pub fn set_locked(&self, locked: bool) {
        self.locked.store(locked, Ordering::Release);
    }

    /// How often it was asked for the item so far, whether or not it gave it out.
    #[must_use]
    pub fn looks(&self) -> usize {
        self.looks.load(Ordering::Acquire)
    }

    fn item(&self) -> Result<std::sync::MutexGuard<'_, Option<SecretString>>, Error> {
        if self.locked.load(Ordering::Acquire) {
            return Err(Error::Keychain("it is locked".to_owned()));
        }
        Ok(self.item.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for MemoryCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryCredentials").field("locked", &self.locked).finish_non_exhaustive()
    }
}

impl CredentialStore for MemoryCredentials {
    fn load(&self) -> Result<Option<SecretString>, Error> {
        self.looks.fetch_add(1, Ordering::AcqRel);
        Ok(self.item()?.clone())
    }

    fn save(&self, secret: &SecretString) -> Result<(), Error> {
        *self.item()? = Some(secret.clone());
        Ok(())
    }

    fn delete(&self) -> Result<(), Error> {
        *self.item()? = None;
        Ok(())
    }
}

/// What is inside the item.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Vault {
    /// Of `cache.db`.
    pub(crate) cache_key: FileKey,
    /// Of `outbox.db`.
    pub(crate) outbox_key: FileKey,
    /// Who is signed in.
    #[serde(default)]
    pub(crate) account: Option<Account>,
    /// What the agent works directly with, if that is allowed.
    #[serde(default)]
    pub(crate) direct: Option<DirectAccess>,
    /// Keys or tokens of Twilio accounts that the agent has entered.
    #[serde(default)]
    pub(crate) twilio: Vec<TwilioKey>,
    /// A login role that Postgres took no more, to be ended by the server: somebody else may have changed its password.
    #[serde(default)]
    pub(crate) lost_role: Option<String>,
    /// To fill the form.
    #[serde(default)]
    pub(crate) last_server: Option<String>,
    /// To fill the form.
    #[serde(default)]
    pub(crate) last_email: Option<String>,
    /// Outboxes with something in them, of accounts that are not signed in.
    #[serde(default)]
    pub(crate) shelved: Vec<Shelved>,
    /// How long the cache may still be read; `None` while nobody's texts are in it.
    #[serde(default)]
    pub(crate) lease: Option<Lease>,
    /// The lease as the item in the keychain has it.
    #[serde(skip)]
    pub(crate) kept_lease: Option<Lease>,
}

/// An outbox that waits for its owner.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shelved {
    pub(crate) server: String,
    pub(crate) user_id: UserId,
    /// Name of the file in the data folder.
    pub(crate) file: String,
    pub(crate) key: FileKey,
}

/// A signed-in account with its tokens.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) server: String,
    pub(crate) email: String,
    pub(crate) user_id: UserId,
    pub(crate) access_token: Token,
    pub(crate) refresh_token: Token,
    /// By the desktop's own clock.
    pub(crate) expires_at: DateTime<Utc>,
    /// Whether the server no longer takes the refresh token.
    #[serde(default)]
    pub(crate) expired: bool,
}

impl Account {
    /// Whether both are the same person at the same server.
    pub(crate) fn is(&self, server: &str, user_id: UserId) -> bool {
        self.server == server && self.user_id == user_id
    }
}

impl Vault {
    /// A vault with fresh keys and nobody in it.
    pub(crate) fn fresh(dice: &Dice) -> Self {
        Self {
            cache_key: FileKey::roll(dice),
            outbox_key: FileKey::roll(dice),
            account: None,
            direct: None,
            twilio: Vec::new(),
            lost_role: None,
            last_server: None,
            last_email: None,
            shelved: Vec::new(),
            lease: None,
            kept_lease: None,
        }
    }

    /// Reads the item. An item that cannot be read is an error, not an empty vault: its keys may still be needed.
    pub(crate) fn parse(item: &SecretString) -> Result<Self, Error> {
        let vault: Self = serde_json::from_str(item.expose_secret())
            .map_err(|_| Error::Keychain("its entry for Deskline cannot be read".to_owned()))?;
        Ok(Self { kept_lease: vault.lease, ..vault })
    }

    /// The item to store.
    pub(crate) fn item(&self) -> Result<SecretString, Error> {
        serde_json::to_string(self)
            .map(SecretString::from)
            .map_err(|_| Error::Keychain("the entry for Deskline cannot be written".to_owned()))
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// A token. Not printed by `Debug`.
#[derive(Clone, Debug)]
pub(crate) struct Token(pub(crate) SecretString);

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self(SecretString::from(token))
    }
}

impl Serialize for Token {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose_secret().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// The key of one file: 32 bytes as hex. Not printed by `Debug`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FileKey(Token);

impl FileKey {
    /// A new one.
    pub(crate) fn roll(dice: &Dice) -> Self {
        Self(Token::from(hex::encode(dice.bytes::<32>())))
    }

    /// The argument of `pragma key`: a raw key, so that no time is spent on deriving one.
    pub(crate) fn pragma(&self) -> String {
        format!("\"x'{}'\"", self.0.0.expose_secret())
    }

    /// Reads what [`FileKey::hex`] wrote.
    pub(crate) fn from_row(hex: String) -> Self {
        Self(Token::from(hex))
    }

    /// As a row keeps it that is itself encrypted.
    pub(crate) fn hex(&self) -> &str {
        self.0.0.expose_secret()
    }

    /// As a cipher takes it. What is no key opens nothing.
    pub(crate) fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        // A key is made in one place, and read back from what is signed.
        _ = hex::decode_to_slice(self.hex(), &mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn vault() -> Vault {
        let mut vault = Vault::fresh(&Dice::new(|bytes| bytes.fill(7)));
        vault.account = Some(Account {
            server: "https://desk.example.com".to_owned(),
            email: "ann@example.com".to_owned(),
            user_id: UserId(Uuid::nil()),
            access_token: Token::from("access-secret".to_owned()),
            refresh_token: Token::from("refresh-secret".to_owned()),
            expires_at: DateTime::UNIX_EPOCH,
            expired: false,
        });
        vault
    }

    #[test]
    fn a_vault_reads_back_from_its_item() {
        let item = vault().item().unwrap();

        let read = Vault::parse(&item).unwrap();

        assert_eq!(read.account.unwrap().refresh_token, Token::from("refresh-secret".to_owned()));
        assert_eq!(read.cache_key.pragma(), format!("\"x'{}'\"", "07".repeat(32)));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let vault = vault();
        let printed = format!("{vault:?} {:?} {:?}", vault.cache_key, vault.account.as_ref().map(|a| &a.access_token));

        assert!(!printed.contains("0707") && !printed.contains("secret\""), "{printed}");
    }

    #[test]
    fn an_item_of_something_else_is_an_error_and_not_an_empty_vault() {
        assert!(Vault::parse(&SecretString::from("not json")).is_err());
    }
}
