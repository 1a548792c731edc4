//! The tokens of whoever is signed in: given out while they are good, renewed once when they are not.
//!
//! Called by everything that speaks to the server, through [`Core::call`]. A network that fails is never taken for a session
//! that ended; a refresh token is stored before the access token that came with it is used.

pub(crate) mod lease;
pub(crate) mod roads;
pub(crate) mod sign_in;
pub(crate) mod sign_out;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use deskline_domain::protocol::TokenReply;
use tracing::{info, warn};

use crate::{
    core::Core,
    credentials::{Account, Token, Vault},
    upstream::{
        Upstream,
        answer::CallError,
        server::{Caller, Server},
    },
    view::{Connection, Session, WorkspaceView},
};

/// A token that is good for less than this is renewed before it is used.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// An answer with new tokens that is on its way is waited for although everything else begins anew: the server gives each out once.
const REFRESH_GRACE: Duration = Duration::from_secs(3);

impl Core {
    /// Asks something as whoever is signed in: the server, and while that does not answer, Postgres by ourselves where the agent may.
    pub(crate) async fn call<T, F>(self: &Arc<Self>, ask: impl Fn(Upstream) -> F + Send + Sync) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>> + Send,
        T: Send,
    {
        if let Some(direct) = self.roads.in_use() {
            return match self.call_direct(ask(Upstream::Direct(direct))).await {
                // Taken back at this moment.
                Err(CallError::LockedOut) => self.call_server(&ask).await,
                answer => answer,
            };
        }
        let answer = self.call_server(&ask).await;
        let Err(error) = &answer else { return answer };
        let Some(direct) = self.roads.direct().filter(|_| error.is_away()) else { return answer };
        match self.call_direct(ask(Upstream::Direct(direct))).await {
            Err(CallError::LockedOut) => answer,
            Err(CallError::NoAnswer { reason, never_left }) => {
                answer.map_err(|error| error.and_neither(&reason, never_left))
            }
            direct => {
                self.roads.set_server_away(true);
                direct
            }
        }
    }

    /// Asks the server. A token that it refuses is renewed, once.
    async fn call_server<T, F>(self: &Arc<Self>, ask: &(impl Fn(Upstream) -> F + Send + Sync)) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>> + Send,
        T: Send,
    {
        let caller = self.caller(None).await?;
        let used = Token(caller.token.clone());
        match self.unless_anew(Duration::ZERO, ask(Upstream::Server(caller))).await {
            Err(CallError::Unauthorized) => {}
            other => return other,
        }
        let caller = self.caller(Some(used)).await?;
        match self.unless_anew(Duration::ZERO, ask(Upstream::Server(caller))).await {
            Err(CallError::Unauthorized) => {
                self.expire().await;
                Err(CallError::SignedOut)
            }
            other => other,
        }
    }

    /// A caller with a token that is good, and that is not `refused`.
    pub(crate) async fn caller(self: &Arc<Self>, refused: Option<Token>) -> Result<Caller, CallError> {
        // Not cut off when whoever asks is gone: the server gives a new refresh token out once.
        let core = Arc::clone(self);
        self.careful
            .spawn(async move { core.good_caller(refused).await })
            .await
            .map_err(|_| CallError::NoAnswer { reason: "the program is closing".to_owned(), never_left: true })?
    }

    async fn good_caller(&self, refused: Option<Token>) -> Result<Caller, CallError> {
        let mut vault = self.vault.lock().await;
        let account = vault.account.as_ref().filter(|account| !account.expired).ok_or(CallError::SignedOut)?;
        let server = Server::new(self.http.client().await?, account.server.clone());
        let good =
            refused.is_none_or(|refused| refused != account.access_token) && self.now() + MARGIN < account.expires_at;
        if good {
            return Ok(Caller { server, token: account.access_token.0.clone() });
        }

        match self.unless_anew(REFRESH_GRACE, server.refresh(&account.refresh_token.0)).await {
            Ok(reply) => {
                let renewed = self.account(account.server.clone(), account.email.clone(), reply);
                let token = renewed.access_token.0.clone();
                vault.account = Some(renewed);
                if let Err(error) = self.save_vault(&mut vault).await {
                    warn!(%error, "The renewed session cannot be stored; it ends with this program");
                }
                Ok(Caller { server, token })
            }
            Err(CallError::Said { status, .. }) if status.is_client_error() && status != 429 && status != 408 => {
                self.expire_locked(&mut vault).await;
                Err(CallError::SignedOut)
            }
            Err(CallError::Unauthorized) => {
                self.expire_locked(&mut vault).await;
                Err(CallError::SignedOut)
            }
            Err(error) => Err(error),
        }
    }

    /// The account with the tokens of an answer.
    fn account(&self, server: String, email: String, reply: TokenReply) -> Account {
        Account {
            server,
            email,
            user_id: reply.user.id,
            access_token: Token::from(reply.access_token),
            refresh_token: Token::from(reply.refresh_token),
            expires_at: self.now() + TimeDelta::seconds(reply.expires_in.clamp(0, 10 * 365 * 24 * 3_600)),
            expired: false,
        }
    }

    /// The server takes neither token any more.
    async fn expire(&self) {
        let mut vault = self.vault.lock().await;
        self.expire_locked(&mut vault).await;
    }

    async fn expire_locked(&self, vault: &mut Vault) {
        let Some(account) = vault.account.as_mut() else { return };
        account.expired = true;
        info!("The session ended; signing in again goes on where it stopped");
        if let Err(error) = self.save_vault(vault).await {
            warn!(%error, "The end of the session cannot be stored");
        }
        let workspaces = self.inbox().cache.workspaces().await.unwrap_or_default();
        self.set_session(self.view(vault, workspaces));
        self.set_connection(Connection::SignedOut);
    }

    /// The session as the window sees it.
    pub(crate) fn view(&self, vault: &Vault, workspaces: Vec<WorkspaceView>) -> Session {
        match &vault.account {
            None => Session::SignedOut {
                last_server: vault.last_server.clone(),
                last_email: vault.last_email.clone(),
                keychain_trouble: self.keychain_trouble(),
            },
            Some(account) => Session::SignedIn {
                server: account.server.clone(),
                email: account.email.clone(),
                user_id: account.user_id,
                workspaces,
                expired: account.expired,
                memory_only: self.is_memory_only(),
            },
        }
    }
}
