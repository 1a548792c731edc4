//! The simulator's only look at the clock. Twilio dates what it takes by itself, to the second, and so does a stand-in for it.

use chrono::{DateTime, SubsecRound, Utc};

/// The time, to the second.
pub(crate) fn now() -> DateTime<Utc> {
    #[expect(
        clippy::disallowed_methods,
        reason = "Twilio dates what it takes by its own clock; no test depends on the date"
    )]
    let now = Utc::now();
    now.trunc_subsecs(0)
}

/// As Twilio writes a date: RFC 2822, in GMT.
pub(crate) fn rfc2822(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_twilio_writes_it() {
        let time = DateTime::from_timestamp(1_692_853_305, 0).unwrap();

        assert_eq!(rfc2822(time), "Thu, 24 Aug 2023 05:01:45 +0000");
    }
}
