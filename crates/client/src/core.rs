//! What all parts of the engine share: both files, the session, the events, and the bells that wake its tasks.
//!
//! Owned by `client`, borrowed by `session`, `sync` and the outbox's tasks. Does nothing by itself.

mod connection;

use std::sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicBool};

use chrono::{DateTime, Utc};
use deskline_domain::ids::{AttachmentId, ContactId, MessageId, UserId};
use tokio::{
    sync::{Notify, broadcast, watch},
    time::Instant,
};
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::{
    Result,
    alone::Alone,
    asked::Asked,
    credentials::Vault,
    error::Error,
    event::ClientEvent,
    inbox::Inbox,
    media::Loading,
    mend::told::Told,
    network::{Road, http::Http},
    notify::{
        board::{Board, Order},
        settings::NotificationSettings,
    },
    options::Options,
    presence::Presence,
    session::roads::Roads,
    sync::drafts::DraftBells,
    view::{Connection, Focus, Session},
};

/// How many events a listener may be behind before it is told to reload.
const EVENTS: usize = 4_096;

/// See the module.
pub(crate) struct Core {
    pub(crate) options: Options,
    pub(crate) http: Arc<Http>,
    pub(crate) road: Road,
    /// The server's way, and the direct one.
    pub(crate) roads: Roads,
    /// The secret item. Locked while a token is refreshed, so that it is refreshed once.
    pub(crate) vault: tokio::sync::Mutex<Vault>,
    /// Why the keychain cannot be used: nothing may be written to disk then.
    keychain_trouble: RwLock<Option<String>>,
    inbox: RwLock<Inbox>,
    session: RwLock<Session>,
    connection: watch::Sender<Connection>,
    events: broadcast::Sender<ClientEvent>,
    focus: Mutex<Focus>,
    /// The notifications on the screen.
    board: Mutex<Board>,
    pub(crate) presence: Presence,
    /// When the server was last asked what a team sends from.
    pub(crate) ours_asked: Asked,
    announced_unread: tokio::sync::Mutex<i64>,
    told: Told,
    /// When the cache was last known to stand at the head of every feed, while that still counts.
    caught_up: Mutex<Option<DateTime<Utc>>>,
    /// What time the server said it is, and when.
    pub(crate) server_clock: Mutex<Option<(DateTime<Utc>, Instant)>>,
    /// Whether the server answered when it was last asked who we are.
    reached: AtomicBool,
    /// Counts how often everything began anew: whoever waits for an answer from before waits in vain.
    pub(crate) anew: watch::Sender<u64>,
    /// Look at the feed now, or try to connect now.
    pub(crate) wake_sync: Notify,
    /// Look at the feed now, to see whether the server is still there.
    pub(crate) check_sync: Notify,
    /// Look at the outbox now.
    pub(crate) wake_sender: Notify,
    /// Look at the commands now.
    pub(crate) wake_courier: Notify,
    /// Look at what was begun.
    pub(crate) drafts: DraftBells,
    /// Files that are being fetched.
    pub(crate) loading: Loading,
    /// Files that are being given to the server.
    pub(crate) giving: Alone<AttachmentId>,
    /// What must not be cut off half-way: storing a token that was just given out.
    pub(crate) careful: TaskTracker,
}

impl Core {
    pub(crate) fn new(
        options: Options,
        road: Road,
        vault: Vault,
        keychain_trouble: Option<String>,
        inbox: Inbox,
    ) -> Self {
        let roads = Roads::new(&vault, &options, &road);
        Self {
            http: Arc::new(Http::new(road.clone(), options.patience.answer)),
            options,
            road,
            roads,
            vault: tokio::sync::Mutex::new(vault),
            keychain_trouble: RwLock::new(keychain_trouble),
            inbox: RwLock::new(inbox),
            session: RwLock::new(Session::SignedOut { last_server: None, last_email: None, keychain_trouble: None }),
            connection: watch::Sender::new(Connection::SignedOut),
            events: broadcast::Sender::new(EVENTS),
            focus: Mutex::default(),
            board: Mutex::default(),
            presence: Presence::default(),
            ours_asked: Asked::default(),
            announced_unread: tokio::sync::Mutex::new(0),
            told: Told::default(),
            caught_up: Mutex::default(),
            server_clock: Mutex::default(),
            reached: AtomicBool::new(false),
            anew: watch::Sender::new(0),
            wake_sync: Notify::new(),
            check_sync: Notify::new(),
            wake_sender: Notify::new(),
            wake_courier: Notify::new(),
            drafts: DraftBells::default(),
            loading: Loading::default(),
            giving: Alone::default(),
            careful: TaskTracker::new(),
        }
    }

    /// Whether nothing may be written to disk.
    pub(crate) fn is_memory_only(&self) -> bool {
        self.keychain_trouble().is_some()
    }

    /// Whether the cache is in memory for want of room on the disk.
    pub(crate) fn is_cache_displaced(&self) -> bool {
        !self.is_memory_only() && self.inbox().cache.seat.is_none()
    }

