//! The server's settings: read once from the environment (and a `.env` file), checked, and handed to everything else.
//!
//! Made by `main` through [`Config::from_env`] and by tests field by field. Nothing else reads the environment.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::http::HeaderValue;
use deskline_sending::Pace;
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

mod media;

pub use media::{MediaSettings, Place};

/// Everything that can be set from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`: the shared Postgres.
    pub database_url: SecretString,
    /// `DESKLINE_BIND`: where to listen. Not read by [`crate::run`], which is given a listener.
    pub bind: SocketAddr,
    /// `DESKLINE_PUBLIC_URL`: how Twilio reaches this server. Signatures are made over it.
    pub public_url: Url,
    /// `DESKLINE_JWT_SECRET`: signs and verifies HS256 tokens. Without it nobody can sign in here with a password.
    pub jwt_secret: Option<SecretString>,
    /// `DESKLINE_JWKS_URL`: the public keys of a foreign issuer such as Supabase.
    pub jwks_url: Option<Url>,
    /// `DESKLINE_SECRET_KEY`: 32 bytes as hex; encrypts stored Twilio tokens.
    pub secret_key: SecretString,
    /// Where agents' desktops reach Postgres, for those that may work without this server. Without it nobody may.
    pub direct_database_url: Option<Url>,
    /// Who signs the certificate that is shown there, as PEM.
    pub direct_database_ca: Option<String>,
    /// `DESKLINE_TWILIO_URL`: where Twilio's REST API is.
    pub twilio_url: Url,
    /// `FRONTEND_URL`: the one origin whose pages may talk to this server.
    pub frontend_origin: HeaderValue,
    /// `DESKLINE_METRICS_TOKEN`: reads `/metrics` without being a member of anything.
    pub metrics_token: Option<SecretString>,
    /// `DESKLINE_MEDIA_…`: where files are kept.
    pub media: MediaSettings,
    /// `DESKLINE_TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed when failed sign-ins are counted by address. Nothing else
    /// reads that header.
    pub trusted_proxies: Vec<IpNet>,
    /// How long things take. Not in the environment: tests shorten them.
    pub timers: Timers,
}

/// Waiting times.
#[derive(Clone, Copy, Debug)]
pub struct Timers {
    /// Twilio has this long to answer. After it the outcome is unknown.
    pub twilio_timeout: Duration,
    /// The first retry comes after this and up to twice as much; each later one doubles.
    pub retry_base: Duration,
    /// No retry waits longer than this.
    pub retry_cap: Duration,
    /// A sender whose queue at Twilio is full waits this long and up to twice as much; each time in a row doubles it.
    pub queue_full_base: Duration,
    /// A text for later that comes up later than this, because no server was running, is not sent any more.
    pub schedule_grace: Duration,
    /// The work list and the change feed are looked at this often even when nobody rings.
    pub poll_every: Duration,
    /// Whoever is no longer a member stops hearing a workspace after this at the latest.
    pub members_checked_every: Duration,
    /// A request waits this long for a text that somebody else is sending, or that Twilio told to wait.
    pub send_patience: Duration,
    /// An unknown key id makes the key set be fetched again, but never more often than this.
    pub jwks_min_refresh: Duration,
    /// A key set older than this is fetched again, so that a withdrawn key stops working.
    pub jwks_max_age: Duration,
    /// While the issuer cannot be asked, its keys go on until the set is this old.
    pub jwks_outage: Duration,
    /// An access token is good for this long.
    pub access_token_life: Duration,
    /// A refresh token is good for this long after its last use.
    pub refresh_token_life: Duration,
    /// A refresh token whose answer may have got lost is answered the same again for this long.
    pub refresh_reuse: Duration,
    /// A request body has to be here within this.
    pub body_timeout: Duration,
    /// A connection that has not said what it wants within this is closed.
    pub header_timeout: Duration,
    /// Each account is compared with Twilio's own list this often.
    pub audit_every: Duration,
    /// How far back a comparison looks; farther where the last one is longer ago.
    pub audit_window: Duration,
    /// Texts younger than this are left out of a comparison: their webhook may still be on its way.
    pub audit_grace: Duration,
    /// A file has to be fetched from Twilio within this, redirects included.
    pub media_timeout: Duration,
    /// No retry of a file waits longer than this. The first one waits as those of texts do.
    pub media_retry_cap: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            twilio_timeout: Duration::from_secs(30),
            retry_base: Duration::from_secs(1),
            retry_cap: Duration::from_secs(60),
            queue_full_base: Duration::from_secs(5),
            schedule_grace: Duration::from_secs(3_600),
            poll_every: Duration::from_secs(2),
            members_checked_every: Duration::from_secs(5),
            send_patience: Duration::from_secs(40),
            jwks_min_refresh: Duration::from_secs(10),
            jwks_max_age: Duration::from_secs(300),
            jwks_outage: Duration::from_secs(24 * 3_600),
            access_token_life: Duration::from_secs(3_600),
            refresh_token_life: Duration::from_secs(60 * 24 * 3_600),
            refresh_reuse: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(30),
            audit_every: Duration::from_secs(300),
            audit_window: Duration::from_secs(24 * 3_600),
            audit_grace: Duration::from_secs(120),
            media_timeout: Duration::from_secs(60),
            media_retry_cap: Duration::from_secs(3_600),
        }
    }
}

