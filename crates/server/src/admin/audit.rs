//! `deskline-server audit`: a comparison with Twilio's own list, now and on the terminal.
//!
//! Called by `main`. Compares nothing by itself: that is `crate::audit`.

use anyhow::bail;
use chrono::TimeDelta;
use clap::Args;

use super::{say, store};
use crate::{
    Config,
    audit::Auditor,
    http::{self, audit::Sums},
};

/// A comparison with Twilio.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Only this account (AC…); without it, every account of every workspace.
    #[arg(long)]
    account_sid: Option<String>,
    /// Leaves out texts younger than so many seconds: their webhook may still be on its way.
    #[arg(long, default_value_t = 120)]
    grace: u64,
}

/// Compares accounts with Twilio's own list now, as the server does by itself every few minutes.
///
/// # Errors
/// When one of them could not be compared, after all the others were.
pub async fn audit(config: &Config, arguments: AuditArguments) -> anyhow::Result<()> {
    let store = store(config).await?;
    let mut config = config.clone();
    config.timers.audit_grace = std::time::Duration::from_secs(arguments.grace);
    let auditor = Auditor::new(store.clone(), &config);
    let accounts = match arguments.account_sid {
        Some(account) => vec![account],
        None => store.configured_accounts().await?,
    };
    if accounts.is_empty() {
        say("No workspace has a Twilio account yet: there is nothing to compare.")?;
    }
    let mut failed = 0;
    for account in accounts {
        match auditor.check_account(&account, store.clock().await?).await {
            Ok(Some(audit)) => {
                let summary = Sums::of(&audit.hours).summary(Some(TimeDelta::zero()));
                let window = http::audit::window_words(audit.window_from, audit.window_to);
                let (imported, settled, only_here) = (audit.imported, audit.settled, audit.only_here);
                say(&format!(
                    "{account} {summary}: {imported} imported, {settled} settled, {only_here} only here; {window}"
                ))?;
            }
            Ok(None) => say(&format!("{account} is being compared by a server at the moment"))?,
            Err(error) => {
                failed += 1;
                say(&format!("{account} could not be compared: {error}"))?;
            }
        }
    }
    if failed > 0 {
        bail!("{failed} of the accounts could not be compared.");
    }
    Ok(())
}
