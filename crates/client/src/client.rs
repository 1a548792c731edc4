//! Everything a window can ask of the engine, and the life of its tasks.
//!
//! Called by the shell's commands and by tests. Methods are short: they read through `inbox`, write through `outbox`, and say
//! what changed. Whatever they return is from this machine; none of them waits for the network but signing in.

mod account;
mod act;
mod admin;
mod ask;
mod attach;
mod canned;
mod compose;
mod consent;
pub(crate) mod diagnose;
mod direct;
mod history;
mod keychain;
mod later;
mod media;
mod mend;
pub(crate) mod notify;
mod outlook;
mod presence;
mod read;
mod storage;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use deskline_domain::{ids::ContactId, phone::PhoneNumber, protocol::DirectAccess};
use tokio::sync::{Mutex as AsyncMutex, broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use crate::{
    Result,
    core::Core,
    event::ClientEvent,
    files::{self, FolderLock},
    network::Road,
    options::Options,
    outbox::{backup, courier, sender},
    search::indexer,
    session::roads,
    sync,
    view::{Connection, LocalCopy, NoticeKind, Session, SignIn, WorkspaceView},
};

/// How long closing waits for a token to be stored.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(5);

/// The engine. Cheap to clone; all clones are the same engine. When the last one is dropped, its tasks end.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    core: Arc<Core>,
    /// Held while somebody signs in or out, or the engine closes.
    running: AsyncMutex<Option<Running>>,
    /// Cancelled when the engine closes, or is dropped without having been closed: ends every task.
    ended: CancellationToken,
    /// The tasks that run whoever is signed in.
    always: TaskTracker,
    /// Keeps a second engine out of the folder.
    lock: Mutex<Option<FolderLock>>,
}

#[derive(Debug)]
struct Running {
    cancel: CancellationToken,
    tasks: TaskTracker,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

impl Client {
    /// Opens the folder, and begins to synchronise if somebody is signed in. Needs a tokio runtime, and no network.
    ///
    /// # Errors
    /// [`Error::InUse`] when another engine has the folder, [`Error::Io`] and [`Error::Database`] when the disk fails. A
    /// keychain that fails is no error: see [`Session::SignedOut::keychain_trouble`].
    pub async fn open(options: Options) -> Result<Self> {
        let lock = files::lock(&options.data_dir)?;
        let road = open_road(&options);
        let (vault, keychain_trouble) = keychain::open_vault(&options).await;
        let (inbox, mended) = files::open(&options, &vault, keychain_trouble.is_some()).await?;
        let core = Arc::new(Core::new(options, road, vault, keychain_trouble, inbox));
        core.start_up().await;
        if matches!(core.session(), Session::SignedIn { .. }) {
            core.tell_mended(&mended);
        }
        let inner = Arc::new(Inner {
            core,
            running: AsyncMutex::new(None),
            ended: CancellationToken::new(),
            always: TaskTracker::new(),
            lock: Mutex::new(Some(lock)),
        });
        if inner.core.is_lease_over(TimeDelta::zero()).await {
            inner.end_lease().await?;
        }
        inner.start(&mut *inner.running.lock().await);
        inner.start_always();
        Ok(Self { inner })
    }

    /// Who is signed in.
    #[must_use]
    pub fn session(&self) -> Session {
        self.core().session()
    }

    /// How it stands to the server.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.core().connection()
    }

    /// How it stands with what this machine keeps.
    #[must_use]
    pub fn local_copy(&self) -> LocalCopy {
        self.core().local_copy()
    }

    /// The agent has read a notice of [`LocalCopy::notices`].
    pub fn dismiss_notice(&self, id: u32) {
        self.core().change_local_copy(|copy| copy.notices.retain(|notice| notice.id != id));
    }

    /// Signs in. The same person goes on where they stopped; another one finds an empty cache, and what the former one wrote
    /// and could not send waits, unreadable, until they are back.
    ///
    /// # Errors
    /// [`Error::BadCredentials`], [`Error::NotAServer`], [`Error::Unreachable`], [`Error::Incompatible`]; nothing changed then.
    /// [`Error::Keychain`] and [`Error::Io`] when this machine fails.
    pub async fn sign_in(&self, request: SignIn) -> Result<Session> {
        let mut running = self.inner.running.lock().await;
        let (account, session) = self.core().authenticate(&request).await?;
        stop(&mut running).await;
        let moved_in = self.core().move_in(account, &session).await;
        self.inner.start(&mut running);
        moved_in?;
        info!("Signed in");
        self.core().emit(ClientEvent::Reload);
        self.core().announce_unread().await;
        Ok(self.session())
    }

    /// Signs out: nothing of it stays readable here, texts that wait included. Ask before, when
    /// [`Client::waiting_count`] is not zero.
    ///
    /// # Errors
    /// [`Error::Keychain`] and [`Error::Io`]: the keys are gone all the same, as far as they could be removed.
    pub async fn sign_out(&self) -> Result<()> {
        let mut running = self.inner.running.lock().await;
        stop(&mut running).await;
        self.core().move_out().await?;
        info!("Signed out");
        self.core().emit(ClientEvent::Reload);
        self.core().announce_unread().await;
        Ok(())
    }

