//! What came back from a request: read once, here, so that nobody else looks at status codes of failures.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

use deskline_domain::protocol::{CODE_FEED_CHANGED, ErrorBody, PROTOCOL};
use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Nobody is signed in, or the server takes neither token any more.
    #[error("the session ended")]
    SignedOut,
    /// No answer: the request may or may not have arrived.
    #[error("{reason}")]
    NoAnswer {
        /// What the system said, in a few words. Holds no address and no secret.
        reason: String,
        /// Whether the request certainly did not arrive.
        never_left: bool,
    },
    /// Postgres takes the agent's own login no more.
    #[error("working directly was taken back")]
    LockedOut,
    /// The server took the token for none of its own.
    #[error("the token was refused")]
    Unauthorized,
    /// This program or the server must be updated.
    #[error("{0}")]
    Incompatible(String),
    /// The feed has another id than the cursor.
    #[error("the feed is another one")]
    FeedChanged,
    /// The server said no, in its own words.
    #[error("{status}: {}", .body.error)]
    Said { status: StatusCode, body: Box<ErrorBody>, retry_after: Option<Duration> },
    /// An answer that is not the server's: a proxy's page, or another program's.
    #[error("an answer with status {status} that is not Deskline's")]
    Foreign { status: StatusCode },
    /// The cache, the outbox or the keychain failed.
    #[error(transparent)]
    Local(#[from] Error),
}

impl From<sqlx::Error> for CallError {
    fn from(error: sqlx::Error) -> Self {
        Self::Local(Error::from(error))
    }
}

impl CallError {
    /// Whether nobody knows what the server thinks of it, and the direct way may be tried.
    pub(crate) fn is_away(&self) -> bool {
        match self {
            Self::NoAnswer { .. } => true,
            Self::Foreign { status } => status.is_server_error(),
            _ => false,
        }
    }

    /// Nothing that was asked for can have happened.
    pub(crate) fn before_anything(self) -> Self {
        match self {
            Self::NoAnswer { reason, .. } => Self::NoAnswer { reason, never_left: true },
            other => other,
        }
    }

    /// The direct way was no help either. A request that may have arrived on one of the two may have arrived.
    pub(crate) fn and_neither(self, direct: &str, never_left_there: bool) -> Self {
        match self {
            Self::NoAnswer { reason, never_left } => {
                let reason = format!("{reason}. Without it, {direct}");
                Self::NoAnswer { reason, never_left: never_left && never_left_there }
            }
            other => other,
        }
    }

    /// For the agent who asked for it and waits.
    pub(crate) fn into_error(self, server: &str) -> Error {
        match self {
            Self::SignedOut | Self::Unauthorized => Error::SignedOut,
            Self::NoAnswer { reason, .. } => Error::Unreachable { server: server.to_owned(), reason },
            Self::Incompatible(reason) => Error::Incompatible(reason),
            Self::FeedChanged => Error::Server("the feed is another one".to_owned()),
            Self::LockedOut => Error::Server("its database does not take this agent's login".to_owned()),
            Self::Said { body, .. } => Error::Server(body.error),
            Self::Foreign { status } if status.is_server_error() => Error::Unreachable {
                server: server.to_owned(),
                reason: format!("something in between answered {status}"),
            },
            Self::Foreign { .. } => Error::NotAServer(server.to_owned()),
            Self::Local(error) => error,
        }
    }

    /// The same for whoever tries whether one can work directly.
    pub(crate) fn into_direct_error(self) -> Error {
        match self {
            Self::NoAnswer { reason, .. } => Error::Direct(reason),
            Self::LockedOut => Error::Direct("the team's database does not take this agent's login".to_owned()),
            Self::Said { body, .. } => Error::Direct(body.error),
            other => other.into_error("the team's database"),
        }
    }
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        let never_left = error.is_connect() || error.is_builder();
        let reason = if error.is_timeout() { "it does not answer".to_owned() } else { in_words(&error.without_url()) };
        Self::NoAnswer { reason, never_left }
    }
}

/// Why there was no answer: in plain words where the system's reason has some, and as the last cause tells it otherwise.
pub(super) fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    let mut kind = None;
    loop {
        if let Some(words) = of_the_way(&error.to_string()) {
            return words.to_owned();
        }
        kind = error.downcast_ref::<io::Error>().map(io::Error::kind).or(kind);
        match error.source() {
            Some(source) => error = source,
            None => break,
        }
    }
    match kind {
        Some(ErrorKind::ConnectionRefused) => "nothing answers at this address".to_owned(),
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe) => {
            "the connection broke".to_owned()
        }
        Some(ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown) => "there is no network".to_owned(),
        Some(ErrorKind::HostUnreachable) => "no way leads to it from this network".to_owned(),
        Some(ErrorKind::TimedOut) => "it does not answer".to_owned(),
        // std has no kind of its own for this.
        _ if error.to_string().starts_with("failed to lookup address") => "its name is not known".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads an answer that says nothing but that it is done.
pub(crate) async fn read_nothing(response: Response) -> Result<(), CallError> {
    if response.status().is_success() { Ok(()) } else { read(response).await }
}

/// Words for what a proxy or a certificate is in the way of; the libraries have no kinds for these.
fn of_the_way(said: &str) -> Option<&'static str> {
    let said = said.to_lowercase();
    if said.contains("proxy authorization required") || said.contains("proxy authentication required") {
        Some("the proxy wants another name or password")
    } else if said.contains("unsuccessful tunnel") || said.contains("tunnel unsuccessful") {
        Some("the proxy does not let it through")
    } else if said.contains("certificate") {
        Some(
            "its certificate is not trusted on this computer. If your network or your server has certificates of its own, name \
             their file in the network settings",
        )
    } else {
        None
    }
}

/// Reads an answer.
pub(crate) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, CallError> {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let body = response.bytes().await?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|_| CallError::Foreign { status });
    }
    Err(match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(body) => said(status, body, retry_after),
        Err(_) if status == StatusCode::UPGRADE_REQUIRED => CallError::Incompatible(too_old()),
        Err(_) => CallError::Foreign { status },
    })
}

fn said(status: StatusCode, body: ErrorBody, retry_after: Option<Duration>) -> CallError {
    let code = body.code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    match status {
        StatusCode::UNAUTHORIZED => CallError::Unauthorized,
        StatusCode::UPGRADE_REQUIRED => CallError::Incompatible(too_old()),
        StatusCode::CONFLICT if code == CODE_FEED_CHANGED => CallError::FeedChanged,
        _ => CallError::Said { status, body: Box::new(body), retry_after },
    }
}

fn too_old() -> String {
    format!(
        "This Deskline speaks version {PROTOCOL} of the protocol, and the server wants a newer one. Update Deskline."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn reason_of(url: &str) -> (String, bool) {
        let error = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap_err();
        match CallError::from(error) {
            CallError::NoAnswer { reason, never_left } => (reason, never_left),
            other => panic!("{url} gave something else than no answer: {other}"),
        }
    }

    #[tokio::test]
    async fn an_agent_reads_words_and_not_numbers_of_the_system() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();

        assert_eq!(reason_of(&format!("http://{closed}/")).await, ("nothing answers at this address".to_owned(), true));
        assert_eq!(reason_of("http://desk.invalid/").await, ("its name is not known".to_owned(), true));
    }
}
