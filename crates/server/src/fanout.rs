//! The only emitter: tells every socket of this process what changed in the workspaces it joined, whoever changed it.
//!
//! Woken by Postgres through `store::listen`. Each workspace with listeners has a [`lane`]: a task with a cursor that reads what is new
//! once and puts it on the [`wire`] of each socket. Changes are never taken from memory, so that any number of server processes,
//! and programs that are not ours, write to one database and all are heard everywhere. A socket that stops reading fills its own wire.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use deskline_domain::ids::{MessageId, WorkspaceId};
use deskline_store::{Store, Wake};
use socketioxide::socket::Sid;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{activity::Activities, lane::Lane, wire::Wire};
use crate::{auth::sign_ins::SignIns, config::Timers, metrics::Metrics};

pub mod activity;
pub mod lane;
pub mod render;
pub mod wire;

/// A socket's own text has certainly been heard by then.
const ORIGIN_KEPT: Duration = Duration::from_secs(120);

/// What a socket wants to hear of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wants {
    /// The contract's events, with rows.
    Rows,
    /// Pages of the change feed, instead of rows.
    Pages,
}

/// Every lane of this process.
pub struct Fanout {
    pub(crate) store: Store,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) timers: Timers,
    lanes: Mutex<HashMap<WorkspaceId, Arc<Lane>>>,
    origins: Mutex<HashMap<MessageId, (Sid, Instant)>>,
    activities: Activities,
    sign_ins: Arc<SignIns>,
    pub(crate) cancel: CancellationToken,
    tasks: TaskTracker,
}

impl Fanout {
    /// Nobody listens yet.
    #[must_use]
    pub fn new(store: Store, timers: Timers, metrics: Arc<Metrics>, sign_ins: Arc<SignIns>) -> Self {
        Self {
            store,
            metrics,
            timers,
            lanes: Mutex::default(),
            origins: Mutex::default(),
            activities: Activities::default(),
            sign_ins,
            cancel: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Wakes the lanes until it is cancelled.
    pub async fn run(self: Arc<Self>) {
        let mut listener = self.store.listen();
        loop {
            let wake = tokio::select! {
                () = self.cancel.cancelled() => return,
                wake = listener.next() => wake,
            };
            let lanes = self.lanes();
            match wake {
                Wake::Workspace(workspace) => lanes.get(&workspace).into_iter().for_each(|lane| lane.wake()),
                Wake::Activity(told) => {
                    self.activities.hear(told, Instant::now());
                    lanes.get(&told.workspace_id).into_iter().for_each(|lane| lane.tell(&told));
                }
                Wake::Draft(told) => {
                    lanes.get(&told.workspace_id).into_iter().for_each(|lane| lane.tell_author(&told));
                }
                Wake::SessionEnded(session) => self.sign_ins.end(session),
                Wake::All => {
                    lanes.values().for_each(|lane| lane.wake());
                    // What was told meanwhile went past everybody.
                    if let Some(hint) = render::any_draft() {
                        lanes.values().for_each(|lane| lane.tell_desktops(&hint));
                    }
                    let (sign_ins, cancel) = (self.sign_ins.clone(), self.cancel.clone());
                    self.tasks.spawn(async move { cancel.run_until_cancelled(sign_ins.look_at_all()).await });
                }
            }
        }
    }

    /// Lets a socket hear a workspace from now on. Answers the feed's newest number, read after the socket began to listen: what
    /// comes after it will be heard.
    ///
    /// # Errors
    /// When the database fails; the socket hears nothing then.
    pub async fn join(
        self: &Arc<Self>,
        workspace: WorkspaceId,
        wire: Arc<Wire>,
        wants: Wants,
    ) -> deskline_store::Result<i64> {
        let sid = wire.sid;
        let lane = {
            // Under one lock, so that a lane that ends for want of listeners is never joined.
            let mut lanes = self.lanes();
            let lane = lanes.entry(workspace).or_insert_with(|| Arc::new(Lane::new(workspace))).clone();
            lane.add(wire.clone(), wants);
            lane
        };
        for told in self.activities.current(workspace, Instant::now()) {
            render::activity(&told).into_iter().for_each(|event| wire.push(event.name, event.payload));
        }
        let started = lane
            .started
            .get_or_try_init(|| async {
                let from = self.store.head(workspace).await?;
                self.tasks.spawn(lane::run(self.clone(), lane.clone(), from));
                Ok::<_, deskline_store::Error>(())
            })
            .await;
        let head = match started {
            Ok(()) => self.store.head(workspace).await,
            Err(error) => Err(error),
        };
        if head.is_err() {
            lane.remove(sid);
            self.end_if_deserted(&lane);
        }
        Ok(head?.seq)
    }

    /// Forgets a socket that is gone.
    pub fn leave(&self, sid: Sid) {
        let lanes: Vec<_> = self.lanes().values().cloned().collect();
        for lane in lanes {
            lane.remove(sid);
            // The lane notices by itself that nobody is left.
            lane.wake();
        }
    }

    /// Remembers which socket a text comes from: it hears `message_sent` and need not hear `new_message`.
    pub fn remember_origin(&self, message: MessageId, sid: Sid) {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        origins.retain(|_, (_, since)| now.duration_since(*since) < ORIGIN_KEPT);
        origins.insert(message, (sid, now));
    }

    /// The socket that a text came from, if it was one of ours.
    pub(crate) fn origin(&self, message: MessageId) -> Option<Sid> {
        let origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        origins.get(&message).map(|(sid, _)| *sid)
    }

    /// Takes a lane that nobody listens to off the list. True when it is to end.
    pub(crate) fn end_if_deserted(&self, lane: &Arc<Lane>) -> bool {
        let mut lanes = self.lanes();
        let deserted = lane.is_deserted();
        if deserted && lanes.get(&lane.workspace).is_some_and(|listed| Arc::ptr_eq(listed, lane)) {
            lanes.remove(&lane.workspace);
        }
        deserted
    }

    /// Ends every lane.
    pub async fn stop(&self) {
        self.cancel.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Arc<Lane>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
