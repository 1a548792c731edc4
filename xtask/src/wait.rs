//! Waiting for a program of another's making: a port that answers, a window that shows. Asks again until it is so, or until patience ends.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

const EVERY: Duration = Duration::from_millis(40);

/// Asks `look` until it answers something.
///
/// # Errors
/// What `look` fails with, or a sentence with `what` when `patience` has passed.
pub(crate) fn until<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if started.elapsed() > patience {
            bail!("waited {} s for {what}, in vain", patience.as_secs());
        }
        pause(EVERY);
    }
}

/// Between two looks at something that cannot wake us.
#[expect(clippy::disallowed_methods, reason = "a thread of our own, polling what cannot tell us when it is ready")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
