//! Which of the two ways a question goes: through the server as long as it answers, and directly while it does not.
//!
//! [`Core::call`](crate::core::Core::call) decides with it, question by question. Falling over needs no agreement: a request whose answer got lost is asked again the
//! other way under the same id, and whoever finds it stored sends nothing. [`run`] sees to the line of texts meanwhile, and looks
//! whether the server is back.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use deskline_domain::protocol::DirectAccess;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use crate::{
    Result,
    core::Core,
    credentials::Vault,
    network::Road,
    options::Options,
    upstream::{answer::CallError, direct::Direct, server::Server},
    view::NoticeKind,
};

/// Between two looks at whether the server is back.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// After this a desktop gets itself other credentials.
const GOOD_FOR: TimeDelta = TimeDelta::days(30);

/// See the module.
#[derive(Debug)]
pub(crate) struct Roads {
    direct: RwLock<Option<Direct>>,
    /// What the way to Twilio is built from.
    road: Road,
    /// Whether the server did not answer, and Postgres does.
    server_away: watch::Sender<bool>,
    /// Whether credentials are being fetched or forgotten at this moment.
    keeping: AtomicBool,
}

impl Roads {
    pub(crate) fn new(vault: &Vault, options: &Options, road: &Road) -> Self {
        Self {
            direct: RwLock::new(open(vault, options, road)),
            road: road.clone(),
            server_away: watch::Sender::new(false),
            keeping: AtomicBool::new(false),
        }
    }

    /// The direct way, if this agent has one.
    pub(crate) fn direct(&self) -> Option<Direct> {
        self.direct.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The direct way, while it is the one to go.
    pub(crate) fn in_use(&self) -> Option<Direct> {
        if *self.server_away.borrow() { self.direct() } else { None }
    }

    /// Tells whenever the way to go becomes another one.
    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.server_away.subscribe()
    }

    /// Takes up what the vault says.
    pub(crate) fn reopen(&self, vault: &Vault, options: &Options) {
        *self.direct.write().unwrap_or_else(PoisonError::into_inner) = open(vault, options, &self.road);
        self.set_server_away(false);
    }

    pub(crate) fn set_server_away(&self, away: bool) {
        let changed = self.server_away.send_if_modified(|before| std::mem::replace(before, away) != away);
        if changed && away {
            info!("The server does not answer; working directly meanwhile");
        }
    }
}

/// What cannot be opened is told in the log: the server's way goes on.
fn open(vault: &Vault, options: &Options, road: &Road) -> Option<Direct> {
    let (account, access) = (vault.account.as_ref()?, vault.direct.as_ref()?);
    Direct::new(account.user_id, access, &vault.twilio, options, road)
        .inspect(|_| info!("This desktop can work directly"))
        .inspect_err(|error| warn!(%error, "The credentials for working directly cannot be used"))
        .ok()
}

/// Runs until it is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    let mut way = core.roads.watch();
    loop {
        if way.wait_for(|server_away| *server_away).await.is_err() {
            return;
        }
        if let Some(direct) = core.roads.in_use() {
            let mut over = core.roads.watch();
            let is_lost = tokio::select! {
                () = direct.work() => true,
                () = until_the_server_is_back(&core) => {
                    info!("The server answers again");
                    false
                }
                _ = over.wait_for(|server_away| !*server_away) => false,
            };
            if is_lost {
                core.lose_direct().await;
            }
        }
        core.roads.set_server_away(false);
        core.wake_all();
    }
}

async fn until_the_server_is_back(core: &Core) {
    loop {
        sleep(LOOK_EVERY.min(core.options.patience.longest_retry)).await;
        let Some(address) = core.vault.lock().await.account.as_ref().map(|account| account.server.clone()) else {
            return;
        };
        let Ok(http) = core.http.client().await else { continue };
        if Server::new(http, address).is_ready(core.options.patience.socket).await {
            return;
        }
    }
}

impl Core {
    /// Stores credentials for working directly, in the one item of the keychain, once Postgres takes them.
    pub(crate) async fn work_directly(self: &Arc<Self>, access: DirectAccess) -> Result<()> {
        let direct = Direct::new(self.me()?, &access, &[], &self.options, &self.road)?;
        direct.try_out().await.map_err(CallError::into_direct_error)?;
        let mut vault = self.vault.lock().await;
        vault.direct = Some(access);
        self.save_vault(&mut vault).await?;
        self.roads.reopen(&vault, &self.options);
        Ok(())
    }

