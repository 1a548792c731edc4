//! The keychain as the engine meets it: at the start, and again once it can be used.
//!
//! Called when the engine opens, and by the watch in `client/mend` every few seconds while the engine lives in memory alone. Writes nothing to
//! disk before the keychain has given out the keys.

use std::sync::Arc;

use tracing::{info, warn};

use super::{Inner, stop};
use crate::{Result, core::Core, credentials::Vault, error::Error, event::ClientEvent, files, options::Options};

/// Reads the secret item, or makes one. The second half says why this failed, and that nothing may be written to disk.
pub(super) async fn open_vault(options: &Options) -> (Vault, Option<String>) {
    match read_vault(options).await {
        Ok(vault) => (vault, None),
        Err(error) => {
            warn!(%error, "Going on in memory alone");
            (Vault::fresh(&options.dice), Some(error.to_string()))
        }
    }
}

async fn read_vault(options: &Options) -> Result<Vault> {
    let credentials = Arc::clone(&options.credentials);
    let dice = options.dice.clone();
    tokio::task::spawn_blocking(move || {
        if let Some(item) = credentials.load()? {
            return Vault::parse(&item);
        }
        let vault = Vault::fresh(&dice);
        credentials.save(&vault.item()?)?;
        Ok(vault)
    })
    .await
    .unwrap_or_else(|_| Err(Error::Keychain("it broke down".to_owned())))
}

impl Core {
    /// Whether the keychain can be used now, and could not before.
    pub(super) async fn is_keychain_back(&self) -> bool {
        if !self.is_memory_only() {
            return false;
        }
        let credentials = Arc::clone(&self.options.credentials);
        tokio::task::spawn_blocking(move || credentials.is_open()).await.unwrap_or_default()
    }

    /// Opens the files with what the keychain gave out. Answers whether it did: not while that would lose anything, which is texts that
    /// wait in memory, or the session of somebody else who signed in meanwhile. No task may be running.
    async fn open_kept(&self, mut kept: Vault) -> Result<bool> {
        let mut vault = self.vault.lock().await;
        if let Some(account) = &vault.account {
            if kept.account.as_ref().is_some_and(|kept| !kept.is(&account.server, account.user_id)) {
                return Ok(false);
            }
            // Their tokens are the newest ones.
            kept.account = Some(account.clone());
            kept.lease = vault.lease;
        }
        let inbox = self.inbox();
        if !inbox.outbox.close_if_empty().await? {
            return Ok(false);
        }
        inbox.close().await;
        let trouble = self.set_keychain_trouble(None);
        let opened = async {
            self.save_vault(&mut kept).await?;
            files::open(&self.options, &kept, false).await
        };
        match opened.await {
            Ok((inbox, mended)) => {
                *vault = kept;
                self.replace_inbox(inbox);
                self.tell_mended(&mended);
                Ok(true)
            }
            Err(error) => {
                self.set_keychain_trouble(trouble);
                self.replace_inbox(files::open(&self.options, &vault, true).await?.0);
                Err(error)
            }
        }
    }
}

impl Inner {
    /// What is on the disk takes the place of what is in memory.
    pub(super) async fn leave_memory(&self) -> Result<()> {
        let Some(mut running) = self.ended.run_until_cancelled(self.running.lock()).await else { return Ok(()) };
        let core = &self.core;
        let kept = read_vault(&core.options).await?;
        if !core.inbox().outbox.is_empty().await? {
            return Ok(());
        }
        stop(&mut running).await;
        let opened = core.open_kept(kept).await;
        core.start_up().await;
        self.start(&mut running);
        if opened? {
            info!("The keychain can be used, and what is on this computer is here again");
        }
        core.emit(ClientEvent::Reload);
        Ok(())
    }
}
