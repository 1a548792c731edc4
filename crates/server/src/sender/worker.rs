//! The loop that sees to texts that did not leave at once: due retries, unknown outcomes, texts behind others, texts whose time has
//! come, and whatever a process that died had claimed.
//!
//! One a server process; they share the work list through leases. Woken when something may be due, and looks by itself now and then.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::sleep};
use tokio_util::sync::CancellationToken;

use super::Sender;
use crate::auth::time_delta;

/// Attempts that the worker runs at once.
const AT_ONCE: usize = 32;
/// From one look at the list to the next. Each text that leaves rings, and most have nobody behind them: without a pause, hundreds of texts
/// a second are as many looks in vain.
const GAP: Duration = Duration::from_millis(20);

impl Sender {
    /// Runs until it is cancelled.
    pub async fn work(self: Arc<Self>, cancel: CancellationToken) {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let mut rung = pin!(self.due.notified());
            // First listen, then look: what becomes due in between is heard.
            rung.as_mut().enable();
            let wait = match self.start_due(&turns).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(
                        error = format!("{:#}", anyhow::Error::from(error)),
                        "the list of texts to send cannot be read"
                    );
                    self.timers.poll_every
                }
            };
            let soonest = sleep(GAP);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = async { tokio::join!(rung, soonest); } => {}
                () = sleep(wait) => {}
            }
        }
    }

    /// Starts every attempt that is due and for which there is room. Answers how long to wait until the next look.
    async fn start_due(self: &Arc<Self>, turns: &Arc<Semaphore>) -> deskline_store::Result<Duration> {
        self.clock.set(&self.store).await?;
        self.store.start_scheduled(self.now(), time_delta(self.timers.schedule_grace)).await?;
        loop {
            let room = turns.available_permits();
            if room == 0 {
                // The end of each attempt rings.
                return Ok(self.timers.poll_every);
            }
            let sends = self.store.claim_due(self.now(), self.timers.lease(), i64::try_from(room).unwrap_or(1)).await?;
            if sends.is_empty() {
                break;
            }
            for send in sends {
                let (sender, turn) = (self.clone(), turns.clone().try_acquire_owned());
                self.attempts.spawn(async move {
                    let _turn = turn;
                    let id = send.message.id;
                    if let Err(error) = sender.run_attempt(send).await {
                        let error = format!("{:#}", anyhow::Error::from(error));
                        tracing::warn!(message = %id, error, "the outcome of an attempt could not be written down; it is looked up later");
                    }
                });
            }
        }
        let until_due = self.store.next_due().await?.map(|at| (at - self.now()).to_std().unwrap_or_default());
        Ok(until_due.unwrap_or(self.timers.poll_every).clamp(GAP, self.timers.poll_every.max(GAP)))
    }
}
