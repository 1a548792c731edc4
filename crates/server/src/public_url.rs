//! Does Twilio reach us, and do its signatures survive the way? Tried with a signed request of our own to `DESKLINE_PUBLIC_URL`.
//!
//! Called by `twilio connect` and `doctor`. Answers in sentences that an admin can act upon; quotes no token.

use std::time::Duration;

use deskline_twilio::{AuthToken, signature};
use reqwest::{StatusCode, redirect};
use serde_json::Value;

use crate::Config;

/// Twilio itself waits for 15 seconds.
const PATIENCE: Duration = Duration::from_secs(15);
/// With what proxies like to change: a query, an escape, and a path of several parts.
const PATH: &str = "/twilio/self-test?a=1&b=%2B";

/// Why Twilio's webhooks would not get through. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No connection, or no answer.
    #[error(
        "Nothing answers at {url} ({why}). Start the server and its proxy, and check the name and the certificate; then run `deskline-server doctor`."
    )]
    NobodyThere {
        /// Where.
        url: String,
        /// In a few words.
        why: &'static str,
    },
    /// A redirect, which Twilio's signature does not survive.
    #[error("{url} redirects to {to}. Set DESKLINE_PUBLIC_URL to where it leads.")]
    Redirects {
        /// From.
        url: String,
        /// Where to.
        to: String,
    },
    /// An answer that is not ours.
    #[error(
        "Something else than this version of deskline-server answers at {url} (HTTP {status}). Let the proxy pass /twilio/ on to it."
    )]
    SomebodyElse {
        /// Where.
        url: String,
        /// The answer.
        status: u16,
    },
    /// The address changes on its way.
    #[error(
        "The request was sent to {sent}, but the server took it for {seen}. Either a proxy changes path or query string, or the server runs with another DESKLINE_PUBLIC_URL than this command."
    )]
    Changed {
        /// As it was signed.
        sent: String,
        /// As it arrived.
        seen: String,
    },
    /// Address and form arrived, but the account did not.
    #[error("The server at {0} does not know this account: it runs on another database than this command.")]
    OtherDatabase(String),
    /// The address arrived as it was sent, and the signature is bad all the same.
    #[error(
        "The server at {0} has another token for this account, or a proxy changes the form on its way. Check that it runs with the same DESKLINE_SECRET_KEY and database as this command."
    )]
    OtherToken(String),
}

/// Sends the request.
///
/// # Errors
/// What is in the way.
pub async fn test(config: &Config, account_sid: &str, token: &AuthToken) -> Result<(), Problem> {
    let url = config.signed_url(PATH);
    let nobody = |why| Problem::NobodyThere { url: url.clone(), why };
    let http = reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE);
    let http = if is_loopback(config) { http.no_proxy() } else { http };
    let http = http.build().map_err(|_| nobody("this machine cannot make HTTPS requests"))?;
    let form = vec![("AccountSid".to_owned(), account_sid.to_owned()), ("Body".to_owned(), "é + ü".to_owned())];
    let request = http.post(&url).header("X-Twilio-Signature", signature::sign(token, &url, &form)).form(&form);
    let answer = request.send().await.map_err(|error| nobody(reason(&error)))?;

    let status = answer.status();
    if status.is_redirection() {
        let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or("nowhere").to_owned();
        return Err(Problem::Redirects { url, to });
    }
    let body: Value = answer.json().await.unwrap_or_default();
    match (status, body["signedUrl"].as_str()) {
        (StatusCode::OK, Some(_)) => Ok(()),
        (_, None) => Err(Problem::SomebodyElse { url, status: status.as_u16() }),
        (_, Some(seen)) if seen != url => Err(Problem::Changed { sent: url.clone(), seen: seen.to_owned() }),
        _ if body["accountKnown"] == false => Err(Problem::OtherDatabase(url)),
        _ => Err(Problem::OtherToken(url)),
    }
}

/// Whether Twilio itself could never reach the address: a name or number of this machine alone.
#[must_use]
pub fn is_loopback(config: &Config) -> bool {
    match config.public_url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(url::Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => true,
    }
}

fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke off"
    }
}
