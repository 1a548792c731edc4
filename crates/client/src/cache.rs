//! The desktop's encrypted copy of its part of the shared Postgres.
//!
//! Read by `inbox` for the window and by `sync`; rows that come from the server are written by `sync/apply` alone.
//! Rebuildable: it may be thrown away at any time.

mod audits;
pub(crate) mod contacts;
pub(crate) mod counts;
pub(crate) mod cursor;
pub(crate) mod media;
pub(crate) mod messages;
pub(crate) mod notes;
#[cfg(test)]
mod plans;
pub(crate) mod senders;
pub(crate) mod team;
pub(crate) mod unread;
pub(crate) mod workspaces;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{SqlitePool, migrate::Migrator, sqlite::SqliteSynchronous};

use crate::{
    Result,
    credentials::FileKey,
    database::{self, Aside, Place, Plan, Seat},
    sealed::Sealed,
    search::IndexState,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/cache");
/// One connection writes, and keeps what it has decrypted: SQLite throws away all pages of a connection as soon as another one has written.
const WRITING: Plan = Plan {
    migrations: &MIGRATIONS,
    synchronous: SqliteSynchronous::Normal,
    connections: 1,
    pages_kib: 20_480,
    // 47 MiB, for as long as it lasts: what sync writes in one go touches some 5,000 pages, the move of a whole table many more.
    spill_pages: 12_000,
    // 63 MiB. Changes of a few thousand texts in a long history hardly share a page, and those of the next go hit the same ones again.
    log_pages: 16_000,
    newer_goes_aside: true,
};

/// Few connections with much memory: a tree over a million texts has 7 MB of inner pages.
const READING: Plan = Plan { connections: 3, pages_kib: 10_240, ..WRITING };

/// The open cache. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    /// For whoever reads.
    pub(crate) pool: SqlitePool,
    /// For whoever writes, one after the other.
    pub(crate) writer: SqlitePool,
    /// Where its file lies, if it has one.
    pub(crate) seat: Option<Seat>,
    /// The contents of files of texts.
    pub(crate) files: Sealed,
    /// The search index, which lies in the same file.
    pub(crate) index: Arc<IndexState>,
}

impl Cache {
    /// Opens it. The second half of the answer names the file that had to be set aside, if one had to.
    pub(crate) async fn open(place: &Place, key: &FileKey, now: DateTime<Utc>) -> Result<(Self, Option<Aside>)> {
        let (writer, aside) = database::open(place, key, &WRITING, now).await?;
        let pool = database::open_beside(&writer, place, key, &READING, None)?;
        let cache = Self { pool, writer, seat: Seat::of(place), files: Sealed::beside(place), index: Arc::default() };
        cache.prepare_index().await?;
        Ok((cache, aside))
    }

    /// Closes all connections; whoever still asks for something gets an error.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
        self.writer.close().await;
    }
}

/// A list of ids for `json_each(?)`.
pub(crate) fn json_ids<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    serde_json::Value::from_iter(ids.into_iter().map(|id| id.to_string())).to_string()
}

#[cfg(test)]
mod tests {
    use sqlx::migrate::Migrator;
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;
    use crate::options::Dice;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[tokio::test]
    async fn a_cache_from_before_the_team_stays_readable_and_asks_for_the_snapshot_again() {
        let folder = TempDir::new().unwrap();
        let place = Place::File(folder.path().join("cache.db"));
        let key = FileKey::roll(&Dice::default());
        let older = MIGRATIONS.iter().filter(|migration| migration.version <= 2).cloned().collect();
        let older: &'static Migrator = Box::leak(Box::new(Migrator::with_migrations(older)));
        let plan = Plan { migrations: older, ..WRITING };
        let (pool, _) = database::open(&place, &key, &plan, NOW).await.unwrap();
        let (ann, team, feed) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        for sql in [
            format!("insert into cursors values ('{team}', '{feed}', 412, null, 9, 9)"),
            format!(
                "insert into contacts values ('{ann}', '{team}', 'Ann', '+15550100001', 3, 'Open', 0, null, 1, 1, 1)"
            ),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        }
        pool.close().await;

        let (cache, aside) = Cache::open(&place, &key, NOW).await.unwrap();

        let contact = cache.contact(ann.into()).await.unwrap().unwrap();
        assert!(aside.is_none());
        assert_eq!((contact.unread_count, contact.assigned_to, contact.labels), (3, None, vec![]));
        let progress = cache.progress(team.into()).await.unwrap().unwrap();
        assert_ne!(progress.cursor.feed.0, feed, "no server has this feed: whatever was not kept comes again");
    }
}
