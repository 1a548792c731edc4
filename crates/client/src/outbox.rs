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
mod draft_files;
pub(crate) mod drafts;
pub(crate) mod entries;
pub(crate) mod hold;
pub(crate) mod mirror;
pub(crate) mod order;
mod reply;
pub(crate) mod sender;
mod settings;
pub(crate) mod upload;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{SqlitePool, migrate::Migrator, sqlite::SqliteSynchronous};
use tokio::sync::{Mutex, Notify};
use tracing::warn;

use crate::{
    Result,
    credentials::FileKey,
    database::{self, Aside, Begin, Place, Plan, Seat, Trouble, Unusable},
    sealed::Sealed,
};

use mirror::Mirror;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/outbox");
const PLAN: Plan = Plan {
    migrations: &MIGRATIONS,
    synchronous: SqliteSynchronous::Full,
    connections: 3,
    pages_kib: 1_024,
    spill_pages: 256,
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
    /// The same in memory, of one that is in a file.
    pub(crate) mirror: Option<Mirror>,
}

/// Whether nobody would miss anything of it.
const IS_EMPTY: &str = "select not exists (select 1 from entries) and not exists (select 1 from commands where done_at_seq is null) \
     and not exists (select 1 from drafts where content <> '' or note <> '') and not exists (select 1 from muted) \
     and not exists (select 1 from attachments)";

impl Outbox {
    /// Opens it. The second half of the answer names the file that had to be set aside, if one had to.
    ///
    /// It is read from end to end on the way: one that is damaged is set aside now, and not when somebody meets the page.
    ///
    /// What was on its way when the program ended is queued again: sending it a second time with the same id is sending
    /// it once.
    pub(crate) async fn open(place: &Place, key: &FileKey, now: DateTime<Utc>) -> Result<(Self, Option<Aside>)> {
        let written = Arc::new(Notify::new());
        let (first, mut aside) = database::open(place, key, &PLAN, now).await?;
        let (pool, mirror) = match place {
            Place::Memory => (first, None),
            Place::File(path) => match keep_twice(first, place, key, &written).await {
                Err(error) if Trouble::is_damage(&error) => {
                    warn!(%error, "The outbox cannot be read from end to end");
                    aside = Some(database::set_aside(path, Unusable::Damaged, now)?);
                    let (first, _) = database::open(place, key, &PLAN, now).await?;
                    keep_twice(first, place, key, &written).await
                }
                kept => kept,
            }
            .map(|(pool, mirror)| (pool, Some(mirror)))?,
        };
        let (files, seat, key, copying) = (Sealed::beside(place), Seat::of(place), key.clone(), Arc::default());
        let outbox = Self { pool, seat, files, key, copying, written, mirror };
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

/// Every connection of the answer keeps the copy in memory. `first` reads the file for it, and is closed.
async fn keep_twice(
    first: SqlitePool,
    place: &Place,
    key: &FileKey,
    written: &Arc<Notify>,
) -> Result<(SqlitePool, Mirror)> {
    let kept = async {
        let mirror = Mirror::of(&first).await?;
        let pool = database::open_beside(&first, place, key, &PLAN, Some(begin_with(written, &mirror)))?;
        // The last one to close would tidy the file up under the next.
        drop(pool.acquire().await?);
        Ok((pool, mirror))
    }
    .await;
    first.close().await;
    kept
}

/// What is done with each connection before it is used.
fn begin_with(written: &Arc<Notify>, mirror: &Mirror) -> Begin {
    let (written, mirror) = (Arc::clone(written), mirror.clone());
    Arc::new(move |connection| {
        let (written, mirror) = (Arc::clone(&written), mirror.clone());
        Box::pin(async move {
            mirror.follow(connection).await;
            connection.lock_handle().await?.set_commit_hook(move || {
                written.notify_one();
                true
            });
            Ok(())
        })
    })
}
