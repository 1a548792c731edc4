//! What falls due by itself: snoozed conversations that open again, what is too old to be kept, content that nobody knows, and what
//! was taken back from agents who worked directly.
//!
//! One loop each a server process, started by [`crate::run()`]. Each step is one statement of the store that several processes may run at
//! the same time; a step that fails is tried again at the next look. They ask the database for the time: a machine whose own is in another
//! year deletes nothing before its time.

use std::{sync::Arc, time::Duration};

use deskline_store::{STRAYS_KEPT, Store};
use tokio_util::sync::CancellationToken;

use crate::{app::App, direct::Direct};

/// Conversations opened, or rows deleted, by one statement: few enough that nobody waits for it.
const AT_ONCE: i64 = 500;
/// How often is looked for what is too old to be kept. Its age is counted in days.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
/// How soon after a failure.
const FORGET_AGAIN: Duration = Duration::from_secs(60);
/// How often is looked for content that nobody knows; for the first time once the server has run for [`FORGET_EVERY`].
const SWEEP_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// Looks until it is cancelled.
pub async fn run(app: Arc<App>, cancel: CancellationToken) {
    let waking = async {
        loop {
            report(wake_snoozed(&app.store).await, "snoozed conversations cannot be opened; trying again");
            tokio::time::sleep(app.config.timers.poll_every).await;
        }
    };
    let forgetting = async {
        loop {
            let done = forget(&app.store).await;
            let pause = if done.is_ok() { FORGET_EVERY } else { FORGET_AGAIN };
            report(done, "what is too old to be kept cannot be deleted; trying again");
            tokio::time::sleep(pause).await;
        }
    };
    let taking_back = async {
        let direct = Direct::new(&app.store, &app.config);
        loop {
            report(
                direct.sweep().await,
                "what was taken back from agents who worked directly cannot be ended; trying again",
            );
            tokio::time::sleep(FORGET_AGAIN).await;
        }
    };
    let sweeping = async {
        tokio::time::sleep(FORGET_EVERY).await;
        loop {
            match app.media.sweep_orphans(app.clock.now()).await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "removed files that no text and nobody's upload has"),
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "files that nobody has cannot be looked for");
                }
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = sweeping => {}
        () = waking => {}
        () = forgetting => {}
        () = taking_back => {}
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
    let now = store.clock().await?;
    for retention in store.retentions().await? {
        let cutoff = retention.cutoff(now);
        let mut gone = 0;
        while let some @ 1.. = store.forget(retention.workspace_id, cutoff, AT_ONCE).await? {
            gone += some;
        }
        if gone > 0 {
            tracing::info!(workspace = %retention.workspace_id, gone, "deleted what was too old to be kept");
        }
    }
    let mut strays = 0;
    while let some @ 1.. = store.forget_strays(now - STRAYS_KEPT, AT_ONCE).await? {
        strays += some;
    }
    if strays > 0 {
        tracing::info!(strays, "deleted texts and callbacks that no workspace had in all this time");
    }
    Ok(())
}
