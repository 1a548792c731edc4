//! Signing out: nothing of it stays readable on this machine.
//!
//! Cache and outbox go, texts that wait included, and so do their keys. Whoever calls this has asked the agent before, when
//! [`crate::Client::waiting_count`] is not zero. The server is told that the session is over, where it can be reached: a refresh token that
//! somebody kept a copy of is good for nothing then.

use std::sync::Arc;

use tracing::info;

use crate::{
    Result,
    core::Core,
    credentials::{Account, FileKey, Token},
    files,
    notify::board::Board,
    upstream::{
        answer::CallError,
        server::{Caller, Server},
    },
    view::{Connection, Focus, LocalCopy},
};

impl Core {
    /// No task may be running.
    pub(crate) async fn move_out(self: &Arc<Self>) -> Result<()> {
        let mut vault = self.vault.lock().await;
        self.inbox().close().await;
        // The keys first: from here on nobody can read the files, even if removing them fails.
        let account = vault.account.take();
        vault.direct = None;
        vault.lost_role = None;
        vault.twilio.clear();
        self.roads.reopen(&vault, &self.options);
        vault.lease = None;
        vault.cache_key = FileKey::roll(&self.options.dice);
        vault.outbox_key = FileKey::roll(&self.options.dice);
        let saved = self.save_vault(&mut vault).await;
        let removed = if self.is_memory_only() { Ok(()) } else { self.remove_files() };

        self.replace_inbox(files::open(&self.options, &vault, self.is_memory_only()).await?.0);
        self.change_local_copy(LocalCopy::begin_anew);
        self.set_focus(Focus::default());
        self.on_board(Board::clear);
        self.presence.forget();
        self.set_connection(Connection::SignedOut);
        self.set_session(self.view(&vault, Vec::new()));
        if let Some(account) = account {
            self.end_session(account);
        }
        saved.and(removed)
    }

    /// Nobody waits for it: whoever signs out need not have a network, and a session that is not ended so ends by itself.
    fn end_session(&self, account: Account) {
        let (access, refresh) = (account.access_token.0, account.refresh_token.0);
        let http = Arc::clone(&self.http);
        self.careful.spawn(async move {
            let ended = async {
                let server = Server::new(http.client().await?, account.server);
                let caller = |token| Caller { server: server.clone(), token };
                match caller(access).sign_out().await {
                    Err(CallError::Unauthorized) => {
                        let reply = server.refresh(&refresh).await?;
                        caller(Token::from(reply.access_token).0).sign_out().await
                    }
                    ended => ended,
                }
            };
            if let Err(error) = ended.await {
                info!(%error, "The server could not be told that the session is over");
            }
        });
    }

    fn remove_files(&self) -> Result<()> {
        let dir = &self.options.data_dir;
        files::remove_cache(dir)?;
        files::remove_outbox(dir)?;
        files::remove_old_outboxes(dir)
    }
}
