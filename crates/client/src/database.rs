//! Opens one encrypted SQLite file, or one that lives in memory, and knows what a failure of it means.
//!
//! Called for the cache and for the outbox when the engine opens and after somebody signed out. A file that cannot be
//! opened is set aside under a name that says so, never deleted here. Whether a file that opened is whole, `mend` finds out.
//!
//! SQLCipher frees what it needs when the process exits, even while a connection is still being closed in its own thread,
//! and the process then ends with a segmentation fault. So a tokio runtime on which a database was opened does not end
//! before its connections are closed: see [`hold_runtime`]. A process that ends without dropping its runtime closes first.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::OnceCell;
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
    pub(crate) connections: u32,
    /// Decrypted pages that each connection may keep in memory, in KiB.
    pub(crate) pages_kib: u32,
    /// Pages that the write-ahead log holds before they are put where they belong. A page that is written again meanwhile is put there once.
    pub(crate) log_pages: u32,
    /// Whether a file of a newer version of this program is set aside. One that is not keeps the engine from opening.
    pub(crate) newer_goes_aside: bool,
}

/// Something that is done with a connection. A failure has the connection made again, until whoever waits for it gives up.
pub(crate) type Begin =
    Arc<dyn for<'c> Fn(&'c mut SqliteConnection) -> BoxFuture<'c, Result<(), sqlx::Error>> + Send + Sync>;

/// Why a file was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Not ours, damaged, or encrypted with another key: found when it was opened.
    Unreadable,
    /// Damaged: found later.
    Damaged,
    /// Written by a newer version of this program.
    Newer,
}

/// An open file, to tell whether it is still the one under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    path: PathBuf,
    file: Option<FileId>,
}

#[cfg(unix)]
type FileId = (u64, u64);
/// A file that is open cannot be removed or replaced on this system.
#[cfg(not(unix))]
type FileId = ();

