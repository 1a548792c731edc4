//! How long the cache may be read without any contact with the server: a lost laptop forgets what it knew.
//!
//! Kept in the keychain beside the cache's key, so that no edited file prolongs it. Time only ever goes on: a clock that is set
//! back stands still until the hours of use, counted by a clock that nobody sets, have caught up with it. Only an answer of the
//! server to a valid session begins it anew. A clock that runs ahead ends it only where the server cannot be asked for the time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A lease on the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lease {
    /// The last contact.
    renewed: DateTime<Utc>,
    /// The latest time that was ever seen since, or was reached by use.
    seen: DateTime<Utc>,
    /// What time the last contact was by the server's own clock, where it said so.
    #[serde(default)]
    server: Option<DateTime<Utc>>,
}

impl Lease {
    /// One that begins now.
    pub(crate) const fn begins(now: DateTime<Utc>, server: Option<DateTime<Utc>>) -> Self {
        Self { renewed: now, seen: now, server }
    }

    /// Time went on: the clock says `now`, and `passed` of use went by since it was asked last.
    pub(crate) fn goes_on(&mut self, now: DateTime<Utc>, passed: TimeDelta) {
        self.seen = now.max(self.seen + passed);
    }

    /// Whether it is over.
    pub(crate) fn is_over(&self, term: TimeDelta) -> bool {
        self.seen - self.renewed >= term
    }

    /// Whether it is over by the server's clock, which says what time it is now. Without an earlier word of the server, ours counts.
    pub(crate) fn is_over_by(&self, server: DateTime<Utc>, term: TimeDelta) -> bool {
        self.server.is_none_or(|before| server - before >= term)
    }

    /// Whether the other one tells so much more that it is worth writing down.
    pub(crate) fn is_worth_keeping_after(&self, kept: Option<Self>) -> bool {
        const STEP: TimeDelta = TimeDelta::minutes(15);
        kept.is_none_or(|kept| (self.seen - kept.seen).abs() >= STEP || (self.renewed - kept.renewed).abs() >= STEP)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TERM: TimeDelta = TimeDelta::days(14);

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + n)
    }

    /// Looks at the clock, each after so many hours of use.
    fn after(looks: &[(DateTime<Utc>, i64)]) -> bool {
        let mut lease = Lease::begins(day(0), None);
        for (now, hours) in looks {
            lease.goes_on(*now, TimeDelta::hours(*hours));
        }
        lease.is_over(TERM)
    }

    #[rstest]
    #[case::in_time(&[(day(13), 0)], false)]
    #[case::over(&[(day(14), 0)], true)]
    #[case::over_although_the_clock_was_set_back_afterwards(&[(day(14), 0), (day(1), 0)], true)]
    #[case::a_clock_that_stands_still_gives_no_more_than_the_term_of_use(&[(day(1), 24), (day(1), 13 * 24)], true)]
    #[case::a_clock_set_back_before_the_contact(&[(day(-300), 14 * 24)], true)]
    #[case::set_back_for_a_moment(&[(day(3), 0), (day(2), 1), (day(5), 1)], false)]
    #[case::a_clock_a_year_ahead(&[(day(365), 0)], true)]
    fn a_lease_is_over(#[case] looks: &[(DateTime<Utc>, i64)], #[case] expected: bool) {
        assert_eq!(after(looks), expected);
    }

    #[test]
    fn the_servers_clock_has_the_last_word() {
        let lease = Lease::begins(day(0), Some(day(100)));

        assert!(!lease.is_over_by(day(113), TERM));
        assert!(lease.is_over_by(day(114), TERM));
        assert!(Lease::begins(day(0), None).is_over_by(day(1), TERM), "nothing is known of the last contact");
    }

    #[test]
    fn it_is_written_down_now_and_then_and_not_each_time() {
        let kept = Lease::begins(day(0), None);
        let mut later = kept;

        later.goes_on(day(0) + TimeDelta::minutes(14), TimeDelta::zero());
        assert!(!later.is_worth_keeping_after(Some(kept)));
        later.goes_on(day(0) + TimeDelta::minutes(15), TimeDelta::zero());
        assert!(later.is_worth_keeping_after(Some(kept)) && later.is_worth_keeping_after(None));
    }
}
