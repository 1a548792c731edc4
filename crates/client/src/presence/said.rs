//! What to tell colleagues and when, so that it is said often enough to hold and no more often than the server listens.
//!
//! A pure state: [`super`] brings the facts and the time, and [`crate::sync::run`] says what comes out. Never looks at a clock.

use std::{collections::HashMap, time::Duration};

use deskline_domain::{
    ids::{ContactId, WorkspaceId},
    protocol::{Activity, TellActivity},
};
use tokio::time::Instant;

/// An agent whose window had the focus so long ago is away.
const AWAY_AFTER: Duration = Duration::from_secs(5 * 60);
/// A thread that is only passed through is not looked at.
const SETTLES_AFTER: Duration = Duration::from_millis(700);
/// So long after the last key, nobody types any more.
const STOPS_AFTER: Duration = Duration::from_secs(4);
/// Things said in one go: the server takes ten at once, and two a second after that.
const AT_ONCE: usize = 5;

/// A conversation of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) contact_id: ContactId,
}

/// What the agent does at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doing {
    /// The thread on screen, and since when.
    pub(crate) on_screen: Option<(Thread, Instant)>,
    /// Where the last key was pressed, and when. Gone once the text was sent or deleted.
    pub(crate) key: Option<(Thread, Instant)>,
    /// Whether the window has the focus.
    pub(crate) window: bool,
    /// When it last had.
    pub(crate) focused_at: Option<Instant>,
    /// Whether the agent said to be away.
    pub(crate) away: bool,
}

/// What this socket has said.
#[derive(Debug, Default)]
pub(crate) struct Said(HashMap<WorkspaceId, Slots>);

/// The latest of each kind, which hold side by side.
#[derive(Clone, Copy, Debug, Default)]
struct Slots {
    presence: Option<(Activity, Instant)>,
    viewing: Option<(Activity, Instant)>,
    typing: Option<(Activity, Instant)>,
}

impl Said {
    /// What has to be said now; counts as said. What does not fit comes out of the next call.
    pub(crate) fn due(&mut self, doing: &Doing, teams: &[WorkspaceId], now: Instant) -> Vec<TellActivity> {
        let mut due = Vec::new();
        for team in teams {
            for activity in self.0.entry(*team).or_default().due(doing, *team, now) {
                if due.len() < AT_ONCE {
                    self.0.entry(*team).or_default().note(activity, now);
                    due.push(TellActivity { workspace_id: *team, activity });
                }
            }
        }
        due
    }
}

impl Slots {
    fn due(mut self, doing: &Doing, team: WorkspaceId, now: Instant) -> Vec<Activity> {
        let mut due = Vec::new();
        if self.has_ended(doing, team, now) {
            self = Self::default();
            due.push(Activity::Gone);
        }
        let wanted = [
            (self.presence, Some(presence(doing, now))),
            (self.viewing, viewing(doing, team, now)),
            (self.typing, typing(doing, team, now)),
        ];
        due.extend(wanted.into_iter().filter_map(|(said, wanted)| {
            let activity = wanted?;
            let still_holds = said.is_some_and(|(said, at)| said == activity && now - at < again_after(activity));
            (!still_holds).then_some(activity)
        }));
        due
    }

    /// Whether colleagues would go on believing something that is over. What only pauses runs out by itself.
    fn has_ended(&self, doing: &Doing, team: WorkspaceId, now: Instant) -> bool {
        let kept = |thread: Option<(Thread, Instant)>| {
            thread.filter(|(thread, _)| thread.workspace_id == team).map(|(thread, _)| thread.contact_id)
        };
        [
            (self.viewing, kept(doing.on_screen), viewing(doing, team, now)),
            (self.typing, kept(doing.key), typing(doing, team, now)),
        ]
        .into_iter()
        .any(|(said, kept, wanted)| {
            let holds = said.filter(|(said, at)| now - *at < Duration::from_secs(said.ttl_seconds().into()));
            holds.is_some_and(|(said, _)| wanted.is_none() && said.contact_id() != kept)
        })
    }

    fn note(&mut self, activity: Activity, now: Instant) {
        let said = Some((activity, now));
        match activity {
            Activity::Available | Activity::Away => self.presence = said,
            Activity::Viewing { .. } => self.viewing = said,
            Activity::Typing { .. } => self.typing = said,
            Activity::Gone => *self = Self::default(),
        }
    }
}

fn presence(doing: &Doing, now: Instant) -> Activity {
    let idle = !doing.window && doing.focused_at.is_none_or(|at| now.saturating_duration_since(at) >= AWAY_AFTER);
    if doing.away || idle { Activity::Away } else { Activity::Available }
}

fn viewing(doing: &Doing, team: WorkspaceId, now: Instant) -> Option<Activity> {
    let (thread, since) = doing.on_screen.filter(|_| doing.window)?;
    let looks = thread.workspace_id == team && now.saturating_duration_since(since) >= SETTLES_AFTER;
    looks.then_some(Activity::Viewing { contact_id: thread.contact_id })
}

