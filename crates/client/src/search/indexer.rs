//! The task that keeps the search index true in the background: it makes it anew when it must, and puts in what is missing.
//!
//! Started by `client` while somebody is signed in, woken by [`super::IndexState::wake`]. Short transactions, the newest texts first: sync
//! goes on between them, and search answers from what is there.

use std::sync::Arc;

use tracing::{info, warn};

use super::index;
use crate::{Result, cache::Cache, core::Core, event::ClientEvent, view::search::Indexing};

/// Rows of one transaction. It holds up whoever else wants to write for some 100 ms.
const BATCH: i64 = 2_000;

/// From so many rows on, the window is told how far it is.
const WORTH_TELLING: i64 = 2 * BATCH;

/// Runs until it is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    let mut checked = false;
    let check_at = tokio::time::Instant::now() + core.options.patience.before_check;
    loop {
        match catch_up(&core).await {
            Ok(()) => {
                let index = core.inbox().cache.index;
                tokio::select! {
                    () = index.wake.notified() => {}
                    // Reading a whole index can wait until the agent has something to read.
                    () = tokio::time::sleep_until(check_at), if !checked => {
                        checked = true;
                        check(&core).await;
                    }
                }
            }
            Err(error) => {
                core.inbox().cache.index.set_progress(None);
                if index::is_damage(&error) {
                    warn!(%error, "The search index is damaged and is made anew");
                    condemn(&core.inbox().cache).await;
                } else {
                    warn!(%error, "The search index cannot be written");
                }
                let wake = core.inbox().cache.index;
                let wake = &wake.wake;
                tokio::select! {
                    () = wake.notified() => {}
                    () = tokio::time::sleep(core.options.patience.poll_every) => {}
                }
            }
        }
    }
}

/// Everything that is missing.
async fn catch_up(core: &Core) -> Result<()> {
    let cache = core.inbox().cache;
    if cache.prepare_index().await? {
        info!("The search index is made anew");
    }
    while cache.note_old_rows().await? {}
    let mut done = 0;
    let mut left = cache.missing_in_index(i64::MAX).await?;
    let telling = left >= WORTH_TELLING;
    loop {
        if telling {
            tell(core, Some(Indexing { done, total: done + left }));
        }
        cache.index.turn().await;
        let rows = cache.index_some(BATCH).await?;
        done += rows;
        left = (left - rows).max(0);
        if rows < BATCH {
            break;
        }
        if left < BATCH {
            // A sync may have brought more meanwhile.
            left = cache.missing_in_index(i64::MAX).await?;
        }
    }
    if telling {
        tell(core, None);
        info!(rows = done, "The search index is complete");
    }
    Ok(())
}

fn tell(core: &Core, indexing: Option<Indexing>) {
    core.inbox().cache.index.set_progress(indexing);
    core.emit(ClientEvent::SearchIndexing { indexing });
}

/// Looks whether the index lacks something that nobody noted.
async fn check(core: &Core) {
    let cache = core.inbox().cache;
    match cache.index_is_whole().await {
        Ok(true) => {}
        Ok(false) => {
            warn!("The search index lacks rows and is made anew");
            condemn(&cache).await;
        }
        Err(error) => warn!(%error, "The search index cannot be checked"),
    }
}

async fn condemn(cache: &Cache) {
    if let Err(error) = cache.condemn_index().await {
        warn!(%error, "The damaged search index cannot be thrown away");
    }
}
