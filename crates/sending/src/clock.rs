//! The database's clock, read now and then and carried on in between: several processes go by one clock, whatever their own say.
//!
//! Set by whoever works through the line of texts; asked for every time that another process may read, or that is compared with one that another
//! process wrote: leases, retries, set times, when a text came in and when a contact said STOP.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use deskline_store::Store;
use tokio::time::Instant;

use crate::attempt::time_delta;

/// A reading is carried on for this long.
const GOOD_FOR: Duration = Duration::from_secs(2);

/// A reading, and when it was taken.
#[derive(Clone, Copy, Debug)]
struct Reading {
    time: DateTime<Utc>,
    taken: Instant,
}

impl Reading {
    fn carried_on(self, to: Instant) -> DateTime<Utc> {
        self.time + time_delta(to.saturating_duration_since(self.taken))
    }
}

/// What the database's clock says.
pub struct Clock {
    own: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    reading: RwLock<Option<Reading>>,
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clock").field("reading", &self.reading).finish_non_exhaustive()
    }
}

impl Clock {
    /// A clock that was not set yet, and goes by this machine's `own` until then.
    #[must_use]
    pub fn new(own: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { own: Box::new(own), reading: RwLock::default() }
    }

    /// Reads the database's clock, unless that was done a moment ago.
    ///
    /// # Errors
    /// When the database does not answer: the last reading is carried on.
    pub async fn set(&self, store: &Store) -> deskline_store::Result<()> {
        if self.reading().is_some_and(|reading| reading.taken.elapsed() < GOOD_FOR) {
            return Ok(());
        }
        // Read somewhere between the question and the answer, and taken for the time of the answer: slow by less than that.
        let time = store.clock().await?;
        let reading = Reading { time, taken: Instant::now() };
        *self.reading.write().unwrap_or_else(PoisonError::into_inner) = Some(reading);
        Ok(())
    }

    /// The time there. This machine's own, as long as the database has not answered.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.reading().map_or_else(|| (self.own)(), |reading| reading.carried_on(Instant::now()))
    }

    fn reading(&self) -> Option<Reading> {
        *self.reading.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn once_read_it_goes_on_by_itself_whatever_this_machines_clock_says() {
        let (noon, taken) = (DateTime::from_timestamp(1_800_000_000, 0).unwrap(), Instant::now());
        let clock =
            Clock { own: Box::new(|| DateTime::UNIX_EPOCH), reading: RwLock::new(Some(Reading { time: noon, taken })) };

        assert_eq!(clock.reading().unwrap().carried_on(taken + Duration::from_secs(5)), noon + TimeDelta::seconds(5));
        assert!(clock.now() - noon < TimeDelta::minutes(1), "and not this machine's idea of the year");
    }

    #[test]
    fn before_the_database_has_answered_it_is_this_machines() {
        assert_eq!(Clock::new(|| DateTime::UNIX_EPOCH).now(), DateTime::UNIX_EPOCH);
    }
}
