//! The database's clock, read now and then and carried on in between: several processes go by one clock, whatever their own say.
//!
//! Set by the sender's worker at its looks; asked for every time that another process may read, or that is compared with one that another
//! process wrote: leases, retries, set times, when a text came in and when a contact said STOP. Tokens and links go by this machine's clock.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use deskline_store::Store;
use tokio::time::Instant;

use crate::{auth::time_delta, edge};

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
#[derive(Debug, Default)]
pub struct Clock(RwLock<Option<Reading>>);

impl Clock {
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
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(reading);
        Ok(())
    }

    /// The time there. This machine's own, as long as the database has not answered.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.reading().map_or_else(edge::now, |reading| reading.carried_on(Instant::now()))
    }

    fn reading(&self) -> Option<Reading> {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn once_read_it_goes_on_by_itself_whatever_this_machines_clock_says() {
        let (noon, taken) = (DateTime::from_timestamp(1_800_000_000, 0).unwrap(), Instant::now());
        let clock = Clock(RwLock::new(Some(Reading { time: noon, taken })));

        assert_eq!(clock.reading().unwrap().carried_on(taken + Duration::from_secs(5)), noon + TimeDelta::seconds(5));
        assert!(clock.now() - noon < TimeDelta::minutes(1), "and not this machine's idea of the year");
    }

    #[test]
    fn before_the_database_has_answered_it_is_this_machines() {
        assert!((Clock::default().now() - edge::now()).abs() < TimeDelta::minutes(1));
    }
}
