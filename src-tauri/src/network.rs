//! The way to the server as it is set for this desktop: a proxy, and certificates that are believed beside the system's.
//!
//! Kept in the data folder (`network.json`, `network-roots.pem`), but for the proxy's password, which has an entry of its own in the keychain.
//! It holds from the next start of the program on, which follows at once: every connection then goes the same way.

use std::{fs, io, path::Path};

use deskline_client::{CredentialStore as _, Error, Network, Proxy};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{keychain::Keychain, place::Place};

const FILE: &str = "network.json";
const ROOTS: &str = "network-roots.pem";

/// No file of certificates is larger.
const LARGEST: usize = 1_024 * 1_024;

/// Through what connections go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ProxyChoice {
    /// What the system says.
    #[default]
    System,
    /// Nothing.
    None,
    /// The one whose address is given.
    Manual,
}

/// How the server is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct NetworkSettings {
    /// Through what.
    pub proxy: ProxyChoice,
    /// Host and port of the proxy.
    pub address: String,
    /// The name that it asks for; empty for none.
    pub user: String,
    /// Whether certificates of the agent's own are believed.
    pub has_certificates: bool,
}

/// What becomes of the certificates.
#[derive(Clone, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase")]
#[ts(export)]
pub enum CertificatesWish {
    /// They stay.
    Keep,
    /// They go.
    Remove,
    /// These take their place.
    Put {
        /// A PEM file.
        pem: String,
    },
}

/// Body of the command `set_network_settings`.
#[derive(Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NetworkWish {
    /// As it shall be; `has_certificates` says nothing here.
    pub settings: NetworkSettings,
    /// The proxy's password; `None` keeps the one that is there.
    pub password: Option<String>,
    /// See there.
    pub certificates: CertificatesWish,
}

/// As it stands.
pub(crate) fn read(place: &Place) -> NetworkSettings {
    let kept: NetworkSettings =
        fs::read(place.dir().join(FILE)).ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    NetworkSettings { has_certificates: place.dir().join(ROOTS).exists(), ..kept }
}

/// For the engine. Asks the keychain, and so blocks. Whatever is missing is left out: the engine says what does not work then.
pub(crate) fn load(place: &Place) -> Network {
    let settings = read(place);
    let roots = fs::read(place.dir().join(ROOTS)).ok();
    let password = || match Keychain::of_proxy(place).load() {
        Ok(password) => password,
        Err(error) => {
            tracing::warn!(%error, "The proxy's password cannot be read");
            None
        }
    };
    match network(&settings, password, roots) {
        Ok(network) => network,
        Err(error) => {
            tracing::warn!(%error, "The network settings cannot be used");
            Network::default()
        }
    }
}

/// Checks it and keeps it. Asks the keychain, and so blocks.
pub(crate) fn set(place: &Place, wish: NetworkWish) -> Result<(), Error> {
    let NetworkWish { settings, password, certificates } = wish;
    let roots = match &certificates {
        CertificatesWish::Keep => fs::read(place.dir().join(ROOTS)).ok(),
        CertificatesWish::Remove => None,
        CertificatesWish::Put { pem } if pem.len() > LARGEST => {
            return Err(Error::Network("The file is too large for one with certificates.".to_owned()));
        }
        CertificatesWish::Put { pem } => Some(pem.clone().into_bytes()),
    };
    network(&settings, || None, roots.clone())?.check()?;

    let keychain = Keychain::of_proxy(place);
    match (settings.proxy, password) {
        (ProxyChoice::Manual, Some(password)) if !password.is_empty() => {
            keychain.save(&SecretString::from(password))?;
        }
        (ProxyChoice::Manual, None) => {}
        _ => keychain.delete()?,
    }
    let kept = NetworkSettings { has_certificates: roots.is_some(), ..settings };
    let json = serde_json::to_vec_pretty(&kept).map_err(io::Error::from);
    let written = json.and_then(|json| write(&place.dir().join(FILE), &json)).and_then(|()| match roots {
        Some(pem) => write(&place.dir().join(ROOTS), &pem),
        None => remove(&place.dir().join(ROOTS)),
    });
    written.map_err(|source| Error::Io { path: FILE.to_owned(), source })
}

fn network(
    settings: &NetworkSettings,
    password: impl FnOnce() -> Option<SecretString>,
    roots: Option<Vec<u8>>,
) -> Result<Network, Error> {
    let proxy = match settings.proxy {
        ProxyChoice::System => Proxy::System,
        ProxyChoice::None => Proxy::Direct,
        ProxyChoice::Manual => {
            let url = Proxy::address(&settings.address)?;
            let user = settings.user.trim();
            let login =
                (!user.is_empty()).then(|| (user.to_owned(), password().unwrap_or_else(|| SecretString::from(""))));
            Proxy::Manual { url, login }
        }
    };
    Ok(Network { proxy, roots })
}

/// Whole or not at all.
fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = file.with_extension("new");
    fs::write(&unfinished, content)?;
    fs::rename(unfinished, file)
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manual(address: &str, user: &str) -> NetworkSettings {
        NetworkSettings {
            proxy: ProxyChoice::Manual,
            address: address.to_owned(),
            user: user.to_owned(),
            has_certificates: false,
        }
    }

    #[test]
    fn a_proxy_is_asked_with_a_name_where_there_is_one() {
        let secret = || Some(SecretString::from("open sesame"));

        let with = network(&manual("proxy.example.com:8080", " ann "), secret, None).unwrap();
        let without = network(&manual("proxy.example.com:8080", ""), secret, None).unwrap();

        assert!(matches!(with.proxy, Proxy::Manual { login: Some((name, _)), .. } if name == "ann"));
        assert!(matches!(without.proxy, Proxy::Manual { login: None, .. }));
    }

    #[test]
    fn what_cannot_be_used_is_refused_before_anything_is_kept() {
        let damaged = Some(b"-----BEGIN CERTIFICATE-----".to_vec());

        assert!(network(&manual("socks5://proxy:1080", ""), || None, None).is_err());
        assert!(network(&NetworkSettings::default(), || None, damaged).unwrap().check().is_err());
    }

    #[test]
    fn a_file_that_says_nothing_of_a_proxy_means_the_systems() {
        let read: NetworkSettings = serde_json::from_str("{}").unwrap();

        assert_eq!(read, NetworkSettings::default());
    }
}
