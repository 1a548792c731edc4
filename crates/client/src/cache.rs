//! The desktop's encrypted copy of its part of the shared Postgres.
//!
//! Read by `inbox` for the window and by `sync`; rows that come from the server are written by `sync/apply` alone.
//! Rebuildable: it may be thrown away at any time.

mod audits;
pub(crate) mod contacts;
pub(crate) mod cursor;
pub(crate) mod messages;
#[cfg(test)]
mod plans;
pub(crate) mod unread;
pub(crate) mod workspaces;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{SqlitePool, migrate::Migrator, sqlite::SqliteSynchronous};

use crate::{
    Result,
    credentials::FileKey,
    database::{self, Aside, Place, Plan, Seat},
    search::IndexState,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/cache");
const PLAN: Plan =
    Plan { migrations: &MIGRATIONS, synchronous: SqliteSynchronous::Normal, readers: 6, newer_goes_aside: true };

/// The open cache. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    pub(crate) pool: SqlitePool,
    /// Where its file lies, if it has one.
    pub(crate) seat: Option<Seat>,
    /// The search index, which lies in the same file.
    pub(crate) index: Arc<IndexState>,
}

impl Cache {
    /// Opens it. The second half of the answer names the file that had to be set aside, if one had to.
    pub(crate) async fn open(place: &Place, key: &FileKey, now: DateTime<Utc>) -> Result<(Self, Option<Aside>)> {
        let (pool, aside) = database::open(place, key, &PLAN, None, now).await?;
        let cache = Self { pool, seat: Seat::of(place), index: Arc::default() };
        cache.prepare_index().await?;
        Ok((cache, aside))
    }
}

/// A list of ids for `json_each(?)`.
pub(crate) fn json_ids<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    serde_json::Value::from_iter(ids.into_iter().map(|id| id.to_string())).to_string()
}
