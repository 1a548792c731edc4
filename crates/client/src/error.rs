//! What can go wrong for an agent: a code that the window reacts to, and a sentence that it shows.
//!
//! A code is added only when the window does something about it. Messages hold no secret and no text of a conversation.

use deskline_domain::{command::rules::BadCommand, file::Unsendable, gate::Refusal};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{database::Trouble, mend::bell};

/// What the window may react to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ErrorCode {
    /// Nobody is signed in.
    SignedOut,
    /// E-mail or password is wrong.
    BadCredentials,
    /// The address of the server cannot be read, or what answers there is no Deskline server.
    NotAServer,
    /// The server cannot be reached.
    Unreachable,
    /// This program or the server must be updated.
    Incompatible,
    /// The gate said no, or the rules about what an agent may do.
    Refused,
    /// No such contact or message on this machine.
    NotFound,
    /// It has left already, so that it can be neither called off nor discarded.
    AlreadySent,
    /// A second Deskline uses the same folder.
    InUse,
    /// There is no room left to write anything down.
    DiskFull,
    /// Something that the agent can do nothing about.
    Internal,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// See [`ErrorCode::SignedOut`].
    #[error("Nobody is signed in. Sign in and try again.")]
    SignedOut,
    /// See [`ErrorCode::BadCredentials`].
    #[error("The e-mail address or the password is wrong.")]
    BadCredentials,
    /// See [`ErrorCode::NotAServer`].
    #[error("There is no Deskline server at {0}. Check the address with whoever runs it.")]
    NotAServer(String),
    /// See [`ErrorCode::Unreachable`].
    #[error("The server at {server} cannot be reached: {reason}. Check the address and your connection.")]
    Unreachable {
        /// Its address.
        server: String,
        /// What the system said, in a few words.
        reason: String,
    },
    /// See [`ErrorCode::Unreachable`]: the team's database, or Twilio, without the server.
    #[error("Deskline cannot work without the server: {0}.")]
    Direct(String),
    /// See [`ErrorCode::Incompatible`].
    #[error("{0}")]
    Incompatible(String),
    /// See [`ErrorCode::Refused`].
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// See [`ErrorCode::Refused`].
    #[error(transparent)]
    BadCommand(#[from] BadCommand),
    /// See [`ErrorCode::Refused`].
    #[error(transparent)]
    BadFile(#[from] Unsendable),
    /// See [`ErrorCode::Refused`].
    #[error("{0}")]
    NotAllowed(&'static str),
    /// See [`ErrorCode::Refused`]: what is set for the way to the server cannot be used.
    #[error("{0}")]
    Network(String),
    /// See [`ErrorCode::NotFound`].
    #[error("This {0} is not on this machine. It may have been removed meanwhile.")]
    NotFound(&'static str),
    /// See [`ErrorCode::AlreadySent`].
    #[error("This text has left already.")]
    AlreadySent,
    /// See [`ErrorCode::AlreadySent`]: the server's reason, in a plain sentence.
    #[error("{0}")]
    CannotCallOff(String),
    /// See [`ErrorCode::Refused`]: the server's reason, in a plain sentence.
    #[error("{0}")]
    CannotChange(String),
    /// See [`ErrorCode::InUse`].
    #[error("Another Deskline uses the folder {0}. Close it first.")]
    InUse(String),
    /// See [`ErrorCode::DiskFull`].
    #[error("The disk of this computer is full, so that nothing can be kept. Make some room, and try again.")]
    DiskFull,
    /// The cache or the outbox failed.
    #[error("The local copy cannot be used")]
    Database(#[source] sqlx::Error),
    /// The keychain failed.
    #[error("The system's keychain cannot be used: {0}")]
    Keychain(String),
    /// A folder or file failed.
    #[error("{path} cannot be used: {source}. Nothing that you write could be kept.")]
    Io {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The server said something that this program does not understand, or answered with an error that nobody expected.
    #[error("The server answered with an error: {0}")]
    Server(String),
}

/// Every failure of a file passes here, so that none has to be looked at anywhere else: one that tells of damage or of a full
/// disk rings the bell of those who see to it.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match Trouble::of(&error) {
            Some(Trouble::Full) => {
                bell::ring(Trouble::Full);
                Self::DiskFull
            }
            Some(Trouble::Damaged) => {
                bell::ring(Trouble::Damaged);
                Self::Database(error)
            }
            None => {
                if Trouble::is_behind(&error) {
                    bell::ring(Trouble::Damaged);
                }
                Self::Database(error)
            }
        }
    }
}

impl Error {
    /// What the window may react to.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::SignedOut => ErrorCode::SignedOut,
            Self::BadCredentials => ErrorCode::BadCredentials,
            Self::NotAServer(_) => ErrorCode::NotAServer,
            Self::Unreachable { .. } | Self::Direct(_) => ErrorCode::Unreachable,
            Self::Incompatible(_) => ErrorCode::Incompatible,
            Self::Refused(_)
            | Self::BadCommand(_)
            | Self::BadFile(_)
            | Self::NotAllowed(_)
            | Self::Network(_)
            | Self::CannotChange(_) => ErrorCode::Refused,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::AlreadySent | Self::CannotCallOff(_) => ErrorCode::AlreadySent,
            Self::InUse(_) => ErrorCode::InUse,
            Self::DiskFull => ErrorCode::DiskFull,
            Self::Database(_) | Self::Keychain(_) | Self::Io { .. } | Self::Server(_) => ErrorCode::Internal,
        }
    }
}