impl Timers {
    /// How texts are sent.
    #[must_use]
    pub const fn pace(&self) -> Pace {
        Pace {
            twilio_timeout: self.twilio_timeout,
            retry_base: self.retry_base,
            retry_cap: self.retry_cap,
            queue_full_base: self.queue_full_base,
        }
    }

    /// As of [`Pace::lease`].
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.pace().lease()
    }
}

/// A setting that is missing or cannot be used. The text tells which and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not set.
    #[error("{0} is not set. Set it in the environment or in a .env file.")]
    Missing(&'static str),
    /// Set to something else than what it must be. The value is not quoted, since it may be a secret.
    #[error("{name} cannot be used: {problem}")]
    Bad {
        /// Which.
        name: &'static str,
        /// What it must be.
        problem: String,
    },
    /// No way to tell who somebody is.
    #[error(
        "Neither DESKLINE_JWT_SECRET nor DESKLINE_JWKS_URL is set, so that no token could be verified. Set at least one."
    )]
    NoTokenKeys,
}

impl Config {
    /// Reads the environment. A `.env` file must have been loaded into it before.
    ///
    /// # Errors
    /// The first setting that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// Reads settings from any source of names and values. An empty value counts as none.
    ///
    /// # Errors
    /// The first setting that is missing or wrong.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let require = |name: &'static str| get(name).ok_or(ConfigError::Missing(name));
        let secret = |name: &str| get(name).map(SecretString::from);

        let bind: SocketAddr =
            get("DESKLINE_BIND").unwrap_or_else(|| "127.0.0.1:4000".to_owned()).parse().map_err(|_| {
                ConfigError::Bad {
                    name: "DESKLINE_BIND",
                    problem: "it must be an address and a port, such as 127.0.0.1:4000".into(),
                }
            })?;
        Ok(Self {
            database_url: require("DATABASE_URL")?.into(),
            bind,
            public_url: http_url(
                "DESKLINE_PUBLIC_URL",
                &get("DESKLINE_PUBLIC_URL").unwrap_or_else(|| format!("http://{bind}")),
            )?,
            jwt_secret: secret("DESKLINE_JWT_SECRET"),
            jwks_url: get("DESKLINE_JWKS_URL").map(|url| http_url("DESKLINE_JWKS_URL", &url)).transpose()?,
            secret_key: secret_key(require("DESKLINE_SECRET_KEY")?)?,
            direct_database_url: get("DESKLINE_DIRECT_DATABASE_URL").map(|url| postgres_url(&url)).transpose()?,
            direct_database_ca: get("DESKLINE_DIRECT_DATABASE_CA").map(|path| authority(&path)).transpose()?,
            twilio_url: http_url(
                "DESKLINE_TWILIO_URL",
                &get("DESKLINE_TWILIO_URL").unwrap_or_else(|| "https://api.twilio.com".to_owned()),
            )?,
            frontend_origin: origin(&get("FRONTEND_URL").unwrap_or_else(|| "http://localhost:3000".to_owned()))?,
            metrics_token: secret("DESKLINE_METRICS_TOKEN"),
            media: MediaSettings::read(get)?,
            trusted_proxies: get("DESKLINE_TRUSTED_PROXIES")
                .map(|list| networks(&list))
                .transpose()?
                .unwrap_or_default(),
            timers: Timers::default(),
        })
    }

    /// Whether there is a way to tell who somebody is, without which nothing can be served.
    ///
    /// # Errors
    /// [`ConfigError::NoTokenKeys`].
    pub fn check_token_keys(&self) -> Result<(), ConfigError> {
        if self.jwt_secret.is_none() && self.jwks_url.is_none() { Err(ConfigError::NoTokenKeys) } else { Ok(()) }
    }

    /// The address that Twilio signed: the public one, followed by the path and query that arrived.
    #[must_use]
    pub fn signed_url(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.public_url.as_str().trim_end_matches('/'))
    }
}

/// Where desktops reach Postgres. Everybody who may work directly learns it, so nobody's password may be in it.
fn postgres_url(text: &str) -> Result<Url, ConfigError> {
    let problem = "it must be an address such as postgres://db.example.com/deskline, without a user and a password";
    let bad = || ConfigError::Bad { name: "DESKLINE_DIRECT_DATABASE_URL", problem: problem.into() };
    let url = Url::parse(text).map_err(|_| bad())?;
    let usable = matches!(url.scheme(), "postgres" | "postgresql")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none();
    if usable { Ok(url) } else { Err(bad()) }
}

