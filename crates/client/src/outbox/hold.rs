//! Does a text still fit? The one rule about texts that could not leave when they were written, without any I/O.
//!
//! Asked by [`super::sender`] right before a request leaves, with facts of a cache that knows what happened meanwhile. A text that
//! is held stays here with its reason, holds up no other, and leaves only when the agent says so.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// For so long after it was written, a text that was written while all was well leaves unasked: the agent is still there.
pub(crate) const GRACE: TimeDelta = TimeDelta::minutes(2);

/// When to ask. Kept in the outbox file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct HoldConditions {
    /// When the contact wrote again.
    pub contact_wrote: bool,
    /// When somebody else of the team answered.
    pub colleague_answered: bool,
    /// When it could not leave for so many minutes; never, when missing.
    pub older_than_minutes: Option<u32>,
}

impl Default for HoldConditions {
    /// Four hours: a train ride passes, a night does not.
    fn default() -> Self {
        Self { contact_wrote: true, colleague_answered: true, older_than_minutes: Some(4 * 60) }
    }
}

/// What is known when a text is about to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Since the agent wrote it, or decided about it last.
    pub(crate) age: TimeDelta,
    /// Whether the agent saw everything there was at that time.
    pub(crate) live: bool,
    /// Whether the contact wrote something that the agent had not seen.
    pub(crate) contact_wrote: bool,
    /// Whether somebody else answered, unseen.
    pub(crate) colleague_answered: bool,
    /// How long it is until the time of a text for later.
    pub(crate) until: Option<TimeDelta>,
}

/// Why a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "reason")]
pub(crate) enum Held {
    ContactWrote,
    ColleagueAnswered,
    TooOld { minutes: i64 },
    TimeIsOver,
}

impl Held {
    /// In plain words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::ContactWrote => {
                "The contact has written something that you had not seen when you wrote this.".to_owned()
            }
            Self::TimeIsOver => {
                "The time that you chose has passed: this computer could not hand the text to your team's server before it."
                    .to_owned()
            }
            Self::ColleagueAnswered => "Somebody else has answered the contact since you wrote this.".to_owned(),
            Self::TooOld { minutes } if minutes < 120 => {
                format!("You wrote this {minutes} minutes ago, and it could not leave until now.")
            }
            Self::TooOld { minutes } if minutes < 48 * 60 => {
                format!("You wrote this {} hours ago, and it could not leave until now.", minutes / 60)
            }
            Self::TooOld { minutes } => {
                format!("You wrote this {} days ago, and it could not leave until now.", minutes / 60 / 24)
            }
        }
    }
}

/// Decides: `None` lets it leave. What a person did is a better reason than time. A text for later may be as old as it likes, but the server
/// takes none whose time is over: the agent says whether it is to leave late.
pub(crate) fn hold(facts: Facts, conditions: HoldConditions) -> Option<Held> {
    if facts.until.is_some_and(|until| until <= TimeDelta::zero()) {
        return Some(Held::TimeIsOver);
    }
    if facts.live && facts.age < GRACE {
        return None;
    }
    let minutes = facts.age.num_minutes();
    if conditions.contact_wrote && facts.contact_wrote {
        Some(Held::ContactWrote)
    } else if conditions.colleague_answered && facts.colleague_answered {
        Some(Held::ColleagueAnswered)
    } else if facts.until.is_none()
        && conditions.older_than_minutes.is_some_and(|longest| minutes >= i64::from(longest))
    {
        Some(Held::TooOld { minutes })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const OFFLINE: Facts = Facts {
        age: TimeDelta::minutes(30),
        live: false,
        contact_wrote: false,
        colleague_answered: false,
        until: None,
    };
    const LIVE: Facts = Facts { age: TimeDelta::seconds(5), live: true, ..OFFLINE };
    const NEVER: HoldConditions =
        HoldConditions { contact_wrote: false, colleague_answered: false, older_than_minutes: None };

    fn hours(age: i64, facts: Facts) -> Facts {
        Facts { age: TimeDelta::hours(age), ..facts }
    }

    #[rstest]
    #[case::nothing_happened(OFFLINE, None)]
    #[case::the_contact_wrote(Facts { contact_wrote: true, ..OFFLINE }, Some(Held::ContactWrote))]
    #[case::a_colleague_answered(Facts { colleague_answered: true, ..OFFLINE }, Some(Held::ColleagueAnswered))]
    #[case::both(Facts { contact_wrote: true, colleague_answered: true, ..OFFLINE }, Some(Held::ContactWrote))]
    #[case::just_in_time(Facts { age: TimeDelta::minutes(239), ..OFFLINE }, None)]
    #[case::too_old(hours(4, OFFLINE), Some(Held::TooOld { minutes: 240 }))]
    #[case::too_old_although_it_was_written_live(hours(9, LIVE), Some(Held::TooOld { minutes: 540 }))]
    #[case::what_a_person_did_goes_first(hours(9, Facts { colleague_answered: true, ..OFFLINE }), Some(Held::ColleagueAnswered))]
    #[case::in_the_middle_of_a_talk(Facts { contact_wrote: true, colleague_answered: true, ..LIVE }, None)]
    #[case::a_talk_that_was_cut_off(Facts { age: GRACE, contact_wrote: true, ..LIVE }, Some(Held::ContactWrote))]
    #[case::written_a_second_ago_without_a_server(Facts { age: TimeDelta::seconds(1), contact_wrote: true, ..OFFLINE }, Some(Held::ContactWrote))]
    #[case::for_tomorrow(Facts { until: Some(TimeDelta::hours(12)), ..hours(9, OFFLINE) }, None)]
    #[case::for_tomorrow_and_the_contact_wrote(Facts { until: Some(TimeDelta::hours(12)), contact_wrote: true, ..OFFLINE }, Some(Held::ContactWrote))]
    #[case::a_clock_that_was_set_back(Facts { age: TimeDelta::hours(-3), ..OFFLINE }, None)]
    fn a_text_leaves_or_is_held(#[case] facts: Facts, #[case] expected: Option<Held>) {
        assert_eq!(hold(facts, HoldConditions::default()), expected);
        assert_eq!(hold(facts, NEVER), None, "who wants no question is asked none");
    }

    #[test]
    fn the_server_takes_no_text_whose_time_is_over_so_that_the_agent_is_asked_in_any_case() {
        let over = Facts { until: Some(TimeDelta::seconds(-1)), ..LIVE };

        assert_eq!(hold(over, HoldConditions::default()), Some(Held::TimeIsOver));
        assert_eq!(hold(over, NEVER), Some(Held::TimeIsOver));
    }

    #[rstest]
    #[case(90, "90 minutes ago")]
    #[case(540, "9 hours ago")]
    #[case(3 * 24 * 60, "3 days ago")]
    fn its_age_is_told_as_people_do(#[case] minutes: i64, #[case] expected: &str) {
        assert!(Held::TooOld { minutes }.words().contains(expected));
    }
}
