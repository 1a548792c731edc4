//! What falls due by itself: snoozed conversations that open again, and what is too old to be kept.
//!
//! One loop a server process, started by [`crate::run()`]. Each step is one statement of the store that several processes may run at
//! the same time; a step that fails is tried again at the next look. They go by the database's clock: a machine whose own is in another
//! year deletes nothing before its time.

use std::time::Duration;

use deskline_store::Store;
use tokio_util::sync::CancellationToken;

/// Conversations opened, or rows deleted, by one statement: few enough that nobody waits for it.
const AT_ONCE: i64 = 500;
/// How often is looked for what is too old to be kept. Its age is counted in days.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
/// How soon after a failure.
const FORGET_AGAIN: Duration = Duration::from_secs(60);

/// Looks until it is cancelled.
pub async fn run(store: Store, look_every: Duration, cancel: CancellationToken) {
    let waking = async {
        loop {
            report(wake_snoozed(&store).await, "snoozed conversations cannot be opened; trying again");
            tokio::time::sleep(look_every).await;
        }
    };
    let forgetting = async {
        loop {
            let done = forget(&store).await;
            let pause = if done.is_ok() { FORGET_EVERY } else { FORGET_AGAIN };
            report(done, "what is too old to be kept cannot be deleted; trying again");
            tokio::time::sleep(pause).await;
        }
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = waking => {}
        () = forgetting => {}
    }
}

fn report(outcome: deskline_store::Result<()>, what: &str) {
    if let Err(error) = outcome {
        let error = format!("{:#}", anyhow::Error::from(error));
        tracing::warn!(error, "{what}");
    }
}

async fn wake_snoozed(store: &Store) -> deskline_store::Result<()> {
    while store.wake_snoozed(store.clock().await?, AT_ONCE).await? > 0 {}
    Ok(())
}

async fn forget(store: &Store) -> deskline_store::Result<()> {
    for retention in store.retentions().await? {
        let cutoff = retention.cutoff(store.clock().await?);
        let mut gone = 0;
        while let some @ 1.. = store.forget(retention.workspace_id, cutoff, AT_ONCE).await? {
            gone += some;
        }
        if gone > 0 {
            tracing::info!(workspace = %retention.workspace_id, gone, "deleted what was too old to be kept");
        }
    }
    Ok(())
}
