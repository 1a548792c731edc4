//! Twilio's REST API, over HTTPS or to a simulator.
//!
//! The server's and the desktop's senders create texts with it, reconciliation looks them up, and `twilio connect` checks
//! credentials. It never retries and never follows a redirect with credentials: an error says what is known, and others decide.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::message::Media;
use reqwest::{Method, RequestBuilder, Response, StatusCode, header, redirect};
use secrecy::ExposeSecret;
use serde::{Deserialize, de::DeserializeOwned};
use url::{Host, Url};

use crate::{
    credentials::Credentials,
    error::Error,
    key::NewKey,
    message::{Message, MessageFilter, NewMessage},
    number::{Account, Number, NumberAddresses},
};

/// Where Twilio itself lives.
pub const TWILIO_URL: &str = "https://api.twilio.com";

/// How many texts one page holds when texts are listed.
const MESSAGES_A_PAGE: u32 = 100;
/// How many numbers one page holds.
const NUMBERS_A_PAGE: u32 = 200;
/// A connection that takes longer is none. Kept apart from the whole request's timeout, since it is known that nothing was sent.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// One account's way to Twilio. Cheap to clone; keeps its connections, so keep it rather than making one a text.
#[derive(Clone, Debug)]
pub struct Client {
    http: Result<reqwest::Client, String>,
    base_url: Url,
    credentials: Credentials,
    timeout: Duration,
}

impl Client {
    /// A client of the API at `base_url` ([`TWILIO_URL`], or a simulator), with a limit on how long one request may take in all.
    #[must_use]
    pub fn new(base_url: Url, credentials: Credentials, timeout: Duration) -> Self {
        Self::through(reqwest::Client::builder(), base_url, credentials, timeout)
    }

    /// The same on a way that is somebody's own: through a proxy, with certificates that are believed besides.
    #[must_use]
    pub fn through(way: reqwest::ClientBuilder, base_url: Url, credentials: Credentials, timeout: Duration) -> Self {
        let mut builder = way
            .redirect(redirect::Policy::none())
            .timeout(timeout)
            // Shorter than the whole, so that "not reached" is known from "no answer".
            .connect_timeout(CONNECT_WITHIN.min(timeout / 2))
            .user_agent(concat!("deskline/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&base_url) {
            builder = builder.no_proxy();
        }
        Self { http: builder.build().map_err(|error| error.to_string()), base_url, credentials, timeout }
    }

    /// Whose texts.
    #[must_use]
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// How long one request may take in all.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Hands a text to Twilio. Once it answers, the text is Twilio's.
    ///
    /// # Errors
    /// See [`Error::retry_kind`]: only `Unknown` leaves open whether the text was taken.
    pub async fn create_message(&self, message: &NewMessage) -> Result<Message, Error> {
        let request = self.request(Method::POST, self.resource(&["Messages.json"]))?.form(&message.params());
        self.ask(request).await
    }

    /// Looks one text up by its SID.
    ///
    /// # Errors
    /// [`Error::Refused`] with status 404 for a SID that the account does not have.
    pub async fn fetch_message(&self, sid: &str) -> Result<Message, Error> {
        self.ask(self.request(Method::GET, self.resource(&["Messages", &format!("{sid}.json")]))?).await
    }

    /// Lists texts, newest first, over as many pages as it takes.
    ///
    /// # Errors
    /// As of any request; nothing is returned of a list that could not be read to its end.
    pub async fn list_messages(&self, filter: &MessageFilter) -> Result<Vec<Message>, Error> {
        let mut url = self.resource(&["Messages.json"]);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("PageSize", &MESSAGES_A_PAGE.to_string());
            if let Some(to) = &filter.to {
                query.append_pair("To", to);
            }
            if let Some(from) = &filter.from {
                query.append_pair("From", from);
            }
        }
        let mut found = Vec::new();
        let mut next = Some(url);
        while let Some(url) = next {
            let page: MessagePage = self.ask(self.request(Method::GET, url)?).await?;
            let only_older = !page.messages.is_empty() && !page.messages.iter().any(|message| filter.wants(message));
            found.extend(page.messages.into_iter().filter(|message| filter.wants(message)));
            next = if only_older { None } else { self.next_page(page.next_page_uri.as_deref())? };
        }
        Ok(found)
    }

