//! What a failure of a database means: to whoever opens it, and to whoever has it open.
//!
//! Asked by [`super`], by `error` and by `mend`. Goes by the codes of SQLite and SQLCipher, and mends nothing.

use sqlx::migrate::MigrateError;

use super::Unusable;
use crate::error::Error;

/// A failure of a file that somebody has to see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// What the file holds is not what was written.
    Damaged,
    /// There is no room for more.
    Full,
}

impl Trouble {
    /// What a failure tells, going by SQLite's result codes.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Self> {
        const ERROR: i32 = 1;
        const CORRUPT: i32 = 11;
        const FULL: i32 = 13;
        const NOT_A_DATABASE: i32 = 26;
        /// No room for the index of the write-ahead log, which is written before the log is.
        const NO_ROOM_FOR_THE_INDEX: i32 = 4_874;
        let error = error.as_database_error()?;
        let code = error.code()?.parse::<i32>().ok()?;
        // Extended codes carry the primary one in their lowest byte.
        match (code & 0xff, code) {
            (CORRUPT | NOT_A_DATABASE, _) => Some(Self::Damaged),
            // SQLCipher's way to say that something is wrong with a page. Every other error of this kind has words of its own.
            (ERROR, _) if error.message() == "SQL logic error" => Some(Self::Damaged),
            (FULL, _) | (_, NO_ROOM_FOR_THE_INDEX) => Some(Self::Full),
            _ => None,
        }
    }

    /// Whether a file that was just opened, with nobody else at it, is damaged.
    pub(crate) fn is_damage(error: &Error) -> bool {
        let Error::Database(cause) = error else { return false };
        Self::of(cause) == Some(Self::Damaged) || Self::is_behind(cause)
    }

    /// Whether a failure that is no trouble by itself may come of some: a connection that met a damaged page says that it has no
    /// memory from then on, and one that was made after the file was removed finds an empty one.
    pub(crate) fn is_behind(error: &sqlx::Error) -> bool {
        const NO_MEMORY: &str = "7";
        let Some(error) = error.as_database_error() else { return false };
        error.code().is_some_and(|code| code == NO_MEMORY) || error.message().starts_with("no such table")
    }
}

/// Opening or migrating failed.
pub(super) enum OpenError {
    Open(sqlx::Error),
    Migrate(MigrateError),
}

impl OpenError {
    /// `SQLITE_BUSY` or one of its kinds.
    pub(super) fn is_locked(&self) -> bool {
        let (Self::Open(error)
        | Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))) = self
        else {
            return false;
        };
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Open(error)
            | Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
                Error::from(error)
            }
            Self::Migrate(error) => Error::Database(sqlx::Error::from(error)),
        }
    }
}

pub(super) fn unusable(error: &OpenError) -> Option<Unusable> {
    match error {
        OpenError::Open(error)
        | OpenError::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            (Trouble::of(error) == Some(Trouble::Damaged)).then_some(Unusable::Unreadable)
        }
        OpenError::Migrate(
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) | MigrateError::VersionTooNew(..),
        ) => Some(Unusable::Newer),
        OpenError::Migrate(_) => None,
    }
}
