//! How often a wrong password may be tried.
//!
//! Asked by `http::auth` before a password is looked at. Counts failures by account *and* address, so that whoever guesses at
//! somebody's account locks out himself and nobody else; and by address alone, far more generously, for guessing at many accounts.
//! Kept in memory: a restart forgives everything.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Failures are remembered for this long.
const WINDOW: Duration = Duration::from_secs(300);
/// Wrong passwords for one account from one address.
const PER_ACCOUNT: usize = 10;
/// Wrong passwords from one address. A whole office, or everybody behind one proxy, may share it.
const PER_ADDRESS: usize = 200;
/// More distinct keys than this are swept before another is added.
const SWEEP_AT: usize = 10_000;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(IpAddr, String),
    Address(IpAddr),
}

/// Remembers recent failures.
#[derive(Default)]
pub struct Limits {
    failures: Mutex<HashMap<Key, Vec<Instant>>>,
}

impl Limits {
    /// How long to wait before another try, or `None` when it may go ahead.
    pub fn wait(&self, address: IpAddr, account: &str, now: Instant) -> Option<Duration> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |key: &Key, limit: usize| {
            let recent: Vec<&Instant> =
                failures.get(key)?.iter().filter(|at| now.duration_since(**at) < WINDOW).collect();
            let oldest_that_counts = recent.len().checked_sub(limit).and_then(|index| recent.get(index))?;
            Some(WINDOW.saturating_sub(now.duration_since(**oldest_that_counts)))
        };
        wait(&Key::Account(address, account.to_lowercase()), PER_ACCOUNT)
            .or_else(|| wait(&Key::Address(address), PER_ADDRESS))
    }

    /// Counts a wrong password.
    pub fn failed(&self, address: IpAddr, account: &str, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() > SWEEP_AT {
            failures.retain(|_, times| times.iter().any(|at| now.duration_since(*at) < WINDOW));
        }
        for key in [Key::Account(address, account.to_lowercase()), Key::Address(address)] {
            let times = failures.entry(key).or_default();
            times.retain(|at| now.duration_since(*at) < WINDOW);
            times.push(now);
        }
    }

    /// Forgets the account's failures from this address after a right password.
    pub fn succeeded(&self, address: IpAddr, account: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&Key::Account(address, account.to_lowercase()));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn whoever_guesses_locks_out_himself_and_nobody_else() {
        let limits = Limits::default();
        let now = Instant::now();

        for _ in 0..PER_ACCOUNT {
            assert_eq!(limits.wait(HERE, "ann@example.org", now), None);
            limits.failed(HERE, "ann@example.org", now);
        }

        assert_eq!(limits.wait(HERE, "Ann@example.org", now), Some(WINDOW), "the same account from here waits");
        assert_eq!(limits.wait(THERE, "ann@example.org", now), None, "Ann signs in from her own place");
        assert_eq!(limits.wait(HERE, "bob@example.org", now), None, "Bob shares the address and signs in");
        assert_eq!(limits.wait(HERE, "ann@example.org", now + WINDOW), None, "after a while it is forgiven");
    }

    #[test]
    fn guessing_at_many_accounts_from_one_address_is_stopped_too() {
        let limits = Limits::default();
        let now = Instant::now();

        for guess in 0..PER_ADDRESS {
            limits.failed(HERE, &format!("{guess}@example.org"), now);
        }

        assert!(limits.wait(HERE, "another@example.org", now).is_some());
        assert!(limits.wait(THERE, "another@example.org", now).is_none());
    }
}
