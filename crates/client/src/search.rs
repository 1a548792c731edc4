//! Search over everything on this machine: offline, as one types.
//!
//! `query` reads what was typed, `wanted` says what it means here, `terms` makes of it what the index is asked, `find` answers with each `row`
//! that fits. `tokens` says what a text consists of, for the index and for the question alike. `index` and `indexer` keep the index true, in the
//! same encrypted file as the rows that it is derived from; `schema` says what it is.

mod excerpt;
pub(crate) mod find;
pub(crate) mod index;
pub(crate) mod indexer;
mod query;
mod row;
mod schema;
pub(crate) mod statements;
mod terms;
#[cfg(test)]
mod tests;
mod tokens;
mod wanted;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, watch};

use crate::view::search::Indexing;

/// What the tasks of the engine tell each other about the index.
#[derive(Debug, Default)]
pub(crate) struct IndexState {
    /// Something is missing: look now.
    pub(crate) wake: Notify,
    progress: Mutex<Option<Indexing>>,
    /// How many are bringing in rows.
    bringing: watch::Sender<u32>,
}

/// Rows are brought in until this is dropped, and the index can wait.
#[derive(Debug)]
pub(crate) struct Bringing(Arc<IndexState>);

impl Drop for Bringing {
    fn drop(&mut self) {
        self.0.bringing.send_modify(|bringing| *bringing -= 1);
    }
}

impl IndexState {
    /// How far it is, while it is behind.
    pub(crate) fn progress(&self) -> Option<Indexing> {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody brings in rows from now on.
    pub(crate) fn bring_in(self: &Arc<Self>) -> Bringing {
        self.bringing.send_modify(|bringing| *bringing += 1);
        Bringing(Arc::clone(self))
    }

    /// Waits for its turn: until nobody brings in rows, and not for ever, so that what came first can be searched before the last has come.
    async fn turn(&self) {
        const LONGEST: Duration = Duration::from_secs(3);
        let mut bringing = self.bringing.subscribe();
        _ = tokio::time::timeout(LONGEST, bringing.wait_for(|bringing| *bringing == 0)).await;
    }

    fn set_progress(&self, progress: Option<Indexing>) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}
