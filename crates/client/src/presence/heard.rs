//! What colleagues said that they do, for as long as it holds.
//!
//! A pure state: [`super`] brings what the socket told, and the time. Nothing in it outlives its time or the connection.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use deskline_domain::{
    ids::{ContactId, UserId, WorkspaceId},
    protocol::{Activity, ActivityTold},
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::view::{AtWork, Busy};

/// Activities that are kept at the same time. A server that tells more is not believed.
const MOST: usize = 10_000;

/// What one desktop of a colleague can say at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    Presence,
    Viewing,
    Typing,
}

/// Everything that holds.
#[derive(Debug, Default)]
pub(crate) struct Heard(HashMap<(WorkspaceId, Uuid, Slot), Held>);

#[derive(Clone, Copy, Debug)]
struct Held {
    user_id: UserId,
    activity: Activity,
    until: Instant,
}

impl Heard {
    /// Keeps it until its time is over; `gone` ends what that desktop said before.
    pub(crate) fn hear(&mut self, told: ActivityTold, now: Instant) {
        let slot = match told.activity {
            Activity::Available | Activity::Away => Slot::Presence,
            Activity::Viewing { .. } => Slot::Viewing,
            Activity::Typing { .. } => Slot::Typing,
            Activity::Gone => {
                let gone = (told.workspace_id, told.session);
                return self.0.retain(|(workspace, session, _), _| (*workspace, *session) != gone);
            }
        };
        // Never longer than it is said for, whatever the server says.
        let seconds = told.ttl_seconds.min(told.activity.ttl_seconds());
        let held =
            Held { user_id: told.user_id, activity: told.activity, until: now + Duration::from_secs(seconds.into()) };
        if self.0.len() < MOST {
            self.0.insert((told.workspace_id, told.session, slot), held);
        }
    }

    /// Forgets what is over by now.
    pub(crate) fn lapse(&mut self, now: Instant) {
        self.0.retain(|_, held| held.until > now);
    }

    /// Who is at work, but for `me`. Whoever is there at one desktop is there.
    pub(crate) fn at_work(&self, me: UserId) -> Vec<AtWork> {
        let mut people: BTreeMap<(WorkspaceId, UserId), bool> = BTreeMap::new();
        for ((workspace_id, ..), held) in self.0.iter().filter(|(_, held)| held.user_id != me) {
            let away = held.activity == Activity::Away;
            people.entry((*workspace_id, held.user_id)).and_modify(|before| *before &= away).or_insert(away);
        }
        people.into_iter().map(|((workspace_id, user_id), away)| AtWork { workspace_id, user_id, away }).collect()
    }

    /// Who is busy with which conversation, but for `me`.
    pub(crate) fn busy(&self, me: UserId) -> Vec<Busy> {
        let mut people: BTreeMap<(ContactId, UserId), bool> = BTreeMap::new();
        for held in self.0.values().filter(|held| held.user_id != me) {
            let Some(contact_id) = held.activity.contact_id() else { continue };
            let typing = matches!(held.activity, Activity::Typing { .. });
            people.entry((contact_id, held.user_id)).and_modify(|before| *before |= typing).or_insert(typing);
        }
        people.into_iter().map(|((contact_id, user_id), typing)| Busy { contact_id, user_id, typing }).collect()
    }

    /// A colleague who writes to the contact.
    pub(crate) fn typing_to(&self, contact_id: ContactId, me: UserId) -> Option<UserId> {
        self.busy(me).into_iter().find(|busy| busy.typing && busy.contact_id == contact_id).map(|busy| busy.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(1));
    const ANN: ContactId = ContactId(Uuid::from_u128(2));
    const ME: UserId = UserId(Uuid::from_u128(3));
    const MIA: UserId = UserId(Uuid::from_u128(4));
    const VIEWING: Activity = Activity::Viewing { contact_id: ANN };
    const TYPING: Activity = Activity::Typing { contact_id: ANN };

    fn told(user_id: UserId, session: u128, activity: Activity) -> ActivityTold {
        let session = Uuid::from_u128(session);
        ActivityTold { workspace_id: TEAM, user_id, session, activity, ttl_seconds: activity.ttl_seconds() }
    }

    fn heard(all: &[ActivityTold]) -> (Heard, Instant) {
        let now = Instant::now();
        let mut heard = Heard::default();
        all.iter().for_each(|told| heard.hear(*told, now));
        (heard, now)
    }

    #[test]
    fn each_holds_for_its_time_and_no_longer() {
        let (mut heard, now) = heard(&[told(MIA, 1, Activity::Available), told(MIA, 1, VIEWING), told(MIA, 1, TYPING)]);
        let busy = |typing| [Busy { contact_id: ANN, user_id: MIA, typing }];

        assert_eq!(heard.busy(ME), busy(true));
        heard.lapse(now + Duration::from_secs(6));
        assert_eq!((heard.busy(ME), heard.typing_to(ANN, ME)), (busy(false).to_vec(), None));
        heard.lapse(now + Duration::from_secs(30));
        assert_eq!((heard.busy(ME).len(), heard.at_work(ME).len()), (0, 1));
        heard.lapse(now + Duration::from_secs(60));
        assert_eq!(heard.at_work(ME), []);
    }

    #[test]
    fn what_the_agent_does_at_another_desktop_is_no_colleagues() {
        let (heard, _) = heard(&[told(ME, 1, Activity::Available), told(ME, 1, TYPING)]);

        assert_eq!((heard.at_work(ME), heard.busy(ME), heard.typing_to(ANN, ME)), (vec![], vec![], None));
    }

    #[test]
    fn who_is_gone_at_one_desktop_may_be_there_at_another() {
        let (mut heard, now) = heard(&[
            told(MIA, 1, Activity::Away),
            told(MIA, 1, VIEWING),
            told(MIA, 2, Activity::Available),
            told(MIA, 2, TYPING),
        ]);
        let mia = |away| [AtWork { workspace_id: TEAM, user_id: MIA, away }];

        assert_eq!((heard.at_work(ME), heard.typing_to(ANN, ME)), (mia(false).to_vec(), Some(MIA)));
        heard.hear(told(MIA, 2, Activity::Gone), now);
        assert_eq!(heard.busy(ME), [Busy { contact_id: ANN, user_id: MIA, typing: false }]);
        heard.hear(told(MIA, 1, Activity::Gone), now);
        assert_eq!(heard.at_work(ME), []);
    }

    #[test]
    fn a_server_that_says_for_ever_is_not_believed() {
        let (mut heard, now) = heard(&[ActivityTold { ttl_seconds: u32::MAX, ..told(MIA, 1, TYPING) }]);

        heard.lapse(now + Duration::from_secs(6));

        assert_eq!(heard.busy(ME), []);
    }
}
