//! Links to files: good for a while, for whoever holds them, with no token in them.
//!
//! A link names a file and the second at which it ends, and carries an HMAC-SHA256 over both. The key is derived from
//! `DESKLINE_SECRET_KEY`, so that every process makes and takes the same links, and a link tells nothing about the other uses of that key.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::ids::FileId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;
use url::Url;

use crate::{auth::time_delta, config::Config};

/// What the derived key is for. Changing it makes every link bad.
const PURPOSE: &[u8] = b"deskline: links to files, 1";
/// A member looks at once, and asks for another link when it is over.
const FOR_A_MEMBER: Duration = Duration::from_secs(15 * 60);
/// Twilio fetches within minutes of being told; a link is made anew with each attempt.
const FOR_TWILIO: Duration = Duration::from_secs(4 * 3_600);

/// Makes links, and tells good ones from bad ones. Never printed.
#[derive(Clone)]
pub struct Links {
    key: Hmac<Sha256>,
    public_url: String,
}

/// A link, and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address. Whoever has it may fetch the file.
    pub url: String,
    /// The first second at which it is no longer good.
    pub expires_at: DateTime<Utc>,
}

/// Why a link is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLink {
    /// Not made by us, or for another file, or for another time.
    Forged,
    /// Over.
    Expired,
}

impl Links {
    /// Derives the key.
    ///
    /// # Errors
    /// A secret key that is none.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let secret = hex::decode(config.secret_key.expose_secret().trim())?;
        let derived = Hmac::<Sha256>::new_from_slice(&secret)?.chain_update(PURPOSE).finalize().into_bytes();
        Ok(Self {
            key: Hmac::new_from_slice(&derived)?,
            public_url: config.public_url.as_str().trim_end_matches('/').to_owned(),
        })
    }

    /// A link for a member of the file's team.
    #[must_use]
    pub fn for_member(&self, file: FileId, now: DateTime<Utc>) -> Link {
        self.until(file, now + time_delta(FOR_A_MEMBER))
    }

    /// A link for Twilio, or for whoever sends the file next.
    #[must_use]
    pub fn for_twilio(&self, file: FileId, now: DateTime<Utc>) -> Link {
        self.until(file, now + time_delta(FOR_TWILIO))
    }

    /// A link that is good until a time, in whole seconds.
    #[must_use]
    pub fn until(&self, file: FileId, end: DateTime<Utc>) -> Link {
        let expires = end.timestamp();
        let signature = hex::encode(self.mac(file, expires).finalize().into_bytes());
        Link {
            url: format!("{}/media/{file}?expires={expires}&signature={signature}", self.public_url),
            expires_at: DateTime::from_timestamp(expires, 0).unwrap_or(end),
        }
    }

    /// Whether a link is good. Answers when it ends. Takes the same time whatever is wrong with the signature.
    ///
    /// # Errors
    /// [`BadLink`].
    pub fn check(
        &self,
        file: FileId,
        expires: Option<&str>,
        signature: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, BadLink> {
        let expires: i64 = expires.and_then(|text| text.parse().ok()).ok_or(BadLink::Forged)?;
        let signature = signature.and_then(|text| hex::decode(text).ok()).ok_or(BadLink::Forged)?;
        self.mac(file, expires).verify_slice(&signature).map_err(|_| BadLink::Forged)?;
        let end = DateTime::from_timestamp(expires, 0).ok_or(BadLink::Forged)?;
        if now < end { Ok(end) } else { Err(BadLink::Expired) }
    }

    /// Whether an address leads to this server's files, however long ago its link ended.
    #[must_use]
    pub fn leads_here(&self, url: &str) -> bool {
        let path = url.strip_prefix(&self.public_url);
        Url::parse(url).is_ok() && path.is_some_and(|path| path.starts_with("/media/"))
    }

    fn mac(&self, file: FileId, expires: i64) -> Hmac<Sha256> {
        self.key.clone().chain_update(file.0.as_bytes()).chain_update(expires.to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    const FILE: FileId = FileId(Uuid::from_u128(7));

    fn links(key: &str) -> Links {
        let vars = |name: &str| match name {
            "DATABASE_URL" => Some("postgres://db".to_owned()),
            "DESKLINE_SECRET_KEY" => Some(key.repeat(32)),
            "DESKLINE_PUBLIC_URL" => Some("https://desk.example/team/".to_owned()),
            _ => None,
        };
        Links::new(&Config::from_vars(vars).unwrap()).unwrap()
    }

    fn parts(link: &Link) -> (String, String) {
        let url = Url::parse(&link.url).unwrap();
        let field = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        (field("expires"), field("signature"))
    }

    #[test]
    fn a_link_is_good_for_one_file_until_its_second_and_no_longer() {
        let (links, end) = (links("ab"), DateTime::from_timestamp(1_800_000_000, 0).unwrap());

        let link = links.until(FILE, end);
        let (expires, signature) = parts(&link);
        let check = |file, expires: &str, now| links.check(file, Some(expires), Some(&signature), now);

        assert!(link.url.starts_with("https://desk.example/team/media/00000000-"), "{}", link.url);
        assert_eq!(check(FILE, &expires, end - TimeDelta::seconds(1)), Ok(end));
        assert_eq!(check(FILE, &expires, end), Err(BadLink::Expired));
        assert_eq!(check(FileId(Uuid::from_u128(8)), &expires, end), Err(BadLink::Forged));
        assert_eq!(check(FILE, "1800009999", end), Err(BadLink::Forged));
    }

    #[test]
    fn a_link_of_another_key_and_half_a_link_are_forged() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (expires, signature) = parts(&links("ab").for_member(FILE, now));

        assert!(links("ab").check(FILE, Some(&expires), Some(&signature), now).is_ok());
        for (expires, signature) in [
            (None, Some(signature.as_str())),
            (Some(expires.as_str()), None),
            (Some(expires.as_str()), Some("")),
            (Some(expires.as_str()), Some(&signature[..62])),
            (Some("never"), Some(signature.as_str())),
        ] {
            assert_eq!(links("ab").check(FILE, expires, signature, now), Err(BadLink::Forged));
        }
        assert_eq!(links("cd").check(FILE, Some(&expires), Some(&signature), now), Err(BadLink::Forged));
    }

    #[test]
    fn only_this_servers_addresses_lead_here() {
        let links = links("ab");

        assert!(links.leads_here("https://desk.example/team/media/7?expires=1"));
        assert!(!links.leads_here("https://desk.example/media/7"));
        assert!(!links.leads_here("https://desk.example.evil.example/team/media/7"));
    }
}
