//! What happened, as figures, and the table at the end.
//!
//! Counted by everybody, read by nobody but the table: no check looks at it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Figures of a run.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) texts: Count,
    pub(crate) repeats: Count,
    pub(crate) not_for_us: Count,
    pub(crate) replies: Count,
    pub(crate) refused_replies: Count,
    pub(crate) callbacks: Count,
    pub(crate) disorder: Count,
    pub(crate) posts: Count,
    pub(crate) cut: Count,
    pub(crate) looked_up: Count,
    pub(crate) kills: Count,
    pub(crate) restarts: Count,
    pub(crate) stretches: Count,
    pub(crate) heard: Count,
    again: Mutex<BTreeMap<u16, u64>>,
}

/// One figure.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl Tally {
    /// An answer after which a request is made again.
    pub(crate) fn try_again(&self, status: u16) {
        *self.again.lock().unwrap().entry(status).or_default() += 1;
    }

    /// The table. `busy` is the time from the first webhook to the last answer.
    pub(crate) fn table(&self, busy: Duration, whole: Duration) -> String {
        let again: Vec<String> =
            self.again.lock().unwrap().iter().map(|(status, count)| format!("{status}: {count}")).collect();
        let rate = self.posts.get() as f64 / busy.as_secs_f64();
        let rows = [
            ("webhooks of texts", format!("{}, {} of them not to be stored", self.texts, self.not_for_us)),
            ("repetitions", self.repeats.to_string()),
            ("replies", format!("{}, {} of them refused", self.replies, self.refused_replies)),
            ("status callbacks", format!("{}, of {} texts out of order", self.callbacks, self.disorder)),
            ("answers that said to try again", if again.is_empty() { "none".to_owned() } else { again.join(", ") }),
            ("connections that were cut or refused", self.cut.to_string()),
            ("looked up right after a 2xx", self.looked_up.to_string()),
            ("servers killed and replaced", self.kills.to_string()),
            ("Postgres stopped dead and started", self.restarts.to_string()),
            ("sockets of dashboards", format!("{}, {} events", self.stretches, self.heard)),
            ("duration", format!("{:.1} s, with checks {:.1} s", busy.as_secs_f64(), whole.as_secs_f64())),
            ("requests", format!("{}, {rate:.0} a second", self.posts)),
        ];
        rows.iter().map(|(what, figure)| format!("{what:<38}{figure}\n")).collect()
    }
}