    /// Lists the account's numbers, over as many pages as it takes.
    ///
    /// # Errors
    /// As of any request.
    pub async fn list_numbers(&self) -> Result<Vec<Number>, Error> {
        let mut url = self.resource(&["IncomingPhoneNumbers.json"]);
        url.query_pairs_mut().append_pair("PageSize", &NUMBERS_A_PAGE.to_string());
        let mut found = Vec::new();
        let mut next = Some(url);
        while let Some(url) = next {
            let page: NumberPage = self.ask(self.request(Method::GET, url)?).await?;
            found.extend(page.incoming_phone_numbers);
            next = self.next_page(page.next_page_uri.as_deref())?;
        }
        Ok(found)
    }

    /// Tells Twilio where to report what happens to a number (`PN…`).
    ///
    /// # Errors
    /// As of any request.
    pub async fn update_number(&self, sid: &str, addresses: &NumberAddresses) -> Result<Number, Error> {
        let url = self.resource(&["IncomingPhoneNumbers", &format!("{sid}.json")]);
        self.ask(self.request(Method::POST, url)?.form(&addresses.params())).await
    }

    /// Makes an API key of the account. Asks for the account's own token: a key sees no keys.
    ///
    /// # Errors
    /// As of any request.
    pub async fn create_key(&self, name: &str) -> Result<NewKey, Error> {
        self.ask(self.request(Method::POST, self.resource(&["Keys.json"]))?.form(&[("FriendlyName", name)])).await
    }

