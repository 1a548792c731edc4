//! The lease on the cache, as the session keeps it: begun anew by each contact, written down now and then, and what its end does. And
//! what time it is by the server's clock, which has the last word about it.
//!
//! Called by `sync` after the server answered, and by the task that watches the files. The rule itself is `mend/lease`.

use std::sync::{Arc, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use crate::{
    Result,
    core::Core,
    credentials::{FileKey, Token, Vault},
    files,
    mend::{clock, lease::Lease},
    upstream::Introduction,
    view::{Connection, NoticeKind},
};

impl Core {
    /// The server answered to the session.
    pub(crate) async fn renew_lease(&self) {
        let mut vault = self.vault.lock().await;
        if vault.account.as_ref().is_some_and(|account| !account.expired) {
            vault.lease = Some(Lease::begins(self.now(), self.server_time()));
            self.keep_lease(&mut vault).await;
        }
    }

    /// The server said what time it is there. The agent is told when this machine says something else.
    pub(crate) fn server_says(&self, at: Option<DateTime<Utc>>) {
        let Some(at) = at else { return };
        *self.server_clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, Instant::now()));
        let words = clock::words(self.now(), at);
        self.change_local_copy(|copy| copy.clock = words);
    }

    /// What time it is by the server's clock.
    pub(crate) fn server_time(&self) -> Option<DateTime<Utc>> {
        let said = *self.server_clock.lock().unwrap_or_else(PoisonError::into_inner);
        said.map(|(at, heard)| at + TimeDelta::from_std(heard.elapsed()).unwrap_or_default())
    }

    /// Time went on, `passed` of it in use. Answers whether the cache may not be read any more.
    pub(crate) async fn is_lease_over(self: &Arc<Self>, passed: TimeDelta) -> bool {
        self.lease_goes_on(passed).await && !self.only_the_clock_is_wrong().await
    }

    /// Asks the server for the time before a lease ends: a clock that is a year ahead costs nobody a cache.
    async fn only_the_clock_is_wrong(self: &Arc<Self>) -> bool {
        let asked = self.call(|caller| async move { caller.session().await });
        let Ok(Ok(Introduction { at: Some(at), .. })) = timeout(self.options.patience.socket, asked).await else {
            return false;
        };
        let lease = self.vault.lock().await.lease;
        if lease.is_none_or(|lease| lease.is_over_by(at, self.options.lease)) {
            return false;
        }
        warn!(server = %at, "The clock of this computer is wrong");
        self.server_says(Some(at));
        self.renew_lease().await;
        true
    }

    async fn lease_goes_on(&self, passed: TimeDelta) -> bool {
        if self.is_memory_only() {
            return false;
        }
        let mut vault = self.vault.lock().await;
        if vault.account.is_none() {
            return false;
        }
        let now = self.now();
        // A file of a version that knew no lease begins one.
        let lease = vault.lease.get_or_insert(Lease::begins(now, None));
        lease.goes_on(now, passed);
        let over = lease.is_over(self.options.lease);
        self.keep_lease(&mut vault).await;
        over
    }

    async fn keep_lease(&self, vault: &mut Vault) {
        if vault.lease.is_some_and(|lease| lease.is_worth_keeping_after(vault.kept_lease))
            && let Err(error) = self.save_vault(vault).await
        {
            warn!(%error, "The lease on the cache cannot be written down");
        }
    }

    /// Makes the cache unreadable for good. The session ends with it, so that the next cache is fetched by somebody who knows the
    /// password; the outbox stays, for the same person alone. No task may be running.
    pub(crate) async fn end_lease(&self) -> Result<()> {
        let mut vault = self.vault.lock().await;
        self.inbox().close().await;
        vault.cache_key = FileKey::roll(&self.options.dice);
        vault.lease = None;
        vault.direct = None;
        if let Some(account) = vault.account.as_mut() {
            account.expired = true;
            account.access_token = Token::from(String::new());
            account.refresh_token = Token::from(String::new());
        }
        // The key first: from here on nobody can read the file, even if removing it fails.
        let saved = self.save_vault(&mut vault).await;
        let removed = files::remove_cache(&self.options.data_dir);
        let (inbox, mended) = files::open(&self.options, &vault, self.is_memory_only()).await?;
        self.replace_inbox(inbox);
        self.tell_mended(&mended);
        info!("There was no contact with the server for too long; the cache was removed");
        let days = self.options.lease.num_days();
        self.change_local_copy(|copy| {
            copy.rebuilding = None;
            copy.tell(
                NoticeKind::LeaseOver,
                format!(
                    "This computer had no contact with your server for {days} days, so its copy of the conversations was removed, \
                     as it would be on a lost one. Sign in, and it is fetched again. What you wrote and could not send is kept."
                ),
            );
        });
        self.set_session(self.view(&vault, Vec::new()));
        self.set_connection(Connection::SignedOut);
        saved.and(removed)
    }
}
