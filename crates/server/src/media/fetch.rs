//! The job that fetches files from Twilio: what came with texts that are stored and answered already.
//!
//! One a server process; they share the work list through leases. Rung by the webhook, and looks by itself now and then. Whatever
//! goes wrong, the text says so, and the file is tried again later with growing pauses, unless it is certain that it will never come.

use std::{pin::pin, sync::Arc, time::Duration};

use deskline_domain::{file, ids::FileId};
use deskline_store::{Fetch, NewFile};
use deskline_twilio::{Credentials, MediaError, MediaFile};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use super::Media;
use crate::{auth::time_delta, edge, metrics::Metrics};

/// Files that are fetched at once. Each is held in memory until it is whole.
const AT_ONCE: usize = 4;
/// A fetched file that no text holds any more is removed after this.
const KEPT_ALONE: Duration = Duration::from_secs(24 * 3_600);
/// Files without texts are looked for this often.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// So many are removed at a time.
const SWEPT_AT_ONCE: i64 = 100;

/// What came of a try.
enum Outcome {
    /// Here it is.
    File(MediaFile),
    /// Not Twilio's: nothing of ours to do.
    NotOurs,
    /// Another try may help.
    Again(String),
    /// None will.
    Never(String),
}

impl Media {
    /// Runs until it is cancelled, and ends what is under way: half a file is none.
    pub async fn work(self: Arc<Self>, cancel: CancellationToken) {
        let (turns, tries) = (Arc::new(Semaphore::new(AT_ONCE)), TaskTracker::new());
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        loop {
            let mut rung = pin!(self.due.notified());
            // First listen, then look: what becomes due in between is heard.
            rung.as_mut().enable();
            let wait = match self.start_due(&turns, &tries, &cancel).await {
                Ok(wait) => wait,
                Err(error) => {
                    let error = format!("{:#}", anyhow::Error::from(error));
                    tracing::warn!(error, "the list of files to fetch cannot be read");
                    self.timers.poll_every
                }
            };
            tokio::select! {
                () = cancel.cancelled() => break,
                () = rung => {}
                () = tokio::time::sleep(wait) => {}
                _ = sweep.tick() => self.sweep().await,
            }
        }
        tries.close();
        tries.wait().await;
    }

    /// Starts every file that is due and for which there is room. Answers how long to wait until the next look.
    async fn start_due(
        self: &Arc<Self>,
        turns: &Arc<Semaphore>,
        tries: &TaskTracker,
        cancel: &CancellationToken,
    ) -> deskline_store::Result<Duration> {
        loop {
            let room = turns.available_permits();
            if room == 0 {
                // The end of each try rings.
                return Ok(self.timers.poll_every);
            }
            // Longer than a try may take, so that a lease that ran out was certainly dropped by a process that died.
            let lease = self.timers.media_timeout * 2;
            let fetches = self.store.claim_fetches(self.clock.now(), lease, i64::try_from(room).unwrap_or(1)).await?;
            if fetches.is_empty() {
                break;
            }
            for fetch in fetches {
                let (media, turn, cancel) = (self.clone(), turns.clone().try_acquire_owned(), cancel.clone());
                tries.spawn(async move {
                    let outcome = tokio::select! {
                        outcome = media.settle(&fetch) => outcome,
                        // Another process may go on at once.
                        () = cancel.cancelled() => media.store.record_fetch_released(&fetch, media.clock.now()).await,
                    };
                    if let Err(error) = outcome {
                        let error = format!("{:#}", anyhow::Error::from(error));
                        tracing::warn!(message = %fetch.message_id, error, "what came of a file could not be written down; it is fetched again");
                    }
                    drop(turn);
                    media.due.notify_one();
                });
            }
        }
        let until_due = self.store.next_fetch().await?.map(|at| (at - self.clock.now()).to_std().unwrap_or_default());
        let shortest = Duration::from_millis(20);
        Ok(until_due.unwrap_or(self.timers.poll_every).clamp(shortest, self.timers.poll_every.max(shortest)))
    }

    /// Tries once, and writes down what came of it.
    async fn settle(&self, fetch: &Fetch) -> deskline_store::Result<()> {
        let tried = tokio::time::timeout(self.timers.media_timeout, self.fetch(fetch)).await;
        let outcome = tried.unwrap_or_else(|_slow| Ok(Outcome::Again("The file did not arrive in time.".into())))?;
        let (word, problem) = match outcome {
            Outcome::File(file) => return self.keep(fetch, file).await,
            Outcome::NotOurs => {
                Metrics::count(&self.metrics.media, "not_twilio");
                return self.store.forget_fetch(fetch).await;
            }
            Outcome::Again(problem) if fetch.attempt < self.settings.attempts => {
                tracing::warn!(message = %fetch.message_id, attempt = fetch.attempt, problem, "a file is fetched again later");
                return self.again(fetch, &problem).await;
            }
            Outcome::Again(problem) => ("given_up", problem),
            Outcome::Never(problem) => ("failed", problem),
        };
        Metrics::count(&self.metrics.media, word);
        tracing::warn!(message = %fetch.message_id, attempt = fetch.attempt, problem, "a file could not be fetched");
        self.store.record_fetch_failed(fetch, &problem).await
    }

