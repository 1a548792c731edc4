//! Files that came with a text. Twilio asks for credentials and then redirects to a host of somebody else's.
//!
//! Called by the server's job that fetches them. The credentials go with the first request alone, and only to Twilio; whoever
//! Twilio redirects to gets none, and must not be in a private network ([`reach`]). Never retries: [`MediaError::is_final`] says
//! whether that would help.

use std::time::Duration;

use reqwest::{Response, StatusCode, header, redirect};
use secrecy::ExposeSecret;
use url::Url;

use self::reach::{PrivateAddress, PublicOnly};
use crate::{Credentials, client::is_loopback};

mod reach;

/// How often we may be sent elsewhere.
const MAX_REDIRECTS: usize = 5;
/// A connection that takes longer is none.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// A file.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// Its MIME type, as the last host says.
    pub content_type: Option<String>,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why there is no file. Each is a sentence for an agent; none contains an address or a secret.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The address is not one of Twilio's. Nothing was asked.
    #[error("This file is not at Twilio.")]
    NotAtTwilio,
    /// 404 or 410.
    #[error("Twilio does not have this file any more.")]
    Gone,
    /// More than the caller wanted.
    #[error("This file is larger than {limit} bytes, the most that this server takes.")]
    TooLarge {
        /// The caller's limit.
        limit: usize,
    },
    /// 401 or 403.
    #[error("Twilio does not accept the stored credentials. An admin must connect the Twilio account again.")]
    Unauthorized,
    /// Any other answer that is no file.
    #[error("Twilio could not give the file (HTTP {status}).")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// A host in a private network. It was not connected to.
    #[error("Twilio's answer led into a private network, where no file of Twilio's can be.")]
    PrivateAddress,
    /// A redirect without a target, with one that is no web address, or one too many.
    #[error("Twilio's answer led nowhere.")]
    Astray,
    /// No connection, no answer, or one that broke off.
    #[error("The file did not arrive whole.")]
    Interrupted(#[source] reqwest::Error),
    /// The HTTP client could not be set up on this machine.
    #[error("This machine cannot make secure connections. An admin must check its certificates.")]
    Setup,
}

impl MediaError {
    /// Whether it is certain that another try will end the same way.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::NotAtTwilio | Self::Gone | Self::TooLarge { .. })
    }

    fn from_transport(error: reqwest::Error) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if error.is::<PrivateAddress>() {
                return Self::PrivateAddress;
            }
            cause = error.source();
        }
        Self::Interrupted(error.without_url())
    }
}

/// Fetches files, for any account. Cheap to clone.
#[derive(Clone, Debug)]
pub struct MediaFetcher {
    base_url: Url,
    /// For the API that the settings name, wherever that is.
    api: Option<reqwest::Client>,
    /// For every other host: connects to public addresses alone.
    elsewhere: Option<reqwest::Client>,
}

impl MediaFetcher {
    /// Fetches from the API at `base_url` ([`crate::client::TWILIO_URL`], or a simulator). `timeout` is for each request, its body included.
    ///
    /// What the API redirects to is connected to directly, past any proxy: only so is it known where it is.
    #[must_use]
    pub fn new(base_url: Url, timeout: Duration) -> Self {
        let builder = || {
            reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .timeout(timeout)
                .connect_timeout(CONNECT_WITHIN.min(timeout))
                .user_agent(concat!("deskline/", env!("CARGO_PKG_VERSION")))
        };
        let api = if is_loopback(&base_url) { builder().no_proxy() } else { builder() };
        let elsewhere = builder().no_proxy().dns_resolver(PublicOnly);
        Self { base_url, api: api.build().ok(), elsewhere: elsewhere.build().ok() }
    }

    /// Whether an address is Twilio's, and may be asked with an account's credentials.
    #[must_use]
    pub fn is_twilio(&self, url: &Url) -> bool {
        let twilio = |host: &str| host == "twilio.com" || host.ends_with(".twilio.com");
        self.is_api(url) || url.scheme() == "https" && url.port().is_none() && url.host_str().is_some_and(twilio)
    }

    fn is_api(&self, url: &Url) -> bool {
        url.origin() == self.base_url.origin()
    }

    /// Fetches a file, `limit` bytes at most.
    ///
    /// # Errors
    /// See [`MediaError`]. Half a file is none.
    pub async fn fetch(&self, credentials: &Credentials, url: &Url, limit: usize) -> Result<MediaFile, MediaError> {
        if !self.is_twilio(url) {
            return Err(MediaError::NotAtTwilio);
        }
        let request = self.client_for(url)?.get(url.clone());
        let request = request.basic_auth(&credentials.username, Some(credentials.secret.expose_secret()));
        let mut response = request.send().await.map_err(MediaError::from_transport)?;
        let mut here = url.clone();
        for _ in 0..MAX_REDIRECTS {
            if !response.status().is_redirection() {
                return read(response, limit).await;
            }
            here = target(&response, &here).ok_or(MediaError::Astray)?;
            response = self.client_for(&here)?.get(here.clone()).send().await.map_err(MediaError::from_transport)?;
        }
        if response.status().is_redirection() { Err(MediaError::Astray) } else { read(response, limit).await }
    }

    /// The client that may connect to where this address leads.
    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, MediaError> {
        // A simulator serves its files from a second port of its own host.
        let simulated = is_loopback(&self.base_url) && url.host() == self.base_url.host();
        if self.is_api(url) || simulated {
            return self.api.as_ref().ok_or(MediaError::Setup);
        }
        if url.scheme() != "https" && self.base_url.scheme() == "https" {
            return Err(MediaError::Astray);
        }
        // No name is looked up for an address, so the resolver never sees it.
        if !reach::is_public_or_name(url) {
            return Err(MediaError::PrivateAddress);
        }
        self.elsewhere.as_ref().ok_or(MediaError::Setup)
    }
}

fn target(response: &Response, here: &Url) -> Option<Url> {
    let target = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let mut url = here.join(target).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // Names and passwords in an address would become credentials.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

async fn read(mut response: Response, limit: usize) -> Result<MediaFile, MediaError> {
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(MediaError::Gone),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(MediaError::Unauthorized),
        status => return Err(MediaError::Refused { status: status.as_u16() }),
    }
    let too_large = |size: u64| usize::try_from(size).map_or(true, |size| size > limit);
    if response.content_length().is_some_and(too_large) {
        return Err(MediaError::TooLarge { limit });
    }
    let content_type =
        response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(MediaError::from_transport)? {
        if bytes.len() + chunk.len() > limit {
            return Err(MediaError::TooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(MediaFile { content_type, bytes })
}