fn typing(doing: &Doing, team: WorkspaceId, now: Instant) -> Option<Activity> {
    let (thread, at) = doing.key?;
    let types = thread.workspace_id == team && now.saturating_duration_since(at) < STOPS_AFTER;
    types.then_some(Activity::Typing { contact_id: thread.contact_id })
}

/// Well before it runs out.
const fn again_after(activity: Activity) -> Duration {
    match activity {
        Activity::Available | Activity::Away => Duration::from_secs(25),
        Activity::Viewing { .. } => Duration::from_secs(12),
        Activity::Typing { .. } => Duration::from_secs(3),
        Activity::Gone => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(1));
    const OTHER_TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(2));
    const ANN: ContactId = ContactId(Uuid::from_u128(3));
    const BOB: ContactId = ContactId(Uuid::from_u128(4));
    const VIEWING: Activity = Activity::Viewing { contact_id: ANN };
    const TYPING: Activity = Activity::Typing { contact_id: ANN };

    /// An agent at work, and the seconds at which things happen.
    struct Desk {
        start: Instant,
        said: Said,
        doing: Doing,
    }

    impl Desk {
        fn new() -> Self {
            let start = Instant::now();
            let doing = Doing { window: true, focused_at: Some(start), ..Doing::default() };
            Self { start, said: Said::default(), doing }
        }

        fn at(&self, seconds: u64) -> Instant {
            self.start + Duration::from_secs(seconds)
        }

        fn opens(&mut self, contact_id: ContactId, seconds: u64) {
            self.doing.on_screen = Some((Thread { workspace_id: TEAM, contact_id }, self.at(seconds)));
            self.doing.key = None;
        }

        fn types(&mut self, contact_id: ContactId, seconds: u64) {
            self.doing.key = Some((Thread { workspace_id: TEAM, contact_id }, self.at(seconds)));
        }

        fn says(&mut self, seconds: u64) -> Vec<Activity> {
            let now = self.at(seconds);
            self.said.due(&self.doing, &[TEAM], now).into_iter().map(|told| told.activity).collect()
        }
    }

    #[test]
    fn each_is_said_again_before_it_runs_out_and_not_more_often() {
        let mut desk = Desk::new();
        desk.opens(ANN, 0);
        desk.types(ANN, 1);

        assert_eq!(desk.says(1), [Activity::Available, VIEWING, TYPING]);
        assert_eq!(desk.says(2), []);
        desk.types(ANN, 4);
        assert_eq!(desk.says(4), [TYPING]);
        assert_eq!(desk.says(13), [VIEWING]);
        assert_eq!(desk.says(26), [Activity::Available, VIEWING]);
    }

    #[test]
    fn what_only_pauses_runs_out_by_itself() {
        let mut desk = Desk::new();
        desk.opens(ANN, 0);
        desk.types(ANN, 1);
        desk.says(1);

        desk.doing.window = false;

        assert_eq!(desk.says(6), [], "a pause in typing, and a look elsewhere, are told to nobody");
    }

    #[test]
    fn a_text_that_was_sent_and_a_thread_that_was_closed_end_what_was_said() {
        let mut desk = Desk::new();
        desk.opens(ANN, 0);
        desk.types(ANN, 1);
        desk.says(1);

        desk.doing.key = None;
        assert_eq!(desk.says(2), [Activity::Gone, Activity::Available, VIEWING]);

        desk.doing.on_screen = None;
        assert_eq!(desk.says(3), [Activity::Gone, Activity::Available]);
        assert_eq!(desk.says(4), []);
    }

    #[test]
    fn another_thread_takes_the_place_of_the_one_before_once_it_is_looked_at() {
        let mut desk = Desk::new();
        desk.opens(ANN, 0);
        desk.says(1);

        desk.opens(BOB, 5);
        assert_eq!(desk.says(6), [Activity::Viewing { contact_id: BOB }]);

        desk.doing.on_screen = Some((Thread { workspace_id: OTHER_TEAM, contact_id: ANN }, desk.at(7)));
        assert_eq!(desk.says(8), [Activity::Gone, Activity::Available], "this team is left");
    }

    #[test]
    fn who_passes_through_many_threads_tells_of_none_of_them() {
        let mut desk = Desk::new();
        desk.says(0);

        for contact in [ANN, BOB, ANN] {
            desk.opens(contact, 1);
            assert_eq!(desk.says(1), []);
        }
    }

    #[test]
    fn nobody_is_there_whose_window_had_no_focus_for_minutes() {
        let mut desk = Desk::new();
        desk.doing.window = false;

        assert_eq!(desk.says(299), [Activity::Available]);
        assert_eq!(desk.says(300), [Activity::Away]);
        desk.doing.window = true;
        desk.doing.away = true;
        assert_eq!(desk.says(326), [Activity::Away], "whoever says so is away, wherever the focus is");
    }

    #[test]
    fn more_than_the_server_takes_at_once_is_said_bit_by_bit() {
        let mut desk = Desk::new();
        let teams: Vec<_> = (0..12).map(|n| WorkspaceId(Uuid::from_u128(n))).collect();
        let now = desk.at(0);

        let said: Vec<usize> = (0..4).map(|_| desk.said.due(&desk.doing, &teams, now).len()).collect();

        assert_eq!(said, [5, 5, 2, 0]);
    }
}
