//! What members do right now, as this process has heard it: for those who join later.
//!
//! Filled from notifications, so that every process knows the same. Nothing in it outlives its time, and nothing is stored.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use deskline_domain::{
    ids::WorkspaceId,
    protocol::{Activity, ActivityTold},
};
use tokio::time::Instant;
use uuid::Uuid;

/// How often what is over is looked for in workspaces that have fallen silent.
const SWEPT_EVERY: Duration = Duration::from_secs(60);

/// What a socket can say at the same time: whether it is there, what it looks at, and whether it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    Presence,
    Viewing,
    Typing,
}

/// Everything that holds at the moment.
#[derive(Debug, Default)]
pub struct Activities(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    workspaces: HashMap<WorkspaceId, HashMap<(Uuid, Slot), Held>>,
    swept: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    told: ActivityTold,
    until: Instant,
}

impl Activities {
    /// Keeps it until its time is over.
    pub fn hear(&self, told: ActivityTold, now: Instant) {
        let mut inner = self.inner();
        if inner.swept.is_none_or(|swept| now.duration_since(swept) > SWEPT_EVERY) {
            inner.swept = Some(now);
            inner.workspaces.retain(|_, held| {
                held.retain(|_, held| held.until > now);
                !held.is_empty()
            });
        }
        let held = inner.workspaces.entry(told.workspace_id).or_default();
        let slot = match told.activity {
            Activity::Available | Activity::Away => Slot::Presence,
            Activity::Viewing { .. } => Slot::Viewing,
            Activity::Typing { .. } => Slot::Typing,
            Activity::Gone => return held.retain(|(session, _), _| *session != told.session),
        };
        let until = now + Duration::from_secs(told.ttl_seconds.into());
        held.insert((told.session, slot), Held { told, until });
    }

    /// What holds in a workspace, with the time that is left of it.
    #[must_use]
    pub fn current(&self, workspace: WorkspaceId, now: Instant) -> Vec<ActivityTold> {
        let inner = self.inner();
        let held = inner.workspaces.get(&workspace).into_iter().flat_map(HashMap::values);
        held.filter(|held| held.until > now)
            .map(|held| {
                let left = held.until.duration_since(now).as_secs().max(1);
                ActivityTold { ttl_seconds: u32::try_from(left).unwrap_or(held.told.ttl_seconds), ..held.told }
            })
            .collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use deskline_domain::ids::{ContactId, UserId};

    use super::*;

    const TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

    fn told(session: u128, activity: Activity) -> ActivityTold {
        ActivityTold {
            workspace_id: TEAM,
            user_id: UserId(Uuid::from_u128(2)),
            session: Uuid::from_u128(session),
            activity,
            ttl_seconds: activity.ttl_seconds(),
        }
    }

    fn current(activities: &Activities, now: Instant) -> Vec<Activity> {
        activities.current(TEAM, now).into_iter().map(|told| told.activity).collect()
    }

    #[test]
    fn the_latest_of_each_kind_holds_until_its_time_is_over() {
        let (activities, start) = (Activities::default(), Instant::now());
        let viewing = |n| Activity::Viewing { contact_id: ContactId(Uuid::from_u128(n)) };
        let later = |seconds| start + Duration::from_secs(seconds);

        for activity in [Activity::Available, Activity::Away, viewing(1), viewing(2)] {
            activities.hear(told(1, activity), start);
        }
        let mut now = current(&activities, later(1));
        now.sort_by_key(|activity| activity.ttl_seconds());

        assert_eq!(now, [viewing(2), Activity::Away]);
        assert_eq!(activities.current(TEAM, later(20)).iter().map(|told| told.ttl_seconds).min(), Some(10));
        assert_eq!(current(&activities, later(31)), [Activity::Away]);
        assert!(current(&activities, later(61)).is_empty());
        activities.hear(told(2, Activity::Gone), later(200));
        assert!(activities.inner().workspaces.values().all(HashMap::is_empty), "what is over is swept out");
    }

    #[test]
    fn who_is_gone_on_one_desktop_may_be_there_on_another() {
        let (activities, now) = (Activities::default(), Instant::now());
        activities.hear(told(1, Activity::Available), now);
        activities.hear(told(2, Activity::Available), now);

        activities.hear(told(1, Activity::Gone), now);

        let left = activities.current(TEAM, now);
        assert_eq!(left.iter().map(|told| told.session).collect::<Vec<_>>(), [Uuid::from_u128(2)]);
    }
}
