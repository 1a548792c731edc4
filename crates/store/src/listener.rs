//! Hearing that something changed: Postgres notifications over a connection of their own, which is made again when it is cut.
//!
//! Used by the server's fan-out. A wake says where to look and nothing else, so that a lost one costs time and no change:
//! after each (re)connection everything is declared changed.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use deskline_domain::{
    ids::WorkspaceId,
    protocol::{ActivityTold, DraftTold},
};
use sqlx::{
    PgPool,
    postgres::{PgListener, PgNotification, PgPoolOptions},
};
use tokio::{sync::Notify, task::JoinHandle, time};
use uuid::Uuid;

/// The channel that the feed's trigger notifies; the payload is a workspace id.
const CHANNEL: &str = "deskline_changes";
/// The channel of [`Store::tell_activity`](crate::Store::tell_activity); the payload is an [`ActivityTold`]. Its name goes on with
/// `feeds.whisper`, since anybody may listen to a channel whose name is known.
pub(crate) const ACTIVITY_CHANNEL: &str = "deskline_activity_";
/// The channel that the trigger of [`Store::save_draft`](crate::Store::save_draft) notifies, likewise; the payload is a [`DraftTold`]. Each login role of
/// an agent's has one of its own besides, which tells of that agent's drafts alone.
const DRAFT_CHANNEL: &str = "deskline_drafts_";
/// The channel that tells of sign-ins that end, likewise; the payload is the sign-in's family of refresh tokens.
const SESSION_CHANNEL: &str = "deskline_sessions_";
/// Activities and hints about drafts that wait to be fetched. What is more is dropped: it would be said again anyway, or asked for.
const WAITING_ACTIVITIES: usize = 1_000;
/// How long the connection may be silent before it is asked whether it is still there. A cut cable says nothing by itself.
const SILENCE: Duration = Duration::from_secs(15);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two attempts to connect, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// This workspace's feed has grown.
    Workspace(WorkspaceId),
    /// A member does something that is stored nowhere.
    Activity(ActivityTold),
    /// A member has edited a draft, for whose other desktops it is.
    Draft(DraftTold),
    /// A sign-in has ended: the family of its refresh tokens.
    SessionEnded(Uuid),
    /// Any workspace's may have: the listener has just (re)connected, or the feed has got another id.
    All,
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Listener {
    inbox: Arc<Inbox>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Hears of agents' doings too, unless it is `for_agent`: those are told over channels that no agent's role can name. An agent's hears of the
    /// own drafts.
    pub(crate) fn start(pool: &PgPool, for_agent: bool) -> Self {
        let inbox = Arc::new(Inbox::default());
        let task = tokio::spawn(listen(pool.clone(), Arc::clone(&inbox), for_agent));
        Self { inbox, task }
    }

    /// Waits for the next wake. Wakes for the same workspace that nobody fetched are one. Cancelling loses nothing.
    pub async fn next(&mut self) -> Wake {
        loop {
            if let Some(wake) = self.inbox.take() {
                return wake;
            }
            self.inbox.filled.notified().await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What was heard and not fetched yet. Never holds more than one entry a workspace.
#[derive(Debug, Default)]
struct Inbox {
    wakes: Mutex<VecDeque<Wake>>,
    filled: Notify,
}

impl Inbox {
    fn put(&self, wake: Wake) {
        let mut wakes = self.wakes.lock().unwrap_or_else(PoisonError::into_inner);
        if wake == Wake::All {
            wakes.clear();
        }
        let is_lost = match wake {
            Wake::Activity(_) | Wake::Draft(_) => wakes.len() >= WAITING_ACTIVITIES,
            Wake::Workspace(_) => wakes.contains(&Wake::All),
            Wake::SessionEnded(_) | Wake::All => false,
        };
        if !is_lost && !wakes.contains(&wake) {
            wakes.push_back(wake);
        }
        drop(wakes);
        self.filled.notify_one();
    }

    fn take(&self) -> Option<Wake> {
        self.wakes.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

async fn listen(pool: PgPool, inbox: Arc<Inbox>, for_agent: bool) {
    let mut pause = FIRST_PAUSE;
    loop {
        match connect(&pool, for_agent).await {
            Ok(mut connection) => {
                pause = FIRST_PAUSE;
                inbox.put(Wake::All);
                hear(&mut connection, &inbox).await;
                tracing::warn!("the connection that listens for changes was cut; connecting again");
            }
            Err(error) => tracing::warn!(%error, "cannot listen for changes; trying again"),
        }
        time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A connection outside the pool: it is never given back, and the pool's size is for queries.
async fn connect(pool: &PgPool, for_agent: bool) -> sqlx::Result<PgListener> {
    let own = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(pool.connect_options().as_ref().clone());
    let mut connection = PgListener::connect_with(&own).await?;
    connection.ignore_pool_close_event(true);
    connection.eager_reconnect(false);
    connection.listen(CHANNEL).await?;
    if for_agent {
        // None for a role that has ended at this moment.
        let own = sqlx::query_scalar!("select direct_whisper()").fetch_one(&mut connection).await?;
        if let Some(own) = own {
            connection.listen(&format!("{DRAFT_CHANNEL}{own}")).await?;
        }
    } else {
        let whisper = sqlx::query_scalar!("select whisper from feeds").fetch_one(&mut connection).await?;
        let channels = [ACTIVITY_CHANNEL, DRAFT_CHANNEL, SESSION_CHANNEL].map(|channel| format!("{channel}{whisper}"));
        connection.listen_all(channels.iter().map(String::as_str)).await?;
    }
    // A restored backup is noticed here, before anybody is told to look.
    sqlx::query!("select feed_open()").fetch_one(&mut connection).await?;
    Ok(connection)
}

/// Hears until the connection is lost.
async fn hear(connection: &mut PgListener, inbox: &Inbox) {
    loop {
        match time::timeout(SILENCE, connection.try_recv()).await {
            Ok(Ok(Some(notification))) => read(&notification).into_iter().for_each(|wake| inbox.put(wake)),
            Ok(Ok(None) | Err(_)) => return,
            Err(_silent) => {
                let alive = time::timeout(PATIENCE, sqlx::query("select 1").execute(&mut *connection)).await;
                if !matches!(alive, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}

/// An activity, a draft or a sign-in that cannot be read is none; anything else that cannot be read says to look everywhere.
fn read(notification: &PgNotification) -> Option<Wake> {
    if notification.channel().starts_with(ACTIVITY_CHANNEL) {
        return serde_json::from_str(notification.payload()).ok().map(Wake::Activity);
    }
    if notification.channel().starts_with(DRAFT_CHANNEL) {
        return serde_json::from_str(notification.payload()).ok().map(Wake::Draft);
    }
    if notification.channel().starts_with(SESSION_CHANNEL) {
        return notification.payload().parse().ok().map(Wake::SessionEnded);
    }
    Some(notification.payload().parse().map_or(Wake::All, Wake::Workspace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wakes_that_nobody_fetched_are_one_for_each_workspace() {
        let [ann, bob] = [1, 2].map(|n| Wake::Workspace(WorkspaceId(Uuid::from_u128(n))));
        let inbox = Inbox::default();

        [ann, bob, ann].into_iter().for_each(|wake| inbox.put(wake));

        assert_eq!([inbox.take(), inbox.take(), inbox.take()], [Some(ann), Some(bob), None]);
    }

    #[test]
    fn a_wake_for_all_swallows_the_others() {
        let ann = Wake::Workspace(WorkspaceId(Uuid::from_u128(1)));
        let inbox = Inbox::default();

        [ann, Wake::All, ann].into_iter().for_each(|wake| inbox.put(wake));

        assert_eq!([inbox.take(), inbox.take()], [Some(Wake::All), None]);
    }
}
