//! What can go wrong when Twilio is asked, and whether it is safe to ask again.
//!
//! [`Error::retry_kind`] is the only classification: both senders act on it, and nobody matches on status codes. Twilio has no
//! idempotency key, so an error says whether a text *may* have been taken; never on a guess that it was not.

use std::time::Duration;

use crate::explain::{self, Explanation};

/// Whether, and how, to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryKind {
    /// Twilio said no and will say it again. Somebody has to change something.
    Refused,
    /// Too many requests; certainly not taken. Try again after a while.
    Rate {
        /// How long Twilio asks us to wait.
        retry_after: Option<Duration>,
    },
    /// Too many texts wait at Twilio to leave from this number or Messaging Service; certainly not taken. Others go on.
    QueueFull {
        /// How long Twilio asks us to wait.
        retry_after: Option<Duration>,
    },
    /// Certainly not taken: nobody was there. Try again.
    Transient,
    /// May have been taken. Look before trying again.
    Unknown,
}

/// Whether a code says that too many texts wait at Twilio: 21611 for a number, 30001 for a Messaging Service. The latter is
/// mostly told by a status callback, of a text that was taken and then dropped.
#[must_use]
pub const fn is_queue_full(code: i32) -> bool {
    matches!(code, 21_611 | 30_001)
}

/// Whether a code says that requests or texts come too fast: 20429 for requests, 14107 for texts to one number.
const fn is_rate(code: i32) -> bool {
    matches!(code, 20_429 | 14_107)
}

/// Why Twilio did not do what it was asked. Printed, it contains no URL, no secret, no text and no number.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection: refused, unknown host, no TLS.
    #[error("Twilio cannot be reached")]
    NotReached(#[source] reqwest::Error),
    /// The request left, and no whole answer came back.
    #[error("Twilio did not answer")]
    NoAnswer(#[source] reqwest::Error),
    /// The HTTP client could not be set up on this machine.
    #[error("this machine cannot make HTTPS requests: {0}")]
    Setup(String),
    /// Twilio said no.
    #[error("Twilio refused ({})", code.map_or_else(|| format!("HTTP {status}"), |code| code.to_string()))]
    Refused {
        /// The HTTP status, 4xx.
        status: u16,
        /// Twilio's code.
        code: Option<i32>,
        /// Twilio's sentence. May quote a number, and is not printed.
        message: String,
    },
    /// Too many requests.
    #[error("Twilio asks us to slow down")]
    RateLimited {
        /// Twilio's code, usually 20429.
        code: Option<i32>,
        /// How long to wait, where Twilio says it.
        retry_after: Option<Duration>,
    },
    /// Twilio has a problem of its own.
    #[error("Twilio is having trouble (HTTP {status})")]
    Unavailable {
        /// The HTTP status, 5xx.
        status: u16,
        /// Twilio's code.
        code: Option<i32>,
    },
    /// Something answered that does not sound like Twilio: a web page, a redirect, half an answer.
    #[error("something that is not Twilio answered (HTTP {status})")]
    NotTwilio {
        /// The HTTP status.
        status: u16,
    },
}

impl Error {
    /// Sorts what the HTTP client reports: certainly not sent, or perhaps.
    pub(crate) fn from_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() || error.is_builder() { Self::NotReached(error) } else { Self::NoAnswer(error) }
    }

    /// Whether, and how, to try again.
    #[must_use]
    pub const fn retry_kind(&self) -> RetryKind {
        match self {
            // What the code says counts more than the HTTP status that it came with.
            Self::Refused { code: Some(code), .. } if is_queue_full(*code) => {
                RetryKind::QueueFull { retry_after: None }
            }
            Self::Refused { code: Some(code), .. } if is_rate(*code) => RetryKind::Rate { retry_after: None },
            Self::Refused { .. } => RetryKind::Refused,
            Self::RateLimited { code: Some(code), retry_after } if is_queue_full(*code) => {
                RetryKind::QueueFull { retry_after: *retry_after }
            }
            Self::RateLimited { retry_after, .. } => RetryKind::Rate { retry_after: *retry_after },
            Self::NotReached(_) | Self::Setup(_) => RetryKind::Transient,
            Self::NoAnswer(_) | Self::Unavailable { .. } | Self::NotTwilio { .. } => RetryKind::Unknown,
        }
    }

    /// Twilio's error code, where it said one.
    #[must_use]
    pub const fn code(&self) -> Option<i32> {
        match self {
            Self::Refused { code, .. } | Self::RateLimited { code, .. } | Self::Unavailable { code, .. } => *code,
            Self::NotReached(_) | Self::NoAnswer(_) | Self::Setup(_) | Self::NotTwilio { .. } => None,
        }
    }

    /// The HTTP status, where there was an answer.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Unavailable { status, .. } | Self::NotTwilio { status } => {
                Some(*status)
            }
            Self::RateLimited { .. } => Some(429),
            Self::NotReached(_) | Self::NoAnswer(_) | Self::Setup(_) => None,
        }
    }

    /// Whether the credentials are wrong.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401) || self.code() == Some(20_003)
    }

    /// The same for an agent: what happened, what to do, and who can do it.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        match self.code() {
            Some(code) => explain::explain(code),
            None => explain::without_code(self),
        }
    }
}
