//! Waiting for something that will be true soon, without guessing how soon.
//!
//! Used where the awaited thing has no event of its own (a row in Postgres, a file). Never used to let time pass.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep};

/// How long anything in a test may take on a busy machine before it counts as never.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until `probe` gives a value.
///
/// # Panics
/// After [`PATIENCE`], with `what` in the message.
pub async fn eventually<T, F>(what: &str, probe: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    eventually_within(PATIENCE, what, probe).await
}

/// The same for what takes longer than anything should, such as a lease that has to run out.
///
/// # Panics
/// After `patience`, with `what` in the message.
pub async fn eventually_within<T, F>(patience: Duration, what: &str, mut probe: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + patience;
    loop {
        if let Some(value) = probe().await {
            return value;
        }
        assert!(Instant::now() < deadline, "waited {patience:?} for this and it did not happen: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
