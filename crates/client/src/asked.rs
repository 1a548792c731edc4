//! When something was last asked for each team, so that it is asked again now and then and not at every key.
//!
//! Kept by `core` for as long as the program runs. Asks nobody itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use deskline_domain::ids::WorkspaceId;
use tokio::time::Instant;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<HashMap<WorkspaceId, Instant>>);

impl Asked {
    /// Whether it is time to ask for this team; if so, it counts as asked.
    pub(crate) fn is_due(&self, workspace_id: WorkspaceId, every: Duration, now: Instant) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = asked.get(&workspace_id).is_none_or(|at| now - *at >= every);
        if is_due {
            asked.insert(workspace_id, now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_team_is_asked_once_in_a_while() {
        const EVERY: Duration = Duration::from_secs(60);
        let [one, two] = [1, 2].map(|n| WorkspaceId(Uuid::from_u128(n)));
        let asked = Asked::default();

        let start = Instant::now();

        assert!(asked.is_due(one, EVERY, start) && asked.is_due(two, EVERY, start));
        assert!(!asked.is_due(one, EVERY, start + EVERY / 2));
        assert!(asked.is_due(one, EVERY, start + EVERY));
    }
}