    /// Deletes an API key: from now on it opens nothing. One that is not there is deleted.
    ///
    /// # Errors
    /// As of any request.
    pub async fn delete_key(&self, sid: &str) -> Result<(), Error> {
        let request = self.request(Method::DELETE, self.resource(&["Keys", &format!("{sid}.json")]))?;
        let response =
            request.header(header::ACCEPT, "application/json").send().await.map_err(Error::from_transport)?;
        let status = response.status();
        if status.is_success() || status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Error::RateLimited { code: None, retry_after: retry_after(&response) });
        }
        let body = response.bytes().await.map_err(Error::from_transport)?;
        read(status, &body)
    }

    /// The files of a text, in their order, as a webhook would have named them.
    ///
    /// # Errors
    /// As of any request.
    pub async fn list_media(&self, message_sid: &str) -> Result<Vec<Media>, Error> {
        let url = self.resource(&["Messages", message_sid, "Media.json"]);
        let page: MediaPage = self.ask(self.request(Method::GET, url)?).await?;
        let address = |sid: &str| self.resource(&["Messages", message_sid, "Media", sid]).to_string();
        Ok(page
            .media_list
            .into_iter()
            .map(|file| Media { url: address(&file.sid), content_type: file.content_type, ..Media::default() })
            .collect())
    }

    /// What time it is at Twilio, to the second. Asks without credentials.
    ///
    /// # Errors
    /// [`Error::NotTwilio`] for an answer without a date, otherwise as of any request.
    pub async fn time(&self) -> Result<DateTime<Utc>, Error> {
        let response = self.http()?.get(self.base_url.clone()).send().await.map_err(Error::from_transport)?;
        let date = response.headers().get(header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        date.map(|date| date.with_timezone(&Utc)).ok_or(Error::NotTwilio { status: response.status().as_u16() })
    }

    /// Checks that the credentials are good. Twilio does not show an account to an API key, so a key is tried on the numbers.
    ///
    /// # Errors
    /// [`Error::Refused`], with [`Error::is_unauthorized`], for credentials that are not.
    pub async fn check(&self) -> Result<Account, Error> {
        let sid = self.credentials.account_sid.as_str();
        if !self.credentials.is_api_key() {
            let url = self.api(&["Accounts", &format!("{sid}.json")]);
            return self.ask(self.request(Method::GET, url)?).await;
        }
        let mut url = self.resource(&["IncomingPhoneNumbers.json"]);
        url.query_pairs_mut().append_pair("PageSize", "1");
        let _: NumberPage = self.ask(self.request(Method::GET, url)?).await?;
        Ok(Account { sid: sid.to_owned(), friendly_name: String::new(), status: "active".to_owned() })
    }

    /// Whether a URL is on the API's own host, and may be asked with credentials.
    fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base_url.origin()
    }

    /// The HTTP client alone, for requests without credentials.
    fn http(&self) -> Result<&reqwest::Client, Error> {
        self.http.as_ref().map_err(|reason| Error::Setup(reason.clone()))
    }

    /// A request with credentials. Only for URLs of our own making.
    fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Error> {
        let secret = self.credentials.secret.expose_secret();
        Ok(self.http()?.request(method, url).basic_auth(&self.credentials.username, Some(secret)))
    }

    /// Sends, and reads the answer as JSON.
    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let response =
            request.header(header::ACCEPT, "application/json").send().await.map_err(Error::from_transport)?;
        let (status, retry_after) = (response.status(), retry_after(&response));
        if status == StatusCode::TOO_MANY_REQUESTS {
            let code = response.json::<ErrorBody>().await.ok().and_then(|body| body.code);
            return Err(Error::RateLimited { code, retry_after });
        }
        let body = response.bytes().await.map_err(Error::from_transport)?;
        read(status, &body)
    }

    /// `{base}/2010-04-01/…`
    fn api(&self, path: &[&str]) -> Url {
        let mut url = self.base_url.clone();
        url.set_query(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("2010-04-01").extend(path);
        }
        url
    }

    /// `{base}/2010-04-01/Accounts/{sid}/…`
    fn resource(&self, path: &[&str]) -> Url {
        self.api(&[&["Accounts", self.credentials.account_sid.as_str()], path].concat())
    }

    /// The next page's address, which Twilio gives without a host. One with a host is not followed: it would get our credentials.
    fn next_page(&self, uri: Option<&str>) -> Result<Option<Url>, Error> {
        let Some(uri) = uri.filter(|uri| !uri.is_empty()) else { return Ok(None) };
        let prefix = self.base_url.path().trim_end_matches('/');
        let url = self.base_url.join(&format!("{prefix}{uri}")).map_err(|_| Error::NotTwilio { status: 200 })?;
        if uri.starts_with('/') && self.is_own(&url) { Ok(Some(url)) } else { Err(Error::NotTwilio { status: 200 }) }
    }
}

/// Sorts an answer. `429` is sorted before its body is read.
fn read<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, Error> {
    let code = status.as_u16();
    if status.is_success() {
        return serde_json::from_slice(body).map_err(|_| Error::NotTwilio { status: code });
    }
    let said = serde_json::from_slice::<ErrorBody>(body);
    match said {
        Ok(said) if status.is_client_error() => {
            Err(Error::Refused { status: code, code: said.code, message: said.message.unwrap_or_default() })
        }
        Ok(said) if status.is_server_error() => Err(Error::Unavailable { status: code, code: said.code }),
        Err(_) if status.is_server_error() => Err(Error::Unavailable { status: code, code: None }),
        _ => Err(Error::NotTwilio { status: code }),
    }
}

/// `Retry-After` in seconds; Twilio does not send the form with a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// A simulator on this machine is not asked through a proxy.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    code: Option<i32>,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
struct MessagePage {
    messages: Vec<Message>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct MediaPage {
    media_list: Vec<MediaItem>,
}

#[derive(Deserialize)]
struct MediaItem {
    sid: String,
    #[serde(default)]
    content_type: Option<String>,
}

#[derive(Deserialize)]
struct NumberPage {
    incoming_phone_numbers: Vec<Number>,
    #[serde(default)]
    next_page_uri: Option<String>,
}
