//! Opens one encrypted SQLite file, or one that lives in memory, and knows what a failure of it means.
//!
//! Called for the cache and for the outbox when the engine opens and after somebody signed out. A file that cannot be
//! opened is set aside under a name that says so, never deleted here. Whether a file that opened is whole, `mend` finds out.

mod connection;
mod files;
mod trouble;

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, mpsc::channel},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::OnceCell;
use tracing::warn;

use crate::{Result, credentials::FileKey, error::Error};

use connection::{counted, hold_runtime, options, pool_options, reading};
use files::{UNREAD, stem};
use trouble::{OpenError, unusable};

pub(crate) use files::{Aside, Seat, Unusable, remove, rename, set_aside_before, unread, was_read};
pub(crate) use trouble::Trouble;

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
    /// Pages from which on a transaction writes what it has changed before it is over. One that it changes again is encrypted again.
    pub(crate) spill_pages: u32,
    /// Pages that the write-ahead log holds before they are put where they belong. A page that is written again meanwhile is put there once.
    pub(crate) log_pages: u32,
    /// Whether a file of a newer version of this program is set aside. One that is not keeps the engine from opening.
    pub(crate) newer_goes_aside: bool,
}

/// Something that is done with a connection. A failure has the connection made again, until whoever waits for it gives up.
pub(crate) type Begin =
    Arc<dyn for<'c> Fn(&'c mut SqliteConnection) -> BoxFuture<'c, Result<(), sqlx::Error>> + Send + Sync>;

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
