//! How often a wrong password may be tried.
//!
//! Asked by `http::auth` before a password is looked at. Counts failures by account *and* address, so that whoever guesses at
//! somebody's account locks out himself and nobody else; and by address alone, far more generously, for guessing at many accounts.
//! An attempt counts from its beginning, so that a thousand at once are no more than ten. Kept in memory: a restart forgives everything.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Failures are remembered for this long.
const WINDOW: Duration = Duration::from_secs(300);
/// Wrong passwords for one account from one address.
const PER_ACCOUNT: usize = 10;
/// Wrong passwords from one address. A whole office may share it.
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

/// An attempt that has begun. It stays a failure unless it is taken back.
#[must_use]
pub struct Attempt {
    keys: [Key; 2],
    at: Instant,
}

impl Limits {
    /// Begins an attempt.
    ///
    /// # Errors
    /// How long to wait before another try.
    pub fn begin(&self, address: IpAddr, account: &str, now: Instant) -> Result<Attempt, Duration> {
        let place = place_of(address);
        let keys = [Key::Account(place, account.to_lowercase()), Key::Address(place)];
        let mut failures = self.lock();
        for (key, limit) in keys.iter().zip([PER_ACCOUNT, PER_ADDRESS]) {
            let Some(times) = failures.get_mut(key) else { continue };
            times.retain(|at| now.duration_since(*at) < WINDOW);
            if let Some(oldest_that_counts) = times.len().checked_sub(limit).and_then(|index| times.get(index)) {
                return Err(WINDOW.saturating_sub(now.duration_since(*oldest_that_counts)));
            }
        }
        if failures.len() > SWEEP_AT {
            failures.retain(|_, times| times.iter().any(|at| now.duration_since(*at) < WINDOW));
        }
        for key in &keys {
            failures.entry(key.clone()).or_default().push(now);
        }
        Ok(Attempt { keys, at: now })
    }

    /// It was no failure, or not one of whoever tried.
    pub fn take_back(&self, attempt: &Attempt) {
        let mut failures = self.lock();
        for key in &attempt.keys {
            let Some(times) = failures.get_mut(key) else { continue };
            if let Some(index) = times.iter().rposition(|at| *at == attempt.at) {
                times.remove(index);
            }
            if times.is_empty() {
                failures.remove(key);
            }
        }
    }

    /// The password was right: also forgets the account's failures from this address.
    pub fn succeeded(&self, attempt: &Attempt) {
        self.take_back(attempt);
        let [account, _] = &attempt.keys;
        self.lock().remove(account);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Vec<Instant>>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever has one address of IPv6 has a network of 2^64.
fn place_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    fn fail(limits: &Limits, address: IpAddr, account: &str, now: Instant) {
        let _ = limits.begin(address, account, now);
    }

    fn wait(limits: &Limits, address: IpAddr, account: &str, now: Instant) -> Option<Duration> {
        limits.begin(address, account, now).map(|attempt| limits.take_back(&attempt)).err()
    }

    #[test]
    fn whoever_guesses_locks_out_himself_and_nobody_else() {
        let limits = Limits::default();
        let now = Instant::now();

        for _ in 0..PER_ACCOUNT {
            assert_eq!(wait(&limits, HERE, "ann@example.org", now), None);
            fail(&limits, HERE, "ann@example.org", now);
        }

        assert_eq!(wait(&limits, HERE, "Ann@example.org", now), Some(WINDOW), "the same account from here waits");
        assert_eq!(wait(&limits, THERE, "ann@example.org", now), None, "Ann signs in from her own place");
        assert_eq!(wait(&limits, HERE, "bob@example.org", now), None, "Bob shares the address and signs in");
        assert_eq!(wait(&limits, HERE, "ann@example.org", now + WINDOW), None, "after a while it is forgiven");
    }

    #[test]
    fn guessing_at_many_accounts_from_one_address_is_stopped_too() {
        let limits = Limits::default();
        let now = Instant::now();

        for guess in 0..PER_ADDRESS {
            fail(&limits, HERE, &format!("{guess}@example.org"), now);
        }

        assert!(wait(&limits, HERE, "another@example.org", now).is_some());
        assert!(wait(&limits, THERE, "another@example.org", now).is_none());
    }

    #[test]
    fn attempts_that_are_under_way_count() {
        let limits = Limits::default();
        let now = Instant::now();

        let under_way: Vec<_> = (0..1_000).filter_map(|_| limits.begin(HERE, "ann@example.org", now).ok()).collect();

        assert_eq!(under_way.len(), PER_ACCOUNT);
    }

    #[test]
    fn a_right_password_forgives_the_account_and_itself() {
        let limits = Limits::default();
        let now = Instant::now();
        for _ in 1..PER_ACCOUNT {
            fail(&limits, HERE, "ann@example.org", now);
        }

        for _ in 0..2 * PER_ADDRESS {
            let attempt = limits.begin(HERE, "ann@example.org", now).unwrap();
            limits.succeeded(&attempt);
        }

        assert_eq!(wait(&limits, HERE, "ann@example.org", now), None);
    }

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        let limits = Limits::default();
        let now = Instant::now();
        let address = |text: &str| -> IpAddr { text.parse().unwrap() };

        for last in 0..PER_ACCOUNT {
            fail(&limits, address(&format!("2001:db8:1:2::{last}")), "ann@example.org", now);
        }

        assert!(wait(&limits, address("2001:db8:1:2:ffff::1"), "ann@example.org", now).is_some());
        assert!(wait(&limits, address("2001:db8:1:3::1"), "ann@example.org", now).is_none());
        for _ in 0..PER_ACCOUNT {
            fail(&limits, HERE, "bob@example.org", now);
        }
        assert!(wait(&limits, address("::ffff:192.0.2.1"), "bob@example.org", now).is_some(), "IPv4 in another form");
    }
}
