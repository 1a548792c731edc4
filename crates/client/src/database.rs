//! Opens one encrypted SQLite file, or one that lives in memory.
//!
//! Called for the cache and for the outbox when the engine opens and after somebody signed out. A file that cannot be
//! opened is set aside under a name that says so, never deleted here.
//!
//! SQLCipher frees what it needs when the process exits, even while a connection is still being closed in its own thread,
//! and the process then ends with a segmentation fault. So a tokio runtime on which a database was opened does not end
//! before its connections are closed: see [`hold_runtime`]. A process that ends without dropping its runtime closes first.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use chrono::{DateTime, Utc};
use sqlx::{
    ConnectOptions, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tracing::warn;

use crate::{Result, credentials::FileKey, error::Error};

/// Where a database lives.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A file in the data folder.
    File(PathBuf),
    /// Nowhere but in memory: the keychain is missing, and nothing may be written without it.
    Memory,
}

/// What is particular to one of the two files.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) migrations: &'static Migrator,
    /// `Full` survives a power cut at any point; `Normal` may lose the last transactions, but never breaks the file.
    pub(crate) synchronous: SqliteSynchronous,
    pub(crate) readers: u32,
}

/// Why a file was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unusable {
    /// Not ours, damaged, or encrypted with another key.
    Unreadable,
    /// Written by a newer version of this program.
    Newer,
}

/// Opens the database, made anew if there is none.
///
/// A file that cannot be used is renamed to `<stem>-<why>-<when>.db`; the answer's second half says that this happened.
pub(crate) async fn open(
    place: &Place,
    key: &FileKey,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<(SqlitePool, Option<PathBuf>)> {
    match open_patiently(place, key, plan).await {
        Ok(pool) => Ok((pool, None)),
        Err(error) => {
            let (Place::File(path), Some(why)) = (place, unusable(&error)) else { return Err(error.into_error()) };
            let aside = set_aside(path, why, now)?;
            warn!(file = %path.display(), aside = %aside.display(), ?why, "A local file cannot be used and was set aside");
            let pool = try_open(place, key, plan).await.map_err(OpenError::into_error)?;
            Ok((pool, Some(aside)))
        }
    }
}

/// Opening or migrating failed.
enum OpenError {
    Open(sqlx::Error),
    Migrate(MigrateError),
}

impl OpenError {
    /// `SQLITE_BUSY` or one of its kinds.
    fn is_locked(&self) -> bool {
        let (Self::Open(error)
        | Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))) = self
        else {
            return false;
        };
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
    }

    fn into_error(self) -> Error {
        match self {
            Self::Open(error) => Error::Database(error),
            Self::Migrate(error) => Error::Database(sqlx::Error::from(error)),
        }
    }
}

/// Tries again while the file is locked. The data folder is ours alone, so whoever holds the lock is a connection of an earlier
/// life of this process that is still being closed, and SQLite does not wait for every kind of lock by itself.
async fn open_patiently(place: &Place, key: &FileKey, plan: &Plan) -> Result<SqlitePool, OpenError> {
    const TRIES: u32 = 50;
    const PAUSE: Duration = Duration::from_millis(100);

    let mut tried = 1;
    loop {
        match try_open(place, key, plan).await {
            Err(error) if tried < TRIES && error.is_locked() => tokio::time::sleep(PAUSE).await,
            outcome => return outcome,
        }
        tried += 1;
    }
}

async fn try_open(place: &Place, key: &FileKey, plan: &Plan) -> Result<SqlitePool, OpenError> {
    let (open, closed) = channel();
    let options = options(place, key, plan, open.clone())?;
    let pool = pool_options(place, plan).connect_with(options).await.map_err(OpenError::Open)?;
    hold_runtime(&pool, open, closed);
    if let Err(error) = plan.migrations.run(&pool).await {
        pool.close().await;
        return Err(OpenError::Migrate(error));
    }
    Ok(pool)
}

