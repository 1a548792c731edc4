//! What was written on this machine and the server does not have yet: texts, commands and drafts, in a file of its own.
//!
//! A queue is a table and a few verbs: `push`, `next_due`, `mark_sending`, `mark_handed_over`, `mark_retry`, `mark_parked`,
//! `mark_held`, `discard`. [`sender`] and [`courier`] empty it. The file survives being killed at any point (`synchronous = full`), and
//! is never deleted but by signing out. What agents attach lies beside it (`attachments`).

pub(crate) mod attachments;
pub(crate) mod backup;
pub(crate) mod commands;
pub(crate) mod courier;
pub(crate) mod decision;
pub(crate) mod drafts;
pub(crate) mod entries;
pub(crate) mod hold;
pub(crate) mod order;
pub(crate) mod sender;
mod settings;
mod upload;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{SqlitePool, migrate::Migrator, sqlite::SqliteSynchronous};
use tokio::sync::{Mutex, Notify};

use crate::{
    Result,
    credentials::FileKey,
    database::{self, Aside, Place, Plan, Seat},
    sealed::Sealed,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/outbox");
const PLAN: Plan = Plan {
    migrations: &MIGRATIONS,
    synchronous: SqliteSynchronous::Full,
    connections: 3,
    pages_kib: 1_024,
    log_pages: 1_000,
    newer_goes_aside: false,
};

/// The open outbox. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    pub(crate) pool: SqlitePool,
    /// Where its file lies, if it has one.
    pub(crate) seat: Option<Seat>,
    /// The contents of files that go with texts.
    pub(crate) files: Sealed,
    /// What it is encrypted with, for looking at the file from the side.
    key: FileKey,
    /// Held while it is backed up, so that nobody takes the files away meanwhile.
    pub(crate) copying: Arc<Mutex<()>>,
    /// Rings after each transaction that changed something.
    pub(crate) written: Arc<Notify>,
}

/// Whether nobody would miss anything of it.
const IS_EMPTY: &str = "select not exists (select 1 from entries) and not exists (select 1 from commands where done_at_seq is null) \
     and not exists (select 1 from drafts where content <> '') and not exists (select 1 from muted) \
     and not exists (select 1 from attachments)";

impl Outbox {
    /// Opens it. The second half of the answer names the file that had to be set aside, if one had to.
    ///
    /// What was on its way when the program ended is queued again: sending it a second time with the same id is sending
    /// it once.
    pub(crate) async fn open(place: &Place, key: &FileKey, now: DateTime<Utc>) -> Result<(Self, Option<Aside>)> {
        let written = Arc::new(Notify::new());
        let (pool, aside) = database::open(place, key, &PLAN, Some(Arc::clone(&written)), now).await?;
        let files = Sealed::beside(place);
        let outbox = Self { pool, seat: Seat::of(place), files, key: key.clone(), copying: Arc::default(), written };
        outbox.requeue().await?;
        Ok((outbox, aside))
    }

    /// Whether there is anything in it that its owner would miss.
    pub(crate) async fn is_empty(&self) -> Result<bool> {
        Ok(sqlx::query_scalar(IS_EMPTY).fetch_one(&self.pool).await?)
    }

    /// Closes an outbox that lives in memory if it is empty, and answers whether it was. It has one connection, so nobody can write
    /// between the look and the end.
    pub(crate) async fn close_if_empty(&self) -> Result<bool> {
        let mut only = self.pool.acquire().await?;
        if !sqlx::query_scalar(IS_EMPTY).fetch_one(&mut *only).await? {
            return Ok(false);
        }
        let closing = self.pool.close();
        drop(only);
        closing.await;
        Ok(true)
    }
}
