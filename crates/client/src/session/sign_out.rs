//! Signing out: nothing of it stays readable on this machine.
//!
//! Cache and outbox go, texts that wait included, and so do their keys. Whoever calls this has asked the agent before, when
//! [`crate::Client::waiting_count`] is not zero.

use std::sync::Arc;

use crate::{
    Result,
    core::Core,
    credentials::FileKey,
    files,
    view::{Connection, Focus, LocalCopy},
};

impl Core {
    /// No task may be running.
    pub(crate) async fn move_out(self: &Arc<Self>) -> Result<()> {
        let mut vault = self.vault.lock().await;
        self.inbox().close().await;
        // The keys first: from here on nobody can read the files, even if removing them fails.
        vault.account = None;
        vault.lease = None;
        vault.cache_key = FileKey::roll(&self.options.dice);
        vault.outbox_key = FileKey::roll(&self.options.dice);
        let saved = self.save_vault(&mut vault).await;
        let removed = if self.memory_only { Ok(()) } else { self.remove_files() };

        self.replace_inbox(files::open(&self.options, &vault, self.memory_only).await?.0);
        self.change_local_copy(LocalCopy::begin_anew);
        self.set_focus(Focus::default());
        self.set_connection(Connection::SignedOut);
        self.set_session(self.view(&vault, Vec::new()));
        saved.and(removed)
    }

    fn remove_files(&self) -> Result<()> {
        let dir = &self.options.data_dir;
        files::remove_cache(dir)?;
        files::remove_outbox(dir)?;
        files::remove_old_outboxes(dir)
    }
}
