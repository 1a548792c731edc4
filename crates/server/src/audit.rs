//! The audit: is every text that Twilio lists here? Imports what was missed while the server was down, and settles statuses that
//! nobody reported.
//!
//! [`Auditor::run`] runs in every server process; they take turns through leases in Postgres, so that each account is compared by
//! one of them at a time. `deskline-server audit` compares out of turn. Never sends, and never touches a text that is on its way
//! out: those are the sender's to look up.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use deskline_sending::Clock;
use deskline_store::{AuditTurn, NewAudit, Store, TwilioAccount};
use deskline_twilio::{Client, Credentials};
use tokio_util::sync::CancellationToken;
use url::Url;

use self::compare::Comparison;
use crate::{
    auth::time_delta,
    config::{Config, Timers},
};

mod compare;

/// Afterwards another process may try: the one that had the turn has died, or is very slow, and both do no harm.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// How often it is looked whose turn it is.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// After a comparison that came to nothing, unless turns are shorter anyway.
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// However long the server was down: what is older is not asked for.
const LONGEST_WINDOW: TimeDelta = TimeDelta::days(30);
/// Each comparison goes back a little behind the end of the last one.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Why a comparison came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Twilio could not be asked, or said no.
    #[error("{}", .0.explanation().text)]
    Twilio(#[from] deskline_twilio::Error),
    /// No workspace has credentials of this account that can be used.
    #[error("no workspace has a working token for this account; connect it again")]
    NoToken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] deskline_store::Error),
}

/// Compares accounts.
pub struct Auditor {
    store: Store,
    twilio_url: Url,
    timers: Timers,
}

impl Auditor {
    /// Ready to compare. Connects to nothing.
    #[must_use]
    pub fn new(store: Store, config: &Config) -> Self {
        Self { store, twilio_url: config.twilio_url.clone(), timers: config.timers }
    }

    /// Takes this process's share of turns until it is cancelled. A comparison that is under way is dropped then: whatever it
    /// has imported is there, and the next one finds the rest.
    pub async fn run(self: Arc<Self>, clock: Arc<Clock>, cancel: CancellationToken) {
        let pause = LOOK_EVERY.min(self.timers.audit_every);
        loop {
            let turn = async {
                match self.check_due(clock.now()).await {
                    Ok(Some(audit)) => tracing::info!(
                        account = audit.account_sid,
                        imported = audit.imported,
                        settled = audit.settled,
                        only_here = audit.only_here,
                        "an account was compared with Twilio"
                    ),
                    Ok(None) => tokio::time::sleep(pause).await,
                    Err(error) => {
                        tracing::warn!(error = format!("{:#}", anyhow::Error::from(error)), "an audit came to nothing");
                        tokio::time::sleep(pause).await;
                    }
                }
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = turn => {}
            }
        }
    }

    /// Compares the account whose turn it is, if any.
    ///
    /// # Errors
    /// Noted down, too: the account's next turn comes soon.
    pub async fn check_due(&self, now: DateTime<Utc>) -> Result<Option<NewAudit>, AuditError> {
        match self.store.due_audit(now, self.timers.audit_every, LEASE).await? {
            Some(turn) => self.take(&turn, now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Compares an account now; `None` while another process does.
    ///
    /// # Errors
    /// As of [`Auditor::check_due`].
    pub async fn check_account(&self, account_sid: &str, now: DateTime<Utc>) -> Result<Option<NewAudit>, AuditError> {
        match self.store.claim_audit(account_sid, now, LEASE).await? {
            Some(turn) => self.take(&turn, now).await.map(Some),
            None => Ok(None),
        }
    }

    async fn take(&self, turn: &AuditTurn, now: DateTime<Utc>) -> Result<NewAudit, AuditError> {
        match self.compare(turn, now).await {
            Ok(audit) => {
                self.store.record_audit(&audit, now, now + time_delta(self.timers.audit_every)).await?;
                Ok(audit)
            }
            Err(error) => {
                let again = now + time_delta(AGAIN_AFTER.min(self.timers.audit_every));
                self.store.record_audit_failed(&turn.account_sid, &error.to_string(), again).await?;
                Err(error)
            }
        }
    }

    async fn compare(&self, turn: &AuditTurn, now: DateTime<Utc>) -> Result<NewAudit, AuditError> {
        let accounts = self.store.twilio_account_by_sid(&turn.account_sid).await?;
        let account = accounts.iter().map(|(_, account)| account).find(|account| account.can_send());
        let client = self.client(account.ok_or(AuditError::NoToken)?);
        let comparison = Comparison {
            store: &self.store,
            client: &client,
            account_sid: &turn.account_sid,
            workspaces: accounts.iter().map(|(workspace, _)| *workspace).collect(),
            from: self.window_start(turn, now),
            to: now - time_delta(self.timers.audit_grace),
        };
        comparison.run(now).await
    }

    fn client(&self, account: &TwilioAccount) -> Client {
        let credentials = Credentials::token(account.account_sid.as_str(), account.auth_token.clone());
        Client::new(self.twilio_url.clone(), credentials, self.timers.twilio_timeout)
    }

    /// The usual window, or farther back to where the last comparison ended; never to before the account was connected.
    fn window_start(&self, turn: &AuditTurn, now: DateTime<Utc>) -> DateTime<Utc> {
        let usual = now - time_delta(self.timers.audit_window);
        let missed = turn.compared_to.or(turn.connected_at).map_or(usual, |to| usual.min(to - OVERLAP));
        let earliest = missed.max(now - LONGEST_WINDOW);
        let hour = earliest.duration_trunc(TimeDelta::hours(1)).unwrap_or(earliest);
        turn.connected_at.map_or(hour, |connected| hour.max(connected))
    }
}
