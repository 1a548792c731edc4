//! Reads a database from end to end: is every page the one that was written, and does each hold what it should?
//!
//! `quick_check` walks every table and index through SQLCipher, which compares each page with its signature, on a connection of
//! its own and a snapshot of its own: nobody waits for it. It is paced, so that a large cache does not keep a laptop's fan busy
//! while an agent reads the first conversation.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{Connection, SqliteConnection};
use tokio_util::sync::CancellationToken;

use crate::{
    Result,
    credentials::FileKey,
    database::{self, Trouble},
};

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is whole.
    Whole,
    /// It is not; in SQLite's words, which name pages and no contents.
    Damaged(String),
    /// It was called off.
    CalledOff,
}

/// How much of the time the check works.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// All of it: something failed, and the agent waits.
    Hurry,
    /// A third of it.
    Calm,
}

/// Said of a file without any of our tables.
const EMPTY: &str = "there is nothing in it";

/// A stretch of work, and the rest after it.
const WORK: Duration = Duration::from_millis(10);
const REST: Duration = Duration::from_millis(20);

/// Pages between two looks at the time.
const STEPS: i32 = 64;

/// Checks a file. Anything but damage that keeps it from being read is an error.
pub(crate) async fn check(path: &Path, key: &FileKey, pace: Pace, called_off: &CancellationToken) -> Result<Found> {
    let pool = match database::look_into(path, key).await {
        Ok(pool) => pool,
        Err(error) => return damaged_or(error),
    };
    let checked = async {
        let mut connection = pool.acquire().await?;
        keep_pace(&mut connection, pace, called_off.clone()).await?;
        let told: String = sqlx::query_scalar("pragma quick_check(1)").fetch_one(&mut *connection).await?;
        // An empty file is whole, and not ours.
        let ours = "select exists (select 1 from sqlite_schema where name = '_sqlx_migrations')";
        let told = match told.as_str() {
            "ok" if !sqlx::query_scalar::<_, bool>(ours).fetch_one(&mut *connection).await? => EMPTY.to_owned(),
            _ => told,
        };
        // The handler holds a token of the engine, and the connection is closed in a thread of its own.
        connection.lock_handle().await?.remove_progress_handler();
        Ok::<_, sqlx::Error>(told)
    }
    .await;
    pool.close().await;
    match checked {
        _ if called_off.is_cancelled() => Ok(Found::CalledOff),
        Ok(told) if told == "ok" => Ok(Found::Whole),
        Ok(told) => Ok(Found::Damaged(told)),
        Err(error) if Trouble::of(&error) == Some(Trouble::Damaged) || Trouble::is_behind(&error) => {
            Ok(Found::Damaged(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

fn damaged_or(error: crate::Error) -> Result<Found> {
    match &error {
        crate::Error::Database(cause) if Trouble::of(cause) == Some(Trouble::Damaged) => {
            Ok(Found::Damaged(cause.to_string()))
        }
        _ => Err(error),
    }
}

async fn keep_pace(
    connection: &mut SqliteConnection,
    pace: Pace,
    called_off: CancellationToken,
) -> Result<(), sqlx::Error> {
    let mut since = Instant::now();
    connection.lock_handle().await?.set_progress_handler(STEPS, move || {
        if matches!(pace, Pace::Calm) && since.elapsed() >= WORK {
            rest();
            since = Instant::now();
        }
        !called_off.is_cancelled()
    });
    connection.ping().await
}

#[expect(clippy::disallowed_methods, reason = "called on the connection's own thread, which is to rest")]
fn rest() {
    std::thread::sleep(REST);
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{cache::Cache, database::Place, options::Dice};

    #[tokio::test]
    async fn a_check_finds_a_file_whole_empty_or_gone_and_can_be_called_off() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("cache.db");
        let key = FileKey::roll(&Dice::default());
        let (cache, _) = Cache::open(&Place::File(path.clone()), &key, chrono::DateTime::UNIX_EPOCH).await.unwrap();
        let (goes_on, called_off) = (CancellationToken::new(), CancellationToken::new());
        called_off.cancel();

        assert_eq!(check(&path, &key, Pace::Calm, &goes_on).await.unwrap(), Found::Whole);
        assert_eq!(check(&path, &key, Pace::Hurry, &called_off).await.unwrap(), Found::CalledOff);
        cache.close().await;
        std::fs::File::create(&path).unwrap();
        assert_eq!(check(&path, &key, Pace::Hurry, &goes_on).await.unwrap(), Found::Damaged(EMPTY.to_owned()));
        std::fs::remove_file(&path).unwrap();
        assert!(check(&path, &key, Pace::Hurry, &goes_on).await.is_err(), "and it is not made by looking at it");
        assert!(!path.exists());
    }
}
