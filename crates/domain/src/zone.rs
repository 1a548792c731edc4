//! What time it is where a number belongs, and whether people sleep there.
//!
//! Asked by [`crate::outlook`]. A number tells where it was given out, not where its owner is: so a time is the time "by the number",
//! several zones stay several, and whoever cannot be placed has no time at all.

use std::{collections::HashMap, ops::Range, str::FromStr, sync::LazyLock};

use chrono::{DateTime, Duration, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::phone::PhoneNumber;

/// Hours of the day: nobody is texted outside them without having asked for it (47 CFR § 64.1200(c)(1), and good manners).
const DAY: Range<u32> = 8..21;

/// Zones that are further apart than this say nothing.
const FARTHEST: i32 = 6 * 60;

/// The longest beginning that the table has.
const LONGEST: usize = 8;

static TABLE: LazyLock<HashMap<&'static str, Vec<Tz>>> = LazyLock::new(|| {
    let lines = include_str!("../data/zones.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .flat_map(|line| {
            let (names, beginnings) = line.split_once(' ').unwrap_or((line, ""));
            let zones: Vec<Tz> = names.split(',').filter_map(|name| Tz::from_str(name).ok()).collect();
            beginnings.split(' ').map(move |beginning| (beginning, zones.clone()))
        })
        .collect()
});

/// The time by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LocalTime {
    /// How far the clock is ahead of UTC, in minutes, in the westernmost zone that the number may belong to.
    pub earliest: i32,
    /// The same for the easternmost one; equal to `earliest` where there is only one time.
    pub latest: i32,
    /// Whether people sleep there.
    pub night: Night,
}

/// Whether it is between nine in the evening and eight in the morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Night {
    /// Nowhere that the number may belong to.
    No,
    /// In some of the zones.
    Perhaps,
    /// In all of them.
    Yes,
}

/// What time it is by a contact's number at `at`. `None` for what is no number, and for numbers of no place or of half the world.
#[must_use]
pub fn local_time(phone: &str, at: DateTime<Utc>) -> Option<LocalTime> {
    let zones = zones(phone)?;
    let offsets = zones.iter().map(|zone| zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc() / 60);
    let (earliest, latest) = (offsets.clone().min()?, offsets.clone().max()?);
    if latest - earliest > FARTHEST {
        return None;
    }
    let asleep = offsets.filter(|minutes| is_night(at, *minutes)).count();
    let night = match asleep {
        0 => Night::No,
        all if all == zones.len() => Night::Yes,
        _ => Night::Perhaps,
    };
    Some(LocalTime { earliest, latest, night })
}

fn zones(phone: &str) -> Option<&'static [Tz]> {
    let number = PhoneNumber::parse(phone).ok()?;
    let digits = number.as_str().trim_start_matches('+');
    let longest = LONGEST.min(digits.len());
    (1..=longest).rev().find_map(|length| TABLE.get(&digits[..length])).map(Vec::as_slice)
}

fn is_night(at: DateTime<Utc>, minutes_ahead: i32) -> bool {
    let there = at.naive_utc() + Duration::minutes(i64::from(minutes_ahead));
    !DAY.contains(&there.hour())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().unwrap()
    }

    #[rstest]
    #[case::seattle("+12065550142", "2026-11-22T18:00:00Z", Some((-480, -480, Night::No)))]
    #[case::seattle_in_summer("+12065550142", "2026-07-22T18:00:00Z", Some((-420, -420, Night::No)))]
    #[case::seattle_early("+12065550142", "2026-11-22T15:59:59Z", Some((-480, -480, Night::Yes)))]
    #[case::seattle_at_eight("+12065550142", "2026-11-22T16:00:00Z", Some((-480, -480, Night::No)))]
    #[case::seattle_at_nine("+12065550142", "2026-11-23T05:00:00Z", Some((-480, -480, Night::Yes)))]
    #[case::berlin("+4915155501234", "2026-11-22T18:00:00Z", Some((60, 60, Night::No)))]
    #[case::india("+919820055501", "2026-11-22T18:00:00Z", Some((330, 330, Night::Yes)))]
    #[case::idaho_has_two_zones("+12082005501", "2026-11-22T15:30:00Z", Some((-480, -420, Night::Perhaps)))]
    #[case::idaho_by_day("+12082005501", "2026-11-22T18:00:00Z", Some((-480, -420, Night::No)))]
    #[case::toll_free_is_nowhere("+18005550123", "2026-11-22T18:00:00Z", None)]
    #[case::a_satellite_telephone("+8816555012345", "2026-11-22T18:00:00Z", None)]
    #[case::short_code("24273", "2026-11-22T18:00:00Z", None)]
    #[case::word("ParcelNow", "2026-11-22T18:00:00Z", None)]
    fn the_time_is_told_by_the_number(
        #[case] phone: &str,
        #[case] now: &str,
        #[case] expected: Option<(i32, i32, Night)>,
    ) {
        let told = local_time(phone, at(now)).map(|time| (time.earliest, time.latest, time.night));

        assert_eq!(told, expected);
    }

    #[test]
    fn every_zone_of_the_table_is_known() {
        let lines = include_str!("../data/zones.txt").lines().filter(|line| !line.starts_with('#'));
        let names = lines.filter_map(|line| line.split(' ').next()).flat_map(|names| names.split(','));
        let unknown: Vec<_> = names.filter(|name| Tz::from_str(name).is_err()).collect();

        assert!(unknown.is_empty(), "chrono-tz does not know {unknown:?}: take a newer one, or name them otherwise");
        assert!(TABLE.len() > 3_000, "the table has {} beginnings only", TABLE.len());
        assert!(TABLE.keys().all(|beginning| beginning.len() <= LONGEST));
    }

    proptest! {
        #[test]
        fn any_number_can_be_asked_for(digits in "[1-9][0-9]{1,14}", seconds in 0_i64..4_000_000_000) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();

            if let Some(time) = local_time(&format!("+{digits}"), now) {
                prop_assert!(time.earliest <= time.latest);
            }
        }
    }
}
