//! The system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! Keeps the one secret item of the engine, under the data folder's own name, and beside it the password of a proxy. Called by the engine from threads that may
//! block. Never logs or returns any part of the item in an error.

use deskline_client::{CredentialStore, Error};
use keyring::Entry;
use secrecy::{ExposeSecret, SecretString};

use crate::place::{IDENTIFIER, Place};

/// This desktop's entry.
#[derive(Debug)]
pub(crate) struct Keychain {
    user: String,
}

impl Keychain {
    /// The entry of this data folder.
    pub(crate) fn of(place: &Place) -> Self {
        Self { user: place.keychain_user() }
    }

    /// The entry with the password of the proxy.
    pub(crate) fn of_proxy(place: &Place) -> Self {
        Self { user: format!("{} proxy", place.keychain_user()) }
    }

    fn entry(&self) -> Result<Entry, Error> {
        if let Err(error) = Entry::store_status() {
            return Err(Error::Keychain(format!("there is none on this system that answers ({})", first_line(error))));
        }
        Entry::new(IDENTIFIER, &self.user).map_err(|error| explain(&error))
    }
}

impl CredentialStore for Keychain {
    fn load(&self) -> Result<Option<SecretString>, Error> {
        match self.entry()?.get_secret() {
            Ok(bytes) => String::from_utf8(bytes)
                .map(|text| Some(SecretString::from(text)))
                .map_err(|_| explain(&keyring::Error::BadEncoding(Vec::new()))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(&error)),
        }
    }

    fn save(&self, secret: &SecretString) -> Result<(), Error> {
        // Bytes, not a password: Windows would double their size, and its limit is 2,560 bytes.
        self.entry()?.set_secret(secret.expose_secret().as_bytes()).map_err(|error| explain(&error))
    }

    fn delete(&self) -> Result<(), Error> {
        match self.entry()?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(explain(&error)),
        }
    }

    #[cfg(target_os = "linux")]
    fn is_open(&self) -> bool {
        is_unlocked().unwrap_or_default()
    }
}

/// Whether the default collection is unlocked: reading from a locked one would ask the agent for a password, again and again.
///
/// <https://specifications.freedesktop.org/secret-service/latest/org.freedesktop.Secret.Collection.html>
#[cfg(target_os = "linux")]
fn is_unlocked() -> zbus::Result<bool> {
    let bus = zbus::blocking::Connection::session()?;
    let collection = zbus::blocking::Proxy::new(
        &bus,
        "org.freedesktop.secrets",
        "/org/freedesktop/secrets/aliases/default",
        "org.freedesktop.Secret.Collection",
    )?;
    collection.get_property::<bool>("Locked").map(|locked| !locked)
}

/// One sentence for each thing that can go wrong, since each has another way out.
fn explain(error: &keyring::Error) -> Error {
    use keyring::Error as E;

    Error::Keychain(match error {
        E::NoStorageAccess(_) => {
            "it is locked, or access was refused. Unlock it, and Deskline goes on by itself".to_owned()
        }
        E::Ambiguous(_) => {
            format!("it holds several entries of {IDENTIFIER} for this folder. Remove all but the newest")
        }
        E::BadEncoding(_) | E::BadDataFormat(..) | E::BadStoreFormat(_) => {
            "the entry of Deskline is damaged. Remove it from the keychain and sign in again".to_owned()
        }
        E::TooLong(_, limit) => format!("it takes no more than {limit} bytes"),
        E::NoDefaultStore | E::NotSupportedByStore(_) => "there is none on this system".to_owned(),
        E::NoEntry => "the entry of Deskline is gone. Sign in again".to_owned(),
        other => format!("it failed ({})", first_line(other)),
    })
}

fn first_line(error: &keyring::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use keyring::Error as E;

    use super::*;

    #[test]
    fn each_failure_has_a_sentence_of_its_own_and_none_quotes_the_item() {
        let secret = b"refresh-token".to_vec();
        let failures = [
            E::NoStorageAccess("locked".into()),
            E::BadEncoding(secret),
            E::TooLong("secret".to_owned(), 2560),
            E::NoDefaultStore,
            E::NoEntry,
            E::PlatformFailure("the bus is gone\nand more".into()),
        ];

        let sentences: HashSet<String> = failures.iter().map(|error| explain(error).to_string()).collect();

        assert_eq!(sentences.len(), failures.len());
        assert!(sentences.iter().all(|s| s.starts_with("The system's keychain cannot be used: ")), "{sentences:?}");
        assert!(!format!("{sentences:?}").contains("refresh"), "{sentences:?}");
        assert!(!format!("{sentences:?}").contains("and more"), "{sentences:?}");
    }
}
