//! `activity`: what a member does right now, said over a socket.
//!
//! Checked and handed to Postgres, which tells every process; nothing is emitted from here. Each socket has an allowance; what is
//! more is not told, and the ack says so.

use std::sync::Arc;

use deskline_domain::{
    ids::WorkspaceId,
    protocol::{Activity, ActivityTold, JoinReply, TellActivity},
};
use serde_json::Value;
use socketioxide::extract::{AckSender, TryData};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Session, answer};
use crate::error::ApiError;

/// What a socket may say at once, …
const BURST: f64 = 10.0;
/// … and each second after that.
const A_SECOND: f64 = 2.0;
/// Workspaces that one socket may be active in.
const MOST_WORKSPACES: usize = 50;

/// What one socket has said so far.
pub(super) struct Doing {
    left: f64,
    since: Instant,
    /// Where it was said, and where its end has to be said.
    workspaces: Vec<WorkspaceId>,
}

impl Default for Doing {
    fn default() -> Self {
        Self { left: BURST, since: Instant::now(), workspaces: Vec::new() }
    }
}

impl Doing {
    /// Takes one from the allowance.
    fn take(&mut self, now: Instant) -> bool {
        self.left = (self.left + now.duration_since(self.since).as_secs_f64() * A_SECOND).min(BURST);
        self.since = now;
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }

    fn note(&mut self, workspace: WorkspaceId) -> bool {
        if self.workspaces.contains(&workspace) {
            return true;
        }
        let has_room = self.workspaces.len() < MOST_WORKSPACES;
        if has_room {
            self.workspaces.push(workspace);
        }
        has_room
    }
}

impl Session {
    pub(super) async fn activity(self: Arc<Self>, TryData(data): TryData<Value>, ack: AckSender) {
        let error = match self.try_activity(data.unwrap_or_default()).await {
            Ok(()) => None,
            Err(error) => {
                error.log();
                Some(error.to_string())
            }
        };
        answer(ack, &JoinReply { ok: error.is_none(), error, head: None });
    }

    async fn try_activity(&self, data: Value) -> Result<(), ApiError> {
        if !self.doing().take(Instant::now()) {
            return Err(ApiError::TooFast);
        }
        let told: TellActivity = serde_json::from_value(data).map_err(|_| {
            ApiError::BadRequest("An activity must have a workspaceId and an activity with a type".to_owned())
        })?;
        self.app.member(&self.identity, told.workspace_id).await?;
        if !self.doing().note(told.workspace_id) {
            return Err(ApiError::TooFast);
        }
        if self.spread(told.workspace_id, told.activity).await? { Ok(()) } else { Err(ApiError::ContactNotFound) }
    }

    async fn spread(&self, workspace_id: WorkspaceId, activity: Activity) -> deskline_store::Result<bool> {
        let told = ActivityTold {
            workspace_id,
            user_id: self.identity.user_id,
            session: self.id,
            activity,
            ttl_seconds: activity.ttl_seconds(),
        };
        self.app.store.tell_activity(&told).await
    }

    /// The socket is gone: whatever it said is over. If nobody can be told now, its time runs out by itself.
    pub(super) fn end_activity(self: &Arc<Self>) {
        let workspaces = std::mem::take(&mut self.doing().workspaces);
        if workspaces.is_empty() {
            return;
        }
        let session = self.clone();
        tokio::spawn(async move {
            for workspace in workspaces {
                let _ = session.spread(workspace, Activity::Gone).await;
            }
        });
    }

    fn doing(&self) -> std::sync::MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Names a socket to colleagues. Not its Socket.IO id, which lets whoever knows it speak for it.
pub(super) fn session_id(entropy: [u8; 16]) -> Uuid {
    uuid::Builder::from_random_bytes(entropy).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_socket_may_say_ten_things_at_once_and_two_a_second() {
        let start = Instant::now();
        let mut doing = Doing { since: start, ..Doing::default() };

        let said = |doing: &mut Doing, now| (0..20).filter(|_| doing.take(now)).count();

        assert_eq!(said(&mut doing, start), 10);
        assert_eq!(said(&mut doing, start + Duration::from_secs(2)), 4);
        assert_eq!(said(&mut doing, start + Duration::from_secs(60)), 10);
    }
}