    async fn again(&self, fetch: &Fetch, problem: &str) -> deskline_store::Result<()> {
        Metrics::count(&self.metrics.media, "retried");
        // Doubles with each try, up to a cap, with jitter so that files that failed together do not come back together.
        let doublings = u32::try_from(fetch.attempt.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
        let wait = self.timers.retry_base.saturating_mul(1 << doublings).min(self.timers.media_retry_cap / 2);
        let wait = wait + wait.mul_f64(edge::fraction());
        self.store.record_fetch_again(fetch, self.clock.now() + time_delta(wait), problem).await
    }

    async fn fetch(&self, fetch: &Fetch) -> deskline_store::Result<Outcome> {
        let url = match Url::parse(&fetch.url) {
            Ok(url) if self.twilio.is_twilio(&url) => url,
            _ => return Ok(Outcome::NotOurs),
        };
        let no_account = "This workspace has no working Twilio account. An admin must connect it again.";
        let account = match self.store.twilio_account(fetch.workspace_id).await {
            Ok(Some(account)) if account.can_send() => account,
            Ok(_) | Err(deskline_store::Error::Key(_)) => return Ok(Outcome::Again(no_account.into())),
            Err(error) => return Err(error),
        };
        let credentials = Credentials::token(account.account_sid.as_str(), account.auth_token);
        Ok(match self.twilio.fetch(&credentials, &url, self.settings.max_bytes).await {
            Ok(file) => Outcome::File(file),
            Err(MediaError::NotAtTwilio) => Outcome::NotOurs,
            Err(error @ MediaError::TooLarge { .. }) => {
                let megabytes = self.settings.max_bytes >> 20;
                tracing::debug!(%error, "a file is too large");
                Outcome::Never(format!("This file is larger than the {megabytes} MB that this server keeps."))
            }
            Err(error) if error.is_final() => Outcome::Never(error.to_string()),
            Err(error) => Outcome::Again(error.to_string()),
        })
    }

    /// First the content, then what is known of it: what the text says is there is there.
    async fn keep(&self, fetch: &Fetch, file: MediaFile) -> deskline_store::Result<()> {
        let told = fetch.told_type.as_deref().or(file.content_type.as_deref());
        let content_type = match file::of_inbound(told, &file.bytes) {
            Ok(kind) => kind,
            Err(problem) if fetch.attempt < self.settings.attempts => {
                return self.again(fetch, &problem.to_string()).await;
            }
            Err(problem) => return self.store.record_fetch_failed(fetch, &problem.to_string()).await,
        };
        let now = self.clock.now();
        let new = NewFile {
            id: FileId::v7(now, edge::entropy()),
            workspace_id: fetch.workspace_id,
            content_type,
            size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
            name: None,
            uploaded_by: None,
            kept_until: now + time_delta(KEPT_ALONE),
            now,
        };
        if let Err(error) = self.objects.put(new.workspace_id, new.id, file.bytes).await {
            tracing::warn!(error = format!("{:#}", anyhow::Error::from(error)), "a file could not be stored");
            return self.again(fetch, "The file could not be stored. An admin must look into the server's log.").await;
        }
        if self.store.record_fetched(fetch, &new).await? {
            Metrics::count(&self.metrics.media, "stored");
        } else {
            // Somebody else was faster, or the text is gone. What stays behind if this fails costs room and nothing else.
            let _ = self.objects.delete(new.workspace_id, new.id).await;
        }
        Ok(())
    }

    /// Removes files whose time is over and that no text and no draft holds: content first, so that nothing is forgotten that is still there.
    async fn sweep(&self) {
        let idle = match self.store.idle_files(self.clock.now(), SWEPT_AT_ONCE).await {
            Ok(idle) => idle,
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::from(error));
                return tracing::warn!(error, "files without texts cannot be looked for");
            }
        };
        for file in idle {
            let removed = async {
                self.objects.delete(file.workspace_id, file.id).await?;
                self.store.forget_file(file.id).await?;
                anyhow::Ok(())
            };
            if let Err(error) = removed.await {
                tracing::warn!(file = %file.id, error = format!("{error:#}"), "a file without a text could not be removed");
            }
        }
    }
}
