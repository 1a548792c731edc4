//! What the engine is given from outside: a folder, a keychain, a way to notify, a clock, dice and how patient to be.
//!
//! Made by the shell (`src-tauri/setup`) and by tests. Reads no environment and no file by itself.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{credentials::CredentialStore, network::Network, notify::Notifier};

/// Everything [`crate::Client::open`] needs.
#[derive(Clone)]
pub struct Options {
    /// Where `cache.db`, `outbox.db` and `lock` lie. Made if it is missing. Nothing is written outside it.
    pub data_dir: PathBuf,
    /// Where the one secret item is kept.
    pub credentials: Arc<dyn CredentialStore>,
    /// Who shows notifications.
    pub notifier: Arc<dyn Notifier>,
    /// The time.
    pub clock: Clock,
    /// Randomness for ids, keys and jitter.
    pub dice: Dice,
    /// How long to wait before trying again.
    pub patience: Patience,
    /// How the server is reached.
    pub network: Network,
    /// How long the cache can be read without any contact with the server.
    pub lease: TimeDelta,
    /// How much of the disk files of texts may take, in bytes: what was used longest ago goes first, and can be fetched again.
    pub media_bytes: u64,
}

impl Options {
    /// The usual clock, dice and patience.
    #[must_use]
    pub fn new(
        data_dir: impl Into<PathBuf>,
        credentials: Arc<dyn CredentialStore>,
        notifier: Arc<dyn Notifier>,
    ) -> Self {
        Self {
            data_dir: data_dir.into(),
            credentials,
            notifier,
            clock: Clock::default(),
            dice: Dice::default(),
            patience: Patience::default(),
            network: Network::default(),
            lease: TimeDelta::days(14),
            media_bytes: 512 * 1024 * 1024,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("data_dir", &self.data_dir)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// A clock that answers what `read` says.
    pub fn new(read: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl Default for Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the engine is tied to the system's clock")]
    fn default() -> Self {
        Self::new(Utc::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Fills bytes with randomness.
#[derive(Clone)]
pub struct Dice(Arc<Fill>);

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Dice {
    /// Dice that fall as `fill` says. Keys are made from them: tests alone may use anything but the system's generator.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }
}

impl Default for Dice {
    fn default() -> Self {
        Self::new(|bytes| rand::fill(bytes))
    }
}

impl fmt::Debug for Dice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dice")
    }
}

/// How long to wait for things.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Before the second try of anything; doubles from there, with jitter.
    pub first_retry: Duration,
    /// The longest wait between two tries.
    pub longest_retry: Duration,
    /// Between two looks at the feed although the socket says nothing.
    pub poll_every: Duration,
    /// For an answer over HTTP. Longer than the 30 seconds in which the server gives up on Twilio.
    pub answer: Duration,
    /// For Twilio, while texts leave from here. After it the outcome is unknown.
    pub twilio: Duration,
    /// For the socket to be accepted.
    pub socket: Duration,
    /// Before the files are checked for the first time, so that the window's first questions have the disk to themselves.
    pub before_check: Duration,
    /// Between two looks at whether the files are still where they were, and the disk has room again.
    pub between_looks: Duration,
    /// Between a change of the outbox and its backup, which may stand for several changes.
    pub before_backup: Duration,
    /// For the feed, before a text that was written while all was well leaves on what is known.
    pub catch_up: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_retry: Duration::from_millis(500),
            longest_retry: Duration::from_secs(15),
            poll_every: Duration::from_secs(30),
            answer: Duration::from_secs(45),
            twilio: Duration::from_secs(30),
            socket: Duration::from_secs(10),
            before_check: Duration::from_secs(5),
            between_looks: Duration::from_secs(5),
            before_backup: Duration::from_secs(1),
            catch_up: Duration::from_secs(120),
        }
    }
}
