//! What every task of a simulator shares: the state, the signals that waiters listen to, and the way to the server under test.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{listener::Listener, people::PeopleTask, state::State};

/// Shared by the API, the control API, callbacks and people.
pub(crate) struct Inner {
    state: Mutex<State>,
    /// Posts webhooks and callbacks.
    pub(crate) http: reqwest::Client,
    /// See [`crate::Config`].
    pub(crate) pace: RangeInclusive<Duration>,
    pub(crate) attempts: u32,
    pub(crate) retry_wait: Duration,
    /// Counts up whenever anything that somebody may wait for has changed.
    changes: watch::Sender<u64>,
    /// How many deliveries are under way.
    busy: watch::Sender<usize>,
    /// Whether status callbacks wait.
    held: watch::Sender<bool>,
    /// Counts up when hanging requests are let go.
    releases: watch::Sender<u64>,
    /// Where texts that reached a handset are told; people listen.
    arrivals: Mutex<Option<mpsc::UnboundedSender<Arrival>>>,
    pub(crate) urls: OnceLock<Urls>,
    /// The API's port.
    pub(crate) api: OnceLock<Listener>,
    /// Whoever texts by themselves.
    pub(crate) people: tokio::sync::Mutex<Option<PeopleTask>>,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

/// Where a simulator is found.
#[derive(Clone, Debug)]
pub(crate) struct Urls {
    /// Twilio's API.
    pub(crate) api: Url,
    /// The control API and files.
    pub(crate) beside: Url,
}

/// A text that reached a handset.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The handset.
    pub(crate) to: String,
    /// Our number.
    pub(crate) from: String,
}

/// See [`Inner::next_release`].
pub(crate) struct Release {
    releases: watch::Receiver<u64>,
    shutdown: CancellationToken,
}

impl Release {
    /// Waits until hanging requests are let go, or the simulator ends.
    pub(crate) async fn wait(mut self) {
        tokio::select! {
            _ = self.releases.changed() => {}
            () = self.shutdown.cancelled() => {}
        }
    }
}

/// A delivery that is under way for as long as this lives.
pub(crate) struct Busy(Arc<Inner>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.send_modify(|busy| *busy = busy.saturating_sub(1));
    }
}

impl Inner {
    pub(crate) fn new(state: State, http: reqwest::Client, config: &crate::Config) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(state),
            http,
            pace: config.pace.clone(),
            attempts: config.attempts.max(1),
            retry_wait: config.retry_wait,
            changes: watch::Sender::new(0),
            busy: watch::Sender::new(0),
            held: watch::Sender::new(false),
            releases: watch::Sender::new(0),
            arrivals: Mutex::new(None),
            urls: OnceLock::new(),
            api: OnceLock::new(),
            people: tokio::sync::Mutex::default(),
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
        })
    }

    /// The state. Never held over an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells every waiter to look again.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// A receiver that has seen everything until now.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Marks a delivery as under way.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.busy.send_modify(|busy| *busy += 1);
        Busy(self.clone())
    }

    /// Waits until no delivery is under way.
    pub(crate) async fn settled(&self) {
        // An error would mean that the sender is gone, and it is ours.
        let _ = self.busy.subscribe().wait_for(|busy| *busy == 0).await;
    }

    pub(crate) fn hold(&self, hold: bool) {
        self.held.send_replace(hold);
    }

    /// Lets hanging requests go on.
    pub(crate) fn release(&self) {
        self.releases.send_modify(|count| *count += 1);
    }

    /// A way to wait for the next time that hanging requests are let go. Taken before a fault is, so that none is missed.
    pub(crate) fn next_release(&self) -> Release {
        Release { releases: self.releases.subscribe(), shutdown: self.shutdown.clone() }
    }

    /// Waits before the next status: as long as callbacks are held, and then for a while. False when the simulator ends.
    pub(crate) async fn pause(&self, time: Duration) -> bool {
        let mut held = self.held.subscribe();
        let let_go = async { drop(held.wait_for(|held| !held).await) };
        tokio::select! {
            () = let_go => {}
            () = self.shutdown.cancelled() => return false,
        }
        self.sleep(time).await
    }

    /// Waits for a while. False when the simulator ends.
    pub(crate) async fn sleep(&self, time: Duration) -> bool {
        if time.is_zero() {
            return !self.shutdown.is_cancelled();
        }
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = self.shutdown.cancelled() => false,
        }
    }

    /// Tells people, if there are any, that a text reached a handset.
    pub(crate) fn arrived(&self, arrival: Arrival) {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        if arrivals.as_ref().is_some_and(|listener| listener.send(arrival).is_err()) {
            *arrivals = None;
        }
    }

    /// From now on, arrivals go to whoever holds the receiver.
    pub(crate) fn listen_to_arrivals(&self) -> mpsc::UnboundedReceiver<Arrival> {
        let (sender, receiver) = mpsc::unbounded_channel();
        *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }
}
