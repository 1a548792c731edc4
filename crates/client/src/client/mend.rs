//! The task that sees to the files while the window is open: checks them, replaces what is damaged, waits for room, ends the lease.
//!
//! Started by [`Client::open`]. Replacing files is done here and nowhere else but in signing in and out, always with every other
//! task at rest; the window goes on asking meanwhile, and is told to load everything again afterwards.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Inner, stop};
use crate::{
    Result,
    core::Core,
    database::{self, Seat, Unusable},
    event::ClientEvent,
    files::{self, Asides},
    mend::{
        bell::{self, Rung},
        check::{Found, Pace, check},
        room,
    },
};

/// A check that found nothing is not repeated before so many times of what it took.
const BETWEEN_CHECKS: u32 = 10;

/// Which files are to be replaced.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Damaged {
    pub(super) cache: bool,
    pub(super) outbox: bool,
}

impl Damaged {
    const fn any(self) -> bool {
        self.cache || self.outbox
    }
}

/// What the task remembers between two looks.
struct Watch {
    core: Arc<Core>,
    ended: CancellationToken,
    /// How often the bell had rung when it was last looked at.
    heard: Rung,
    /// When the files are read from end to end for the first time; `None` once they were.
    first_check: Option<Instant>,
    /// No check before this.
    not_before: Instant,
    /// When time was last counted for the lease.
    counted: Instant,
}