    /// Why the keychain cannot be used.
    pub(crate) fn keychain_trouble(&self) -> Option<String> {
        self.keychain_trouble.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets it, and answers what it was before.
    pub(crate) fn set_keychain_trouble(&self, trouble: Option<String>) -> Option<String> {
        std::mem::replace(&mut *self.keychain_trouble.write().unwrap_or_else(PoisonError::into_inner), trouble)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.options.clock.now()
    }

    /// Both files, as they are open now.
    pub(crate) fn inbox(&self) -> Inbox {
        self.inbox.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other files in their place; answers those before, which the caller closes.
    pub(crate) fn replace_inbox(&self, inbox: Inbox) -> Inbox {
        std::mem::replace(&mut *self.inbox.write().unwrap_or_else(PoisonError::into_inner), inbox)
    }

    pub(crate) fn session(&self) -> Session {
        self.session.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whoever is signed in.
    pub(crate) fn me(&self) -> Result<UserId> {
        match self.session() {
            Session::SignedIn { user_id, .. } => Ok(user_id),
            Session::SignedOut { .. } => Err(Error::SignedOut),
        }
    }

    /// The server's address, to say it.
    pub(crate) fn server(&self) -> String {
        match self.session() {
            Session::SignedIn { server, .. } => server,
            Session::SignedOut { last_server, .. } => last_server.unwrap_or_default(),
        }
    }

    pub(crate) fn set_session(&self, session: Session) {
        let changed = session != self.session();
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = session;
        if changed {
            self.emit(ClientEvent::SessionChanged);
        }
    }

    pub(crate) fn focus(&self) -> Focus {
        *self.focus.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_focus(&self, focus: Focus) {
        *self.focus.lock().unwrap_or_else(PoisonError::into_inner) = focus;
    }

    /// Lets the board decide, and has the notifier do what it says, in one go: another page must not come in between.
    pub(crate) fn on_board(&self, decide: impl FnOnce(&mut Board) -> Vec<Order>) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        for order in decide(&mut board) {
            match order {
                Order::Show(notification) => self.options.notifier.show(notification),
                Order::Withdraw(slot) => self.options.notifier.withdraw(slot),
            }
        }
    }

    /// Takes away what tells of these conversations.
    pub(crate) async fn withdraw(&self, read: &[ContactId]) {
        if read.is_empty() {
            return;
        }
        let settings = self.notification_settings().await;
        self.on_board(|board| read.iter().flat_map(|contact_id| board.read(*contact_id, &settings)).collect());
    }

    /// What the agent wants to be told. A file that fails counts as nothing set: it is seen to elsewhere.
    pub(crate) async fn notification_settings(&self) -> NotificationSettings {
        self.inbox().outbox.notification_settings().await.unwrap_or_else(|error| {
            warn!(%error, "The settings of notifications cannot be read");
            NotificationSettings::default()
        })
    }

    pub(crate) fn events(&self) -> broadcast::Receiver<ClientEvent> {
        self.events.subscribe()
    }

    /// Nobody listening is no error.
    pub(crate) fn emit(&self, event: ClientEvent) {
        _ = self.events.send(event);
    }

    /// A bubble changed, and with it the row of the list.
    pub(crate) fn announce_message(&self, contact_id: ContactId, id: MessageId) {
        self.emit(ClientEvent::MessagesChanged { contact_id, message_ids: vec![id] });
        self.emit(ClientEvent::ConversationsChanged { contact_ids: vec![contact_id] });
    }

    /// Tells the number of unread texts if it is another one than told last.
    pub(crate) async fn announce_unread(&self) {
        let mut announced = self.announced_unread.lock().await;
        match self.inbox().unread_count().await {
            Ok(total) if total != *announced => {
                *announced = total;
                self.emit(ClientEvent::UnreadChanged { total });
            }
            Ok(_) => {}
            Err(error) => warn!(%error, "Unread texts cannot be counted"),
        }
    }

    /// Tells the window if colleagues do something else than told last.
    pub(crate) fn announce_colleagues(&self) {
        let Ok(me) = self.me() else { return };
        if self.presence.has_changed(me, Instant::now()) {
            self.emit(ClientEvent::ColleaguesChanged);
        }
    }

    /// Stores the vault in the keychain. Runs to its end even if whoever asked for it is gone.
    pub(crate) async fn save_vault(&self, vault: &mut Vault) -> Result<()> {
        if self.is_memory_only() {
            return Ok(());
        }
        let item = vault.item()?;
        // Whether or not this works: the next look is soon enough.
        vault.kept_lease = vault.lease;
        let credentials = Arc::clone(&self.options.credentials);
        self.careful
            .spawn_blocking(move || credentials.save(&item))
            .await
            .map_err(|_| Error::Keychain("it broke down".to_owned()))?
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("options", &self.options).finish_non_exhaustive()
    }
}
