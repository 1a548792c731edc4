//! How fast one socket may ask: so many events at once, and then so many a second.
//!
//! Asked by [`crate::socket`] before each event. A desktop or a dashboard never comes near it.

use tokio::time::Instant;

/// Events that a socket may ask for at once.
const AT_ONCE: f64 = 500.0;
/// And for how many more each second.
const A_SECOND: f64 = 100.0;

/// What a socket has left.
#[derive(Debug)]
pub struct Pace {
    left: f64,
    since: Instant,
}

impl Pace {
    /// A socket that has just connected.
    #[must_use]
    pub const fn new(now: Instant) -> Self {
        Self { left: AT_ONCE, since: now }
    }

    /// Whether one more event is in order.
    pub fn allows(&mut self, now: Instant) -> bool {
        self.left = (self.left + now.duration_since(self.since).as_secs_f64() * A_SECOND).min(AT_ONCE);
        self.since = now;
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_does_not() {
        let start = Instant::now();
        let mut pace = Pace::new(start);

        let at_once = (0..1_000).filter(|_| pace.allows(start)).count();
        let a_second_later = (0..1_000).filter(|_| pace.allows(start + Duration::from_secs(1))).count();
        let much_later = (0..1_000).filter(|_| pace.allows(start + Duration::from_secs(3_600))).count();

        assert_eq!((at_once, a_second_later, much_later), (500, 100, 500));
    }
}