    /// Lets this desktop work without the team's server while that does not answer. The credentials are tried before they are stored, and lie in
    /// the keychain, in the one item.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::Server`] and [`Error::Unreachable`] when the team's database does not take them; nothing is stored then.
    pub async fn work_directly(&self, access: DirectAccess) -> Result<()> {
        self.core().work_directly(access).await
    }

    /// Asks the window to open a thread: a notification was clicked, or a link.
    pub fn open_conversation(&self, contact_id: ContactId) {
        self.core().emit(ClientEvent::OpenConversation { contact_id });
    }

    /// Asks the window to open the conversation with a number; a number that nobody here has is told in the window.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn open_conversation_with(&self, number: &PhoneNumber) -> Result<()> {
        let core = self.core();
        core.me()?;
        if let Some(contact_id) = core.inbox().cache.contact_with(number.as_str()).await? {
            self.open_conversation(contact_id);
        } else {
            core.change_local_copy(|copy| {
                copy.tell(
                    NoticeKind::NobodyHasNumber,
                    format!("There is no conversation with {number} on this computer."),
                );
            });
        }
        Ok(())
    }

    /// Tries everything that waits at once: the machine woke up, or the network is back.
    pub fn wake(&self) {
        self.core().wake_all();
    }

    /// What happens from now on. A listener that is told it lagged loads everything again, as at [`ClientEvent::Reload`].
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<ClientEvent> {
        self.core().events()
    }

    /// Ends the tasks at once, wherever they are, and closes both files. Everything goes on with the next
    /// [`Client::open`]. Calls of other clones fail from here on.
    pub async fn shutdown(&self) {
        self.inner.ended.cancel();
        let mut running = self.inner.running.lock().await;
        stop(&mut running).await;
        self.inner.always.close();
        if tokio::time::timeout(mend::PATIENCE_WITH_THE_WATCH, self.inner.always.wait()).await.is_err() {
            warn!("A check of the files does not end; closing without it");
        }
        self.core().careful.close();
        if tokio::time::timeout(PATIENCE_AT_THE_END, self.core().careful.wait()).await.is_err() {
            warn!("The keychain or the server does not answer; closing without it");
        }
        self.core().inbox().close().await;
        self.inner.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn core(&self) -> &Arc<Core> {
        &self.inner.core
    }
}

impl Inner {
    /// Starts the tasks if somebody is signed in whose session has not ended.
    fn start(&self, running: &mut Option<Running>) {
        if !matches!(self.core.session(), Session::SignedIn { expired: false, .. }) {
            return;
        }
        let cancel = self.ended.child_token();
        let tasks = TaskTracker::new();
        tasks.spawn(cancel.clone().run_until_cancelled_owned(sync::run::run(Arc::clone(&self.core))));
        tasks.spawn(cancel.clone().run_until_cancelled_owned(sync::awake::run(Arc::clone(&self.core))));
        tasks.spawn(cancel.clone().run_until_cancelled_owned(sender::run(Arc::clone(&self.core))));
        tasks.spawn(cancel.clone().run_until_cancelled_owned(courier::run(Arc::clone(&self.core))));
        tasks.spawn(cancel.clone().run_until_cancelled_owned(sync::drafts::run(Arc::clone(&self.core))));
        tasks.spawn(cancel.clone().run_until_cancelled_owned(roads::run(Arc::clone(&self.core))));
        tasks.spawn(cancel.clone().run_until_cancelled_owned(indexer::run(Arc::clone(&self.core))));
        tasks.close();
        *running = Some(Running { cancel, tasks });
    }

    fn start_always(self: &Arc<Self>) {
        let ended = &self.ended;
        self.always.spawn(mend::watch(Arc::clone(&self.core), Arc::downgrade(self), ended.clone()));
        self.always.spawn(ended.clone().run_until_cancelled_owned(backup::run(Arc::clone(&self.core))));
    }
}

async fn stop(running: &mut Option<Running>) {
    if let Some(Running { cancel, tasks }) = running.take() {
        cancel.cancel();
        tasks.wait().await;
    }
}

/// The way to the server as it is set. Whatever is wrong with that was said when it was set; a file that broke since then must not
/// keep anybody from what is here.
fn open_road(options: &Options) -> Road {
    Road::new(&options.network).unwrap_or_else(|error| {
        warn!(%error, "The way to the server is not the one that was set");
        Road::default()
    })
}

impl Core {
    /// Takes up what the last run left. A file that fails here is one that the check finds damaged.
    async fn start_up(&self) {
        let workspaces = self.take_up().await.unwrap_or_else(|error| {
            warn!(%error, "What the last run left cannot be taken up");
            Vec::new()
        });
        let vault = self.vault.lock().await;
        self.set_session(self.view(&vault, workspaces));
        drop(vault);
        self.announce_unread().await;
    }

    async fn take_up(&self) -> Result<Vec<WorkspaceView>> {
        let inbox = self.inbox();
        // The program may have ended between a page and the outbox hearing of it.
        let here = inbox.cache.known(&inbox.outbox.all_ids().await?).await?;
        inbox.settle(&here.into_iter().collect::<Vec<_>>(), &self.options).await?;
        let workspaces = inbox.cache.workspaces().await?;
        for workspace in &workspaces {
            if let Some(progress) = inbox.cache.progress(workspace.id).await? {
                inbox.outbox.forget_commands(workspace.id, progress.whole).await?;
            }
        }
        Ok(workspaces)
    }
}
