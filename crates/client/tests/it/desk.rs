//! A desktop without windows at a [`TeamServer`]: its folder, its keychain and what it shows.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use deskline_client::{
    Client, Clock, MemoryCredentials, Network, Options, Patience, RecordingNotifier, Result,
    view::{Conversation, ConversationFilter, ConversationQuery, Message, MessageQuery, Session, SignIn},
};
use deskline_domain::ids::ContactId;
use tempfile::TempDir;

use crate::server::TeamServer;

/// See the module.
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) credentials: Arc<MemoryCredentials>,
    pub(crate) notifier: Arc<RecordingNotifier>,
    url: String,
    clock: Arc<Mutex<DateTime<Utc>>>,
    patience: Patience,
    network: Network,
    folder: TempDir,
}

impl Desk {
    /// Opened, and nobody signed in.
    pub(crate) async fn open(server: &TeamServer) -> Self {
        Self::with(server, MemoryCredentials::default(), PATIENCE).await
    }

    pub(crate) async fn with(server: &TeamServer, credentials: MemoryCredentials, patience: Patience) -> Self {
        Self::within(server, credentials, patience, TempDir::new().unwrap()).await
    }

    pub(crate) async fn within(
        server: &TeamServer,
        credentials: MemoryCredentials,
        patience: Patience,
        folder: TempDir,
    ) -> Self {
        Self::set_up(server, credentials, patience, folder, Network::default()).await
    }

    /// On a network with manners of its own.
    pub(crate) async fn on(
        server: &TeamServer,
        credentials: MemoryCredentials,
        patience: Patience,
        network: Network,
    ) -> Self {
        Self::set_up(server, credentials, patience, TempDir::new().unwrap(), network).await
    }

    async fn set_up(
        server: &TeamServer,
        credentials: MemoryCredentials,
        patience: Patience,
        folder: TempDir,
        network: Network,
    ) -> Self {
        let credentials = Arc::new(credentials);
        let notifier = Arc::new(RecordingNotifier::default());
        let clock = Arc::new(Mutex::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let options =
            Options { network: network.clone(), ..options(folder.path(), &credentials, &notifier, &clock, patience) };
        let client = Client::open(options).await.unwrap();
        Self { client, credentials, notifier, url: server.url.clone(), clock, patience, network, folder }
    }

    /// Opened, and signed in.
    pub(crate) async fn signed_in(server: &TeamServer) -> Self {
        let desk = Self::open(server).await;
        desk.sign_in().await.unwrap();
        desk
    }

    pub(crate) async fn sign_in(&self) -> Result<Session> {
        self.sign_in_as("agent@example.com", "open sesame").await
    }

    pub(crate) async fn sign_in_as(&self, email: &str, password: &str) -> Result<Session> {
        let request = SignIn { server: self.url.clone(), email: email.to_owned(), password: password.to_owned() };
        self.client.sign_in(request).await
    }

    /// The same agent, at another server.
    pub(crate) async fn sign_in_at(&self, server: &TeamServer) -> Result<Session> {
        let (email, password) = ("agent@example.com".to_owned(), "open sesame".to_owned());
        self.client.sign_in(SignIn { server: server.url.clone(), email, password }).await
    }

    /// Ended wherever its tasks are, as if killed, and opened again on the same folder.
    pub(crate) async fn restart(&mut self) {
        self.client.shutdown().await;
        let options = self.options();
        self.client = Client::open(options).await.unwrap();
    }

    /// What a second program would be given.
    pub(crate) fn options(&self) -> Options {
        let options = options(self.folder.path(), &self.credentials, &self.notifier, &self.clock, self.patience);
        Options { network: self.network.clone(), ..options }
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        *self.clock.lock().unwrap() += time;
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.clock.lock().unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Names of the files in the folder, in order.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) async fn list(&self, filter: ConversationFilter) -> Vec<Conversation> {
        let query = ConversationQuery { filter, limit: 100, ..ConversationQuery::default() };
        self.client.conversations(query).await.unwrap().conversations
    }

    pub(crate) async fn names(&self, filter: ConversationFilter) -> Vec<String> {
        self.list(filter).await.into_iter().map(|conversation| conversation.name).collect()
    }

    pub(crate) async fn thread(&self, contact_id: ContactId) -> Vec<Message> {
        let query = MessageQuery { contact_id, page: None, limit: 500 };
        self.client.messages(query).await.unwrap().messages
    }

    pub(crate) async fn texts(&self, contact_id: ContactId) -> Vec<String> {
        self.thread(contact_id).await.into_iter().map(|message| message.content).collect()
    }

    /// Waits until a question is answered with yes; fails with `what` after thirty seconds.
    pub(crate) async fn until(&self, what: &str, yes: impl AsyncFn(&Self) -> bool) {
        let mut events = self.client.events();
        let asked = async {
            while !yes(self).await {
                // Whatever happened or not: ask again. The server's side changes without an event of ours.
                _ = tokio::time::timeout(Duration::from_millis(20), events.recv()).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(30), asked).await.is_err() {
            panic!("{what}: not within thirty seconds; the connection is {:?}", self.client.connection());
        }
    }

    /// Waits until the thread of a contact shows these texts.
    pub(crate) async fn until_shown(&self, contact_id: ContactId, texts: &[&str]) {
        self.until(&format!("{texts:?} in the thread"), async |desk| desk.texts(contact_id).await == texts).await;
    }
}

/// Impatient, so that a test does not wait.
pub(crate) const PATIENCE: Patience = Patience {
    first_retry: Duration::from_millis(10),
    longest_retry: Duration::from_millis(50),
    poll_every: Duration::from_millis(200),
    answer: Duration::from_secs(5),
    socket: Duration::from_secs(2),
    twilio: Duration::from_secs(5),
    before_check: Duration::from_millis(100),
    between_looks: Duration::from_millis(50),
    before_backup: Duration::from_millis(20),
    catch_up: Duration::from_secs(1),
};

fn options(
    folder: &Path,
    credentials: &Arc<MemoryCredentials>,
    notifier: &Arc<RecordingNotifier>,
    clock: &Arc<Mutex<DateTime<Utc>>>,
    patience: Patience,
) -> Options {
    let clock = Arc::clone(clock);
    let data_dir: PathBuf = folder.to_owned();
    Options {
        clock: Clock::new(move || {
            let mut now = clock.lock().unwrap();
            // Time passes with every look, so that whatever waits for a time gets its turn.
            *now += TimeDelta::milliseconds(5);
            *now
        }),
        patience,
        ..Options::new(data_dir, Arc::clone(credentials) as _, Arc::clone(notifier) as _)
    }
}
