//! How connections are made, and how long the runtime waits for the last of them to be closed.
//!
//! Called by [`super`] for every pool.
//!
//! SQLCipher frees what it needs when the process exits, even while a connection is still being closed in its own thread,
//! and the process then ends with a segmentation fault. So a tokio runtime on which a database was opened does not end
//! before its connections are closed: see [`hold_runtime`]. A process that ends without dropping its runtime closes first.

use std::{
    str::FromStr,
    sync::mpsc::{Receiver, Sender},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

use super::{Place, Plan, trouble::OpenError};
use crate::credentials::FileKey;

/// Keeps the runtime from ending before every connection is closed: each of them holds a sender of `closed`.
///
/// A runtime that ends drops its tasks, and then waits for threads that block.
pub(super) fn hold_runtime(pool: &SqlitePool, open: Sender<()>, closed: Receiver<()>) {
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

pub(super) fn pool_options(place: &Place, plan: &Plan) -> SqlitePoolOptions {
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

pub(super) fn options(
    place: &Place,
    key: &FileKey,
    plan: &Plan,
    open: Sender<()>,
) -> Result<SqliteConnectOptions, OpenError> {
    let options = reading(place, key, open)?;
    Ok(match place {
        Place::File(_) => {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(plan.synchronous)
                // A negative figure counts memory, a positive one pages.
                .pragma("cache_size", format!("-{}", plan.pages_kib))
                .pragma("cache_spill", plan.spill_pages.to_string())
                .pragma("wal_autocheckpoint", plan.log_pages.to_string())
        }
        Place::Memory => options,
    })
}

/// What every connection is opened with.
pub(super) fn reading(place: &Place, key: &FileKey, open: Sender<()>) -> Result<SqliteConnectOptions, OpenError> {
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
pub(super) fn counted(options: SqliteConnectOptions, open: Sender<()>) -> SqliteConnectOptions {
    // No statement uses it. It is the one thing that SQLite lets go of when, and only when, a connection is closed.
    options.collation("deskline_open", move |one, other| {
        let _open = &open;
        one.cmp(other)
    })
}