/// Watches until the engine ends.
pub(super) async fn watch(core: Arc<Core>, inner: Weak<Inner>, ended: CancellationToken) {
    let mut bell = bell::listen();
    let now = Instant::now();
    let mut watch = Watch {
        heard: *bell.borrow_and_update(),
        first_check: Some(now + core.options.patience.before_check),
        not_before: now,
        counted: now,
        core,
        ended: ended.clone(),
    };
    loop {
        let pause = watch.core.options.patience.between_looks;
        let next = async {
            tokio::select! {
                _ = bell.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        };
        if ended.run_until_cancelled(next).await.is_none() {
            return;
        }
        let rung = *bell.borrow_and_update();
        watch.see_to_room(rung.full).await;
        let over = watch.count_time().await;
        let damaged = watch.see_to_files(rung.damaged).await;
        // Only now: whoever waits for a check must not keep a dropped engine alive.
        let Some(inner) = inner.upgrade() else { return };
        if watch.core.is_keychain_back().await {
            report(
                inner.leave_memory().await,
                "The keychain is back, and what is on this computer cannot be opened yet",
            );
        }
        if over {
            report(inner.end_lease().await, "The cache cannot be taken away");
        }
        if watch.core.is_cache_displaced() && !watch.core.local_copy().disk_full {
            report(inner.replace(Damaged::default()).await, "The cache cannot be put on the disk yet");
        }
        if damaged.any() {
            report(inner.replace(damaged).await, "A damaged file cannot be replaced yet");
        }
    }
}

fn report(done: Result<()>, what: &'static str) {
    if let Err(error) = done {
        warn!(%error, "{what}");
    }
}

impl Watch {
    /// Says that the disk is full, and goes on once it is not.
    async fn see_to_room(&mut self, rung: u64) {
        let was_full = self.core.local_copy().disk_full;
        if rung == self.heard.full && !was_full && !self.core.is_cache_displaced() {
            return;
        }
        self.heard.full = rung;
        let dir = self.core.options.data_dir.clone();
        let full = !tokio::task::spawn_blocking(move || room::is_there(&dir)).await.unwrap_or(true);
        self.core.change_local_copy(|copy| copy.disk_full = full);
        if was_full && !full {
            info!("There is room on the disk again");
            self.core.wake_all();
        }
    }

    async fn count_time(&mut self) -> bool {
        let passed = self.counted.elapsed();
        self.counted = Instant::now();
        self.core.is_lease_over(TimeDelta::from_std(passed).unwrap_or_default()).await
    }

    /// Finds out what is damaged, gone, or closed because replacing it failed before.
    async fn see_to_files(&mut self, rung: u64) -> Damaged {
        let inbox = self.core.inbox();
        let (Some(cache), Some(outbox)) = (&inbox.cache.seat, &inbox.outbox.seat) else { return Damaged::default() };
        let is_lost = |seat: &Seat, closed: bool| closed || !seat.is_taken();
        let lost = Damaged {
            cache: is_lost(cache, inbox.cache.writer.is_closed()),
            outbox: is_lost(outbox, inbox.outbox.pool.is_closed()),
        };
        if lost.any() {
            return lost;
        }
        let now = Instant::now();
        let pace = if rung != self.heard.damaged && self.not_before <= now {
            Pace::Hurry
        } else if self.first_check.is_some_and(|at| at <= now) {
            Pace::Calm
        } else {
            return Damaged::default();
        };
        self.heard.damaged = rung;
        self.first_check = None;
        let found = self.check(outbox, cache, pace).await;
        self.not_before = Instant::now() + now.elapsed() * BETWEEN_CHECKS;
        found
    }

    async fn check(&self, outbox: &Seat, cache: &Seat, pace: Pace) -> Damaged {
        let (outbox_key, cache_key) = {
            let vault = self.core.vault.lock().await;
            (vault.outbox_key.clone(), vault.cache_key.clone())
        };
        // One after the other, and the one that cannot be fetched again first.
        let mut damaged = Damaged::default();
        for (seat, key, is) in [(outbox, outbox_key, &mut damaged.outbox), (cache, cache_key, &mut damaged.cache)] {
            let began = Instant::now();
            match check(seat.path(), &key, pace, &self.ended).await {
                Ok(Found::Damaged(what)) => {
                    // Words of SQLite about pages; nothing that is written in them.
                    warn!(file = %seat.path().display(), what, "A local file is damaged");
                    *is = true;
                }
                Ok(found) => {
                    info!(file = %seat.path().display(), ?found, took = ?began.elapsed(), "A local file was checked");
                }
                Err(error) => warn!(file = %seat.path().display(), %error, "A local file could not be checked"),
            }
        }
        damaged
    }
}

impl Inner {
    /// Sets aside what is damaged and opens what takes its place: the cache empty, the outbox with what can be saved.
    pub(super) async fn replace(&self, damaged: Damaged) -> Result<()> {
        let Some(mut running) = self.ended.run_until_cancelled(self.running.lock()).await else { return Ok(()) };
        let core = &self.core;
        stop(&mut running).await;
        {
            let vault = core.vault.lock().await;
            let before = core.inbox();
            before.close().await;
            let dir = &core.options.data_dir;
            let aside = |is: bool, name: &str| {
                is.then(|| database::set_aside(&dir.join(name), Unusable::Damaged, core.now())).transpose()
            };
            let asides = Asides {
                cache: aside(damaged.cache, files::CACHE)?,
                outbox: aside(damaged.outbox, files::OUTBOX)?,
                // An outbox of which nobody knows yet may turn out to be damaged when it is opened again.
                memory: before.outbox.mirror.clone(),
            };
            let (inbox, mended) = files::open_after(&core.options, &vault, core.is_memory_only(), asides).await?;
            core.replace_inbox(inbox);
            core.tell_mended(&mended);
        }
        core.start_up().await;
        self.start(&mut running);
        core.emit(ClientEvent::Reload);
        Ok(())
    }

    pub(super) async fn end_lease(&self) -> Result<()> {
        let Some(mut running) = self.ended.run_until_cancelled(self.running.lock()).await else { return Ok(()) };
        stop(&mut running).await;
        let ended = self.core.end_lease().await;
        self.core.emit(ClientEvent::Reload);
        self.core.announce_unread().await;
        ended
    }
}

/// Nothing waits so long for the watch to end: it calls off a check between two pages.
pub(super) const PATIENCE_WITH_THE_WATCH: Duration = Duration::from_secs(5);
