//! The database's clock, read now and then and carried on in between: several processes go by one clock, whatever their own say.
//!
//! Set by the worker at each look, asked by the sender for every time that another process may read: leases, retries, set times.

use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Utc};
use deskline_store::Store;
use tokio::time::Instant;

use crate::{auth::time_delta, edge};

/// A reading, and when it was taken.
#[derive(Default)]
pub(super) struct Clock(RwLock<Option<(DateTime<Utc>, Instant)>>);

impl Clock {
    /// Reads the database's clock.
    pub(super) async fn set(&self, store: &Store) -> deskline_store::Result<()> {
        // Read somewhere between the question and the answer, and taken for the time of the answer: slow by less than that.
        let reading = store.clock().await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((reading, Instant::now()));
        Ok(())
    }

    /// The time there. This machine's own, as long as the database has not answered.
    pub(super) fn now(&self) -> DateTime<Utc> {
        match *self.0.read().unwrap_or_else(PoisonError::into_inner) {
            Some((reading, at)) => reading + time_delta(at.elapsed()),
            None => edge::now(),
        }
    }
}
