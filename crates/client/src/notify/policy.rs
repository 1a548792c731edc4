//! Which texts are worth a notification. A pure rule over what arrived; called by `sync/announce` after each page.
//!
//! Never asks a database, never shows anything, and never sees a text that the agent's own team wrote. What the system's own "do
//! not disturb" says is left to the system: it holds back what it is given, and shows it in its list.

use chrono::{DateTime, Utc};
use deskline_domain::ids::{ContactId, MessageId, UserId};

use super::settings::NotificationSettings;
use crate::view::Focus;

/// How a page came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Part of a first sync, or of one that starts over: history, not news.
    First,
    /// Fetched after a gap: somebody else may have read some of it meanwhile.
    CatchUp,
    /// As it happened.
    Live,
}

/// The inbound texts of one contact that a page brought and the cache did not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Whose.
    pub contact_id: ContactId,
    /// As the team calls it.
    pub name: String,
    /// The team, where the agent has several.
    pub team: Option<String>,
    /// The newest of the texts.
    pub newest: String,
    /// Its id.
    pub newest_id: MessageId,
    /// How many they are.
    pub count: u32,
    /// Unread texts of the contact once the page is applied.
    pub unread: i64,
    /// The member who sees to the conversation.
    pub assigned_to: Option<UserId>,
    /// Whether the agent wants to hear nothing of this conversation.
    pub muted: bool,
}

/// What the agent does and wants at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Who the agent is.
    pub me: UserId,
    /// What is looked at.
    pub focus: Focus,
    /// What the agent set.
    pub settings: NotificationSettings,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Why a text is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// It is history that was fetched for the first time.
    History,
    /// Its thread is on screen.
    OnScreen,
    /// Somebody read it before it came here.
    ReadMeanwhile,
    /// The agent muted the conversation.
    Muted,
    /// The agent wants to be left alone.
    DoNotDisturb,
    /// Somebody else sees to the conversation.
    NotMine,
}

/// Why these texts are not told; `None` when they are.
#[must_use]
pub fn silence(arrival: Arrival, news: &News, at: &Circumstances) -> Option<Silence> {
    let on_screen = at.focus.window && at.focus.contact_id == Some(news.contact_id);
    let of_somebody_else = news.assigned_to.is_some_and(|member| member != at.me);
    if arrival == Arrival::First {
        Some(Silence::History)
    } else if arrival == Arrival::CatchUp && news.unread <= 0 {
        Some(Silence::ReadMeanwhile)
    } else if on_screen {
        Some(Silence::OnScreen)
    } else if news.muted {
        Some(Silence::Muted)
    } else if at.settings.do_not_disturb.holds(at.now) {
        Some(Silence::DoNotDisturb)
    } else if at.settings.mine_only && of_somebody_else {
        Some(Silence::NotMine)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::notify::settings::{DoNotDisturb, NotificationContent};

    const ANN: ContactId = ContactId(Uuid::from_u128(1));
    const BOB: ContactId = ContactId(Uuid::from_u128(2));
    const ME: UserId = UserId(Uuid::from_u128(3));
    const BEN: UserId = UserId(Uuid::from_u128(4));

    /// A text of Ann's that she has just written, to an agent who looks at nothing.
    struct Case {
        arrival: Arrival,
        news: News,
        at: Circumstances,
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
    }

    fn case(change: impl FnOnce(&mut Case)) -> Case {
        let mut case = Case {
            arrival: Arrival::Live,
            news: News {
                contact_id: ANN,
                name: "Ann".to_owned(),
                team: None,
                newest: "are you open?".to_owned(),
                newest_id: MessageId(Uuid::from_u128(9)),
                count: 1,
                unread: 1,
                assigned_to: None,
                muted: false,
            },
            at: Circumstances {
                me: ME,
                focus: Focus::default(),
                settings: NotificationSettings::default(),
                now: now(),
            },
        };
        change(&mut case);
        case
    }

    fn looks_at(contact_id: Option<ContactId>, window: bool) -> impl FnOnce(&mut Case) {
        move |case| case.at.focus = Focus { contact_id, window }
    }

    fn left_alone(until: i64) -> impl FnOnce(&mut Case) {
        move |case| {
            let until = now() + chrono::TimeDelta::seconds(until);
            case.at.settings.do_not_disturb = DoNotDisturb::Until { until };
        }
    }

    fn mine_only(assigned_to: Option<UserId>) -> impl FnOnce(&mut Case) {
        move |case| {
            case.at.settings.mine_only = true;
            case.news.assigned_to = assigned_to;
        }
    }

    #[rstest]
    #[case::live(case(|_| ()), None)]
    #[case::nothing_open(case(looks_at(None, true)), None)]
    #[case::her_thread_on_screen(case(looks_at(Some(ANN), true)), Some(Silence::OnScreen))]
    #[case::her_thread_but_window_behind(case(looks_at(Some(ANN), false)), None)]
    #[case::another_thread(case(looks_at(Some(BOB), true)), None)]
    #[case::a_foreign_program_counts_no_unread(case(|case| case.news.unread = 0), None)]
    #[case::first_sync(case(|case| case.arrival = Arrival::First), Some(Silence::History))]
    #[case::missed_and_unread(case(|case| case.arrival = Arrival::CatchUp), None)]
    #[case::missed_and_read_elsewhere(
        case(|case| { case.arrival = Arrival::CatchUp; case.news.unread = 0; }),
        Some(Silence::ReadMeanwhile)
    )]
    #[case::missed_with_the_thread_open(
        case(|case| { case.arrival = Arrival::CatchUp; looks_at(Some(ANN), true)(case); }),
        Some(Silence::OnScreen)
    )]
    #[case::muted(case(|case| case.news.muted = true), Some(Silence::Muted))]
    #[case::muted_and_mine(case(|case| { case.news.muted = true; mine_only(Some(ME))(case); }), Some(Silence::Muted))]
    #[case::left_alone(
        case(|case| case.at.settings.do_not_disturb = DoNotDisturb::On),
        Some(Silence::DoNotDisturb)
    )]
    #[case::left_alone_for_a_minute_more(case(left_alone(60)), Some(Silence::DoNotDisturb))]
    #[case::left_alone_until_this_second(case(left_alone(0)), None)]
    #[case::left_alone_until_a_minute_ago(case(left_alone(-60)), None)]
    #[case::mine(case(mine_only(Some(ME))), None)]
    #[case::of_nobody(case(mine_only(None)), None)]
    #[case::of_a_colleague(case(mine_only(Some(BEN))), Some(Silence::NotMine))]
    #[case::of_a_colleague_to_whoever_hears_everything(case(|case| case.news.assigned_to = Some(BEN)), None)]
    #[case::hidden_content_is_told_all_the_same(
        case(|case| case.at.settings.content = NotificationContent::Nothing),
        None
    )]
    fn a_text_of_anns_is_told_or_not(#[case] case: Case, #[case] expected: Option<Silence>) {
        assert_eq!(silence(case.arrival, &case.news, &case.at), expected);
    }
}
