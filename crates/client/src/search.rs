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

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::view::search::Indexing;

/// What the tasks of the engine tell each other about the index.
#[derive(Debug, Default)]
pub(crate) struct IndexState {
    /// Something is missing: look now.
    pub(crate) wake: Notify,
    progress: Mutex<Option<Indexing>>,
}

impl IndexState {
    /// How far it is, while it is behind.
    pub(crate) fn progress(&self) -> Option<Indexing> {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_progress(&self, progress: Option<Indexing>) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}
