//! Whether this machine's clock is right, in words for the agent: the server's is compared with it at each contact.
//!
//! Asked by the session. Nothing depends on it: what has to be in order goes by the server's clock or by numbers.

use chrono::{DateTime, TimeDelta, Utc};

/// Less than this is not worth a word.
const WORTH_A_WORD: TimeDelta = TimeDelta::minutes(5);

/// What the agent should know, if anything.
pub(crate) fn words(here: DateTime<Utc>, server: DateTime<Utc>) -> Option<String> {
    let off = here - server;
    if off.abs() < WORTH_A_WORD {
        return None;
    }
    // To the nearest: the server tells whole seconds.
    let size = match off.abs() {
        off if off >= TimeDelta::days(2) => format!("{} days", (off + TimeDelta::hours(12)).num_days()),
        off if off >= TimeDelta::hours(2) => format!("{} hours", (off + TimeDelta::minutes(30)).num_hours()),
        off => format!("{} minutes", (off + TimeDelta::seconds(30)).num_minutes()),
    };
    let side = if off > TimeDelta::zero() { "ahead of" } else { "behind" };
    Some(format!("The clock of this computer is {size} {side} your server's."))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(TimeDelta::seconds(299), None)]
    #[case(TimeDelta::minutes(7), Some("7 minutes ahead of"))]
    #[case(-TimeDelta::hours(26), Some("26 hours behind"))]
    #[case(TimeDelta::days(365), Some("365 days ahead of"))]
    #[case(TimeDelta::milliseconds(400) - TimeDelta::days(365), Some("365 days behind"))]
    fn a_clock_that_is_wrong_is_said_to_be_so(#[case] off: TimeDelta, #[case] expected: Option<&str>) {
        let server = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);

        let words = words(server + off, server);

        assert_eq!(words.is_some(), expected.is_some());
        assert!(words.unwrap_or_default().contains(expected.unwrap_or_default()));
    }
}