impl Seat {
    /// Of a file that was just opened; `None` for one that lives in memory.
    pub(crate) fn of(place: &Place) -> Option<Self> {
        let Place::File(path) = place else { return None };
        Some(Self { path: path.clone(), file: file_id(path) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether what is open would be found again.
    pub(crate) fn is_taken(&self) -> bool {
        file_id(&self.path) == self.file
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<FileId> {
    path.exists().then_some(())
}

impl Unusable {
    /// As it stands in the name of a file.
    const fn words(self) -> &'static str {
        match self {
            Self::Unreadable => "could-not-be-opened",
            Self::Damaged => "was-damaged",
            Self::Newer => "from-a-newer-version",
        }
    }
}

/// A file that was set aside.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    pub(crate) path: PathBuf,
    pub(crate) why: Unusable,
}

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

/// Opens the database, made anew if there is none.
///
/// A file that cannot be used is renamed to `<stem>-<why>-<when>.db`; the answer's second half says that this happened.
pub(crate) async fn open(
    place: &Place,
    key: &FileKey,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<(SqlitePool, Option<Aside>)> {
    match open_patiently(place, key, plan).await {
        Ok(pool) => Ok((pool, None)),
        Err(error) => {
            let (Place::File(path), Some(why)) = (place, unusable(&error)) else { return Err(error.into_error()) };
            if why == Unusable::Newer && !plan.newer_goes_aside {
                return Err(Error::Incompatible(format!(
                    "A newer Deskline wrote {}, and this one cannot read it. Install the newer version again: what waits to be \
                     sent is in this file, and is kept.",
                    path.display()
                )));
            }
            let aside = set_aside(path, why, now)?;
            let pool = try_open(place, key, plan).await.map_err(OpenError::into_error)?;
            Ok((pool, Some(aside)))
        }
    }
}

/// More connections to a file that was just opened, the first of them made at once and waited for by nobody; `begin` is done with each of
/// them. To one that lives in memory there is only the first.
pub(crate) fn open_beside(
    first: &SqlitePool,
    place: &Place,
    key: &FileKey,
    plan: &Plan,
    begin: Option<Begin>,
) -> Result<SqlitePool> {
    if matches!(place, Place::Memory) {
        return Ok(first.clone());
    }
    let (open, closed) = channel();
    let options = options(place, key, plan, open.clone()).map_err(OpenError::into_error)?;
    let mut pool = pool_options(place, plan);
    if let Some(begin) = begin {
        pool = pool.after_connect(move |connection, _| begin(connection));
    }
    let pool = pool.connect_lazy_with(options);
    hold_runtime(&pool, open, closed);
    Ok(pool)
}

/// A single connection of its own to a file that is there, for looking at it from the side. Changes nothing in it.
pub(crate) async fn look_into(path: &Path, key: &FileKey) -> Result<SqlitePool> {
    let place = Place::File(path.to_owned());
    let (open, closed) = channel();
    let options = reading(&place, key, open.clone()).map_err(OpenError::into_error)?.read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = pool.connect_with(options).await?;
    hold_runtime(&pool, open, closed);
    Ok(pool)
}

/// A single connection to a database in memory that every connection of this process can attach by its name, and that ends with the last of them.
pub(crate) async fn open_memdb(name: &str) -> Result<SqlitePool> {
    let (open, closed) = channel();
    let options = SqliteConnectOptions::new().filename(name).vfs("memdb").create_if_missing(true);
    let options = counted(options, open.clone()).disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = pool.connect_with(options).await?;
    hold_runtime(&pool, open, closed);
    Ok(pool)
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
            Self::Open(error)
            | Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
                Error::from(error)
            }
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

/// SQLCipher is ready a moment after SQLite calls itself initialised: of two files that a process opens first and at the same time, one could
/// not be given its key. So one connection goes before all others.
async fn make_ready() -> Result<(), OpenError> {
    static READY: OnceCell<()> = OnceCell::const_new();
    let first = || async { SqliteConnectOptions::from_str("sqlite::memory:")?.connect().await?.close().await };
    READY.get_or_try_init(first).await.map(|&()| ()).map_err(OpenError::Open)
}

async fn try_open(place: &Place, key: &FileKey, plan: &Plan) -> Result<SqlitePool, OpenError> {
    make_ready().await?;
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
        // SQLite itself rolls back what fails for want of room, and sqlx takes such a connection to be in that transaction for ever:
        // it is closed, and another one opened when it is needed.
        Place::File(_) => options.max_connections(plan.connections).after_release(|connection, _| {
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        }),
        // Each connection to `:memory:` is a database of its own.
        Place::Memory => options.max_connections(1),
    }
}

fn options(place: &Place, key: &FileKey, plan: &Plan, open: Sender<()>) -> Result<SqliteConnectOptions, OpenError> {
    let options = reading(place, key, open)?;
    Ok(match place {
        Place::File(_) => {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(plan.synchronous)
                // A negative figure counts memory, a positive one pages.
                .pragma("cache_size", format!("-{}", plan.pages_kib))
                .pragma("wal_autocheckpoint", plan.log_pages.to_string())
        }
        Place::Memory => options,
    })
}

/// What every connection is opened with.
fn reading(place: &Place, key: &FileKey, open: Sender<()>) -> Result<SqliteConnectOptions, OpenError> {
    let options = match place {
        Place::File(path) => SqliteConnectOptions::new().filename(path).pragma("key", key.pragma()),
        Place::Memory => SqliteConnectOptions::from_str("sqlite::memory:").map_err(OpenError::Open)?,
    };
    let options = options
        // Sorters and statement journals would otherwise spill into plain files.
        .pragma("temp_store", "memory")
        .pragma("secure_delete", "on")
        .foreign_keys(true);
    Ok(counted(options, open).disable_statement_logging())
}

/// Holds on to `open` until the connection is closed.
fn counted(options: SqliteConnectOptions, open: Sender<()>) -> SqliteConnectOptions {
    // No statement uses it. It is the one thing that SQLite lets go of when, and only when, a connection is closed.
    options.collation("deskline_open", move |one, other| {
        let _open = &open;
        one.cmp(other)
    })
}

fn unusable(error: &OpenError) -> Option<Unusable> {
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

/// Puts a file out of the way under a name that says why. One that is gone is set aside as well: there is just nothing to keep.
///
/// It counts as unread until [`was_read`], however often the program is killed in between.
pub(crate) fn set_aside(path: &Path, why: Unusable, now: DateTime<Utc>) -> Result<Aside> {
    let aside = path.with_file_name(format!("{}-{}-{}.db", stem(path), why.words(), now.format("%Y%m%dT%H%M%S%.3fZ")));
    let unread = aside.with_extension(UNREAD);
    std::fs::File::create(&unread)
        .map(drop)
        .map_err(|source| Error::Io { path: unread.display().to_string(), source })?;
    if path.exists() {
        rename(path, &aside)?;
    } else {
        // A log without its database would be taken for the next one's.
        remove(path)?;
    }
    warn!(file = %path.display(), aside = %aside.display(), ?why, "A local file cannot be used and was set aside");
    Ok(Aside { path: aside, why })
}

/// Extension of the mark beside a file that was set aside, while nobody has taken out of it what can be read.
const UNREAD: &str = "unread";

/// What [`set_aside`] made of this file and nobody has read yet, newest first. The files themselves may be gone.
pub(crate) fn unread(path: &Path) -> Vec<PathBuf> {
    let mut found = beside(path, UNREAD);
    found.reverse();
    found.iter().map(|mark| mark.with_extension("db")).collect()
}

/// What could be read of a file that was set aside is elsewhere by now.
pub(crate) fn was_read(aside: &Path) -> Result<()> {
    remove(&aside.with_extension(UNREAD))
}

/// Every file that [`set_aside`] made of this one, oldest first.
pub(crate) fn set_aside_before(path: &Path) -> Vec<PathBuf> {
    beside(path, "db")
}

fn beside(path: &Path, kind: &str) -> Vec<PathBuf> {
    let begins = [Unusable::Unreadable, Unusable::Damaged, Unusable::Newer]
        .map(|why| format!("{}-{}-", stem(path), why.words()));
    let mut found: Vec<PathBuf> = path
        .parent()
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|extension| extension == kind))
        .filter(|file| begins.iter().any(|begin| stem(file).starts_with(begin)))
        .collect();
    found.sort();
    found
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("file")
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