/// Keeps the runtime from ending before every connection is closed: each of them holds a sender of `closed`.
///
/// A runtime that ends drops its tasks, and then waits for threads that block.
fn hold_runtime(pool: &SqlitePool, open: Sender<()>, closed: Receiver<()>) {
    /// Says so when it is dropped, by the pool being closed or by the runtime ending.
    struct Ending(Sender<()>);
    impl Drop for Ending {
        fn drop(&mut self) {
            _ = self.0.send(());
        }
    }
    /// Somebody outside the runtime may still hold a connection, and is not waited for any longer than this.
    const LONGEST: Duration = Duration::from_secs(5);

    let ending = Ending(open);
    let end = pool.close_event();
    tokio::spawn(async move {
        let _ending = ending;
        end.await;
    });
    tokio::task::spawn_blocking(move || {
        if closed.recv().is_ok() {
            _ = closed.recv_timeout(LONGEST);
        }
    });
}

fn pool_options(place: &Place, plan: &Plan) -> SqlitePoolOptions {
    let options = SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None).min_connections(1);
    match place {
        Place::File(_) => options.max_connections(plan.readers),
        // Each connection to `:memory:` is a database of its own.
        Place::Memory => options.max_connections(1),
    }
}

fn options(place: &Place, key: &FileKey, plan: &Plan, open: Sender<()>) -> Result<SqliteConnectOptions, OpenError> {
    let options = match place {
        Place::File(path) => SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .pragma("key", key.pragma())
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(plan.synchronous),
        Place::Memory => SqliteConnectOptions::from_str("sqlite::memory:").map_err(OpenError::Open)?,
    };
    Ok(options
        // Sorters and statement journals would otherwise spill into plain files.
        .pragma("temp_store", "memory")
        .pragma("secure_delete", "on")
        .foreign_keys(true)
        // No statement uses it. It is the one thing that SQLite lets go of when, and only when, a connection is closed.
        .collation("deskline_open", move |one, other| {
            let _open = &open;
            one.cmp(other)
        })
        .disable_statement_logging())
}

fn unusable(error: &OpenError) -> Option<Unusable> {
    match error {
        OpenError::Open(error)
        | OpenError::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            is_unreadable(error).then_some(Unusable::Unreadable)
        }
        OpenError::Migrate(
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) | MigrateError::VersionTooNew(..),
        ) => Some(Unusable::Newer),
        OpenError::Migrate(_) => None,
    }
}

/// SQLite says that the file is no database (so it does for a wrong key), or a damaged one.
fn is_unreadable(error: &sqlx::Error) -> bool {
    const CORRUPT: i32 = 11;
    const NOT_A_DATABASE: i32 = 26;
    let sqlx::Error::Database(error) = error else { return false };
    // Extended codes carry the primary one in their lowest byte.
    error
        .code()
        .and_then(|code| code.parse::<i32>().ok())
        .is_some_and(|code| matches!(code & 0xff, CORRUPT | NOT_A_DATABASE))
}

fn set_aside(path: &Path, why: Unusable, now: DateTime<Utc>) -> Result<PathBuf> {
    let why = match why {
        Unusable::Unreadable => "could-not-be-opened",
        Unusable::Newer => "from-a-newer-version",
    };
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("file");
    let aside = path.with_file_name(format!("{stem}-{why}-{}.db", now.format("%Y%m%dT%H%M%S%.3fZ")));
    rename(path, &aside)?;
    Ok(aside)
}

/// Renames a database with its write-ahead log.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::rename(with_suffix(from, suffix), with_suffix(to, suffix)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound || suffix.is_empty() => {
                return Err(Error::Io { path: from.display().to_string(), source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes a database with its write-ahead log. Removing nothing is no error.
pub(crate) fn remove(path: &Path) -> Result<()> {
    // The log first: what is left if this stops half-way is a database, not a log without one.
    for suffix in ["-wal", "-shm", ""] {
        match std::fs::remove_file(with_suffix(path, suffix)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::Io { path: path.display().to_string(), source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A time as both databases keep it.
pub(crate) const fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// A time as both databases keep it, read back. A number that is no time reads as 1970.
pub(crate) fn from_micros(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// A cell that does not hold what this program wrote into it.
pub(crate) fn bad_cell<E>(column: &'static str) -> impl FnOnce(E) -> sqlx::Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |source| sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(source) }
}
