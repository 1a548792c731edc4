//! What falls due by itself: snoozed conversations that open again.
//!
//! One loop a server process, started by [`crate::run()`]. Each step is one statement of the store that several processes may run at
//! the same time; a step that fails is tried again at the next look.

use std::time::Duration;

use deskline_store::Store;
use tokio_util::sync::CancellationToken;

use crate::edge;

/// Conversations opened by one statement.
const AT_ONCE: i64 = 500;

/// Looks until it is cancelled.
pub async fn run(store: Store, look_every: Duration, cancel: CancellationToken) {
    loop {
        if let Err(error) = wake_snoozed(&store).await {
            let error = format!("{:#}", anyhow::Error::from(error));
            tracing::warn!(error, "snoozed conversations cannot be opened; trying again");
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(look_every) => {}
        }
    }
}

async fn wake_snoozed(store: &Store) -> deskline_store::Result<()> {
    while store.wake_snoozed(edge::now(), AT_ONCE).await? > 0 {}
    Ok(())
}