/// A file that goes to every desktop, so that it may hold nothing but one certificate.
fn authority(path: &str) -> Result<String, ConfigError> {
    let bad = |problem: &str| ConfigError::Bad { name: "DESKLINE_DIRECT_DATABASE_CA", problem: problem.into() };
    let pem = std::fs::read_to_string(path).map_err(|_| bad("it must be the path of a file that can be read"))?;
    let is_one = pem.matches("-----BEGIN ").count() == 1 && pem.contains("-----BEGIN CERTIFICATE-----");
    if is_one { Ok(pem) } else { Err(bad("the file must hold one certificate as PEM, and nothing else")) }
}

fn http_url(name: &'static str, text: &str) -> Result<Url, ConfigError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => {
            Err(ConfigError::Bad { name, problem: "it must be an address that starts with http:// or https://".into() })
        }
    }
}

/// Addresses and networks, divided by commas.
fn networks(list: &str) -> Result<Vec<IpNet>, ConfigError> {
    let one = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    list.split(',').map(str::trim).filter(|text| !text.is_empty()).map(one).collect::<Result<_, _>>().map_err(|_| {
        ConfigError::Bad {
            name: "DESKLINE_TRUSTED_PROXIES",
            problem: "it must be a list of addresses or networks such as 127.0.0.1, 10.0.0.0/8".into(),
        }
    })
}

fn secret_key(text: String) -> Result<SecretString, ConfigError> {
    let key = SecretString::from(text);
    match hex::decode(key.expose_secret()) {
        Ok(bytes) if bytes.len() == 32 => Ok(key),
        _ => Err(ConfigError::Bad {
            name: "DESKLINE_SECRET_KEY",
            problem: "it must be 32 bytes as hex, 64 characters; `openssl rand -hex 32` makes one".into(),
        }),
    }
}

/// Browsers send an origin without a path and without a slash at the end, whatever the setting says.
fn origin(text: &str) -> Result<HeaderValue, ConfigError> {
    let origin = http_url("FRONTEND_URL", text)?.origin().ascii_serialization();
    HeaderValue::from_str(&origin).map_err(|_| ConfigError::Bad {
        name: "FRONTEND_URL",
        problem: "it must be an origin such as https://app.example".into(),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn vars<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn what_is_not_set_has_the_documented_default() {
        let config = Config::from_vars(vars(&[
            ("DATABASE_URL", "postgres://db"),
            ("DESKLINE_JWT_SECRET", "secret"),
            ("DESKLINE_SECRET_KEY", KEY),
        ]))
        .unwrap();

        assert_eq!(config.bind.to_string(), "127.0.0.1:4000");
        assert_eq!(config.twilio_url.as_str(), "https://api.twilio.com/");
        assert_eq!(config.frontend_origin, "http://localhost:3000");
    }

    #[rstest]
    #[case::no_database(&[("DESKLINE_JWT_SECRET", "s"), ("DESKLINE_SECRET_KEY", KEY)], "DATABASE_URL")]
    #[case::short_key(&[("DATABASE_URL", "d"), ("DESKLINE_JWT_SECRET", "s"), ("DESKLINE_SECRET_KEY", "abc")], "DESKLINE_SECRET_KEY")]
    #[case::no_proxy(&[("DATABASE_URL", "d"), ("DESKLINE_SECRET_KEY", KEY), ("DESKLINE_TRUSTED_PROXIES", "10.0.0.0/8, proxy")], "DESKLINE_TRUSTED_PROXIES")]
    #[case::no_ca(&[("DATABASE_URL", "d"), ("DESKLINE_SECRET_KEY", KEY), ("DESKLINE_DIRECT_DATABASE_CA", "/nowhere/ca.pem")], "DESKLINE_DIRECT_DATABASE_CA")]
    #[case::no_token_keys(&[("DATABASE_URL", "d"), ("DESKLINE_SECRET_KEY", KEY)], "DESKLINE_JWKS_URL")]
    fn a_wrong_setting_is_named(#[case] pairs: &[(&str, &str)], #[case] expected: &str) {
        let read = Config::from_vars(vars(pairs)).and_then(|config| config.check_token_keys());

        let error = read.unwrap_err().to_string();

        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn the_signed_url_is_the_public_one_with_path_and_query() {
        let config = Config::from_vars(vars(&[
            ("DATABASE_URL", "d"),
            ("DESKLINE_JWT_SECRET", "s"),
            ("DESKLINE_SECRET_KEY", KEY),
            ("DESKLINE_PUBLIC_URL", "https://sms.example/team/"),
        ]))
        .unwrap();

        assert_eq!(config.signed_url("/twilio/status?message=7"), "https://sms.example/team/twilio/status?message=7");
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = Config::from_vars(vars(&[
            ("DATABASE_URL", "postgres://u:hunter2@db"),
            ("DESKLINE_JWT_SECRET", "hunter2"),
            ("DESKLINE_SECRET_KEY", KEY),
            ("DESKLINE_METRICS_TOKEN", "hunter2"),
        ]))
        .unwrap();

        let printed = format!("{config:?}");

        assert!(!printed.contains("hunter2") && !printed.contains(KEY), "{printed}");
    }
}