    /// The server has said whether this agent may work without it: fetches what that needs, gets other credentials after a while, and
    /// forgets those that were taken back.
    pub(crate) fn keep_direct(self: &Arc<Self>, allowed: bool) {
        if self.roads.keeping.swap(true, Ordering::AcqRel) {
            return;
        }
        // Nobody waits for it: until it is done, the server's way is the only one.
        let core = Arc::clone(self);
        self.careful.spawn(async move {
            core.take_up_direct(allowed).await;
            core.roads.keeping.store(false, Ordering::Release);
        });
    }

    async fn take_up_direct(self: &Arc<Self>, allowed: bool) {
        self.give_lost_role_back().await;
        let held = self.vault.lock().await.direct.clone();
        match (allowed, held) {
            (true, Some(held)) if !self.is_old(&held) => {}
            (true, held) => {
                if let Err(error) = self.pick_up(held).await {
                    warn!(%error, "What it takes to work directly cannot be fetched");
                }
            }
            // The server has ended the login itself: nothing is to be given back.
            (false, Some(_)) => self.end_direct(false).await,
            (false, None) => {}
        }
    }

    fn is_old(&self, access: &DirectAccess) -> bool {
        access.issued_at.is_some_and(|at| self.now() - at > GOOD_FOR)
    }

    /// A login that Postgres does not take, though nobody has ended it, is in somebody else's hands.
    async fn give_lost_role_back(self: &Arc<Self>) {
        let Some(role) = self.vault.lock().await.lost_role.clone() else { return };
        let Ok(caller) = self.caller(None).await else { return };
        if let Err(error) = caller.return_role(&role).await {
            info!(%error, "The login that was lost cannot be given back yet");
            return;
        }
        let mut vault = self.vault.lock().await;
        vault.lost_role = None;
        if let Err(error) = self.save_vault(&mut vault).await {
            warn!(%error, "The keychain cannot be written; the login is given back again");
        }
    }

    /// The new ones are in use before the old ones end.
    async fn pick_up(self: &Arc<Self>, former: Option<DirectAccess>) -> Result<()> {
        let server = self.server();
        let caller = self.caller(None).await.map_err(|error| error.into_error(&server))?;
        let access = caller.direct_access().await.map_err(|error| error.into_error(&server))?;
        self.work_directly(access).await?;
        if let Some(role) = former.as_ref().and_then(DirectAccess::role)
            && let Err(error) = caller.return_role(role).await
        {
            info!(%error, "The former credentials end with the next ones");
        }
        Ok(())
    }

    /// Forgets them.
    pub(crate) async fn work_through_the_server(self: &Arc<Self>) -> Result<()> {
        let mut vault = self.vault.lock().await;
        vault.direct = None;
        let saved = self.save_vault(&mut vault).await;
        self.roads.reopen(&vault, &self.options);
        saved
    }

    /// Postgres does not take the agent's login any more: an admin has taken it back, or it is too old.
    pub(crate) async fn lose_direct(self: &Arc<Self>) {
        self.end_direct(true).await;
    }

    async fn end_direct(self: &Arc<Self>, to_be_given_back: bool) {
        let was_old = {
            let mut vault = self.vault.lock().await;
            let Some(lost) = vault.direct.as_ref() else { return };
            let was_old = self.is_old(lost);
            vault.lost_role = lost.role().filter(|_| to_be_given_back).map(str::to_owned);
            was_old
        };
        if let Err(error) = self.work_through_the_server().await {
            warn!(%error, "The credentials that were taken back cannot be removed from the keychain");
        }
        if was_old {
            info!("The credentials for working directly are too old; the server gives others");
            return;
        }
        info!("Working directly was taken back");
        self.change_local_copy(|copy| {
            copy.tell(
                NoticeKind::AccessRemoved,
                "You can no longer work without your team's server: an admin has taken that back. Through the server, everything goes on."
                    .to_owned(),
            );
        });
    }

    /// Asks directly.
    pub(super) async fn call_direct<T>(
        self: &Arc<Self>,
        answer: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        // A cable that was pulled somewhere on the way says nothing, and a pool waits for ever.
        let answer = timeout(self.options.patience.answer, self.unless_anew(Duration::ZERO, answer)).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(CallError::NoAnswer { reason: "the team's database does not answer".to_owned(), never_left: false })
        });
        if matches!(answer, Err(CallError::LockedOut)) {
            self.lose_direct().await;
        }
        answer
    }
}
