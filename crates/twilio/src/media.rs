//! Files that came with a text. Twilio asks for credentials and then redirects to a host of somebody else's.

use reqwest::{Method, StatusCode, header};
use url::Url;

use crate::{Client, Error};

/// How often Twilio may send us elsewhere.
const MAX_REDIRECTS: usize = 5;

/// A file.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// Its MIME type, as the last host says.
    pub content_type: Option<String>,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Client {
    /// Fetches a file, `limit` bytes at most. The credentials go to the API's own host and to no other.
    ///
    /// # Errors
    /// [`Error::TooLarge`] past the limit, [`Error::NotTwilio`] for a redirect that leads nowhere, otherwise as of any request.
    pub async fn fetch_media(&self, url: &Url, limit: usize) -> Result<MediaFile, Error> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let request =
                if self.is_own(&url) { self.request(Method::GET, url.clone())? } else { self.http()?.get(url.clone()) };
            let mut response = request.send().await.map_err(Error::from_transport)?;
            let status = response.status();
            if status.is_redirection() {
                let target = response.headers().get(header::LOCATION).and_then(|target| target.to_str().ok());
                url = target
                    .and_then(|target| url.join(target).ok())
                    .ok_or(Error::NotTwilio { status: status.as_u16() })?;
                continue;
            }
            if status != StatusCode::OK {
                return Err(refusal(status));
            }
            let content_type =
                response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(Error::from_transport)? {
                if bytes.len() + chunk.len() > limit {
                    return Err(Error::TooLarge { limit });
                }
                bytes.extend_from_slice(&chunk);
            }
            return Ok(MediaFile { content_type, bytes });
        }
        Err(Error::NotTwilio { status: StatusCode::LOOP_DETECTED.as_u16() })
    }
}

fn refusal(status: StatusCode) -> Error {
    let code = status.as_u16();
    if status == StatusCode::TOO_MANY_REQUESTS {
        Error::RateLimited { code: None, retry_after: None }
    } else if status.is_client_error() {
        Error::Refused { status: code, code: None, message: String::new() }
    } else if status.is_server_error() {
        Error::Unavailable { status: code, code: None }
    } else {
        Error::NotTwilio { status: code }
    }
}
