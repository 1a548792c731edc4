//! The edge of the server: the only place that reads the clock and makes randomness.
//!
//! Called by handlers and run loops, which pass what they got here on as parameters. Nothing below them calls it.

use chrono::{DateTime, Utc};

/// The time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the edge is where time comes in")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Randomness for ids, tokens and jitter.
#[must_use]
pub fn entropy<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes);
    bytes
}

/// A random fraction from 0 to 1, for jitter.
#[must_use]
pub fn fraction() -> f64 {
    rand::random()
}
