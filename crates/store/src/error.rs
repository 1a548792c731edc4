//! What can go wrong between us and Postgres.
//!
//! Expected refusals (no such contact, opted out, …) are not in here: they are part of the answers of the verbs.
//! Messages quote no text of a conversation and no secret.

use crate::seal::KeyError;

/// This crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Postgres refused, or cannot be reached: see [`Error::is_unavailable`].
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error("the database cannot be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row does not have the form it should have.
    #[error("a row of {table} cannot be read")]
    BadRow {
        /// Which table.
        table: &'static str,
        /// What is wrong with it. May quote a value: not a source, so that no chain of errors that is logged has it.
        reason: serde_json::Error,
    },
    /// A cell holds a word that this program does not know.
    #[error("{table}.{column} holds something that this version does not know")]
    BadCell {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
    },
    /// A stored secret cannot be opened.
    #[error("a stored secret cannot be opened")]
    Key(#[from] KeyError),
    /// A snapshot token that we did not make.
    #[error("this snapshot token is not one of ours; start over with \"start\"")]
    BadToken,
    /// Another agent has this e-mail address.
    #[error("there is already an agent with this e-mail address")]
    EmailTaken,
    /// No such workspace.
    #[error("there is no such workspace")]
    UnknownWorkspace,
    /// The id that a new text was given belongs to another one.
    #[error("the id of this text belongs to another one; make a new id and try again")]
    IdTaken,
    /// No such message.
    #[error("there is no such message")]
    UnknownMessage,
}

/// What stands between us and the database, as far as whoever runs the server can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing answers, or it has no connection to spare.
    Away,
    /// `DATABASE_URL` cannot be read.
    BadAddress,
    /// It does not take the user or the password.
    LoginRefused,
    /// The server has no database of this name.
    NoDatabase,
    /// The user lacks a right.
    NoRight,
    /// Tables or columns are missing.
    OlderSchema,
    /// It was migrated by a newer program.
    NewerSchema,
}

impl Error {
    /// What is in the way, if it is one of these.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        use sqlx::migrate::MigrateError;

        let error = match self {
            Self::Database(error) => error,
            Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => error,
            Self::Migrate(MigrateError::VersionMissing(_)) => return Some(Trouble::NewerSchema),
            _ => return None,
        };
        if unavailable(error) {
            return Some(Trouble::Away);
        }
        if matches!(error, sqlx::Error::Configuration(_)) {
            return Some(Trouble::BadAddress);
        }
        match error.as_database_error()?.code()?.as_ref() {
            "3D000" => Some(Trouble::NoDatabase),
            "42501" => Some(Trouble::NoRight),
            "3F000" | "42P01" | "42703" | "42883" => Some(Trouble::OlderSchema),
            code if code.starts_with("28") => Some(Trouble::LoginRefused),
            _ => None,
        }
    }

    /// Whether the database was out of reach or overloaded, so that the same call may succeed later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(error) => unavailable(error),
            Self::Migrate(sqlx::migrate::MigrateError::Execute(error)) => unavailable(error),
            _ => false,
        }
    }
}

fn unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        // Class 08: connection; 53: out of resources; 57: shutting down, starting up, cancelled.
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["08", "53", "57"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

/// Whether another try of the same transaction may well succeed: a deadlock, a serialisation failure, or two writers that
/// made the same row at the same moment.
pub(crate) fn is_conflict(error: &Error) -> bool {
    let Error::Database(sqlx::Error::Database(error)) = error else { return false };
    error.code().is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01" | "23505"))
}

/// Whether this is a violation of the named unique or foreign key constraint.
pub(crate) fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    error.as_database_error().and_then(|error| error.constraint()) == Some(constraint)
}
