//! Being the only one who is busy with something, while others are busy with something else.
//!
//! Used where a file is fetched or given to the server: once, however many want it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Who is busy with what at the moment.
#[derive(Debug)]
pub(crate) struct Alone<K> {
    busy: Mutex<HashMap<K, Arc<AsyncMutex<()>>>>,
}

impl<K> Default for Alone<K> {
    fn default() -> Self {
        Self { busy: Mutex::default() }
    }
}

impl<K: Eq + Hash> Alone<K> {
    /// Waits until nobody else is busy with it, and keeps others waiting until the answer is dropped.
    pub(crate) async fn with(&self, thing: K) -> OwnedMutexGuard<()> {
        let lock = {
            let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody holds or awaits those that only stand here.
            busy.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(busy.entry(thing).or_default())
        };
        lock.lock_owned().await
    }
}
