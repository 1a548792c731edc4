//! A desktop without a window: the real engine on a folder of its own, with verbs that read like an agent's day.
//!
//! Used by the system tests and benchmarks through [`crate::World::desktop`]. Waits on the engine's own events.

use std::{path::Path, sync::Arc, time::Duration};

use deskline_client::{
    Client, ClientEvent, CredentialStore, MemoryCredentials, Options, RecordingNotifier,
    view::{
        Connection, Conversation, ConversationFilter, ConversationQuery, Message, MessageQuery, MessageState, SignIn,
    },
};
use deskline_domain::ids::{ContactId, MessageId};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::{sync::broadcast::error::RecvError, time::timeout};

use crate::PATIENCE;

/// Closed when dropped; [`Desktop::close`] keeps the folder, so that it can be opened again.
#[derive(Debug)]
pub struct Desktop {
    /// The engine.
    pub client: Client,
    /// What it told the agent.
    pub notifications: Arc<RecordingNotifier>,
    place: Place,
}

/// What stays of a desktop while it is off: its folder and its keychain.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
    keychain: Arc<MemoryCredentials>,
}

impl Default for Place {
    fn default() -> Self {
        let folder = TempDir::with_prefix("deskline-desktop-").expect("a folder can be made");
        Self { folder, keychain: Arc::default() }
    }
}

impl Place {
    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The keychain.
    #[must_use]
    pub fn keychain(&self) -> Arc<dyn CredentialStore> {
        self.keychain.clone()
    }

    /// Turns the desktop on.
    pub async fn open(self) -> Desktop {
        let notifications = Arc::new(RecordingNotifier::default());
        let mut options = Options::new(self.folder.path(), self.keychain.clone(), notifications.clone());
        options.patience.first_retry = Duration::from_millis(50);
        options.patience.longest_retry = Duration::from_millis(500);
        options.patience.twilio = Duration::from_secs(2);
        let client = Client::open(options).await.expect("the engine opens its folder");
        Desktop { client, notifications, place: self }
    }
}

impl Desktop {
    /// A new desktop on which nobody is signed in.
    pub async fn new() -> Self {
        Place::default().open().await
    }

    /// Signs in and waits until the feed is followed live.
    pub async fn sign_in(&self, request: SignIn) {
        self.client.sign_in(request).await.expect("the agent can sign in");
        self.live().await;
    }

    /// Turns it off in an orderly way.
    pub async fn close(self) -> Place {
        self.client.shutdown().await;
        self.place
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.place.folder()
    }

    /// The one secret item, as the keychain has it.
    #[must_use]
    pub fn keychain_item(&self) -> SecretString {
        self.place.keychain.load().expect("the keychain works").expect("the engine has stored its keys")
    }

    /// Waits until `probe` gives a value, looking again after each event.
    pub async fn when<T>(&self, what: &str, mut probe: impl AsyncFnMut(&Client) -> Option<T>) -> T {
        let mut events = self.client.events();
        let waiting = async {
            loop {
                if let Some(value) = probe(&self.client).await {
                    return value;
                }
                match events.recv().await {
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => panic!("the engine stopped before this happened: {what}"),
                }
            }
        };
        match timeout(PATIENCE, waiting).await {
            Ok(value) => value,
            Err(_) => panic!(
                "waited {PATIENCE:?} for this and it did not happen: {what}; the desktop is {:?}",
                self.client.connection()
            ),
        }
    }

    /// Waits for an event.
    pub async fn event(&self, what: &str, mut wanted: impl FnMut(&ClientEvent) -> bool) {
        let mut events = self.client.events();
        let waiting = async {
            loop {
                match events.recv().await {
                    Ok(event) if wanted(&event) => return,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => panic!("the engine stopped before this event: {what}"),
                }
            }
        };
        assert!(timeout(PATIENCE, waiting).await.is_ok(), "waited {PATIENCE:?} for this event: {what}");
    }

    /// Waits until the feed is followed live.
    pub async fn live(&self) {
        let follows = |connection| matches!(connection, Connection::Live | Connection::Direct);
        self.when("the desktop is live", async |client| follows(client.connection()).then_some(())).await;
    }

    /// Waits until the desktop knows that the server is gone.
    pub async fn offline(&self) {
        self.when("the desktop knows that it is offline", async |client| {
            matches!(client.connection(), Connection::Offline { .. }).then_some(())
        })
        .await;
    }

    /// The whole list.
    pub async fn conversations(&self) -> Vec<Conversation> {
        list(&self.client).await
    }

    /// Waits for a row of the list that fits.
    pub async fn conversation(&self, what: &str, mut fits: impl FnMut(&Conversation) -> bool) -> Conversation {
        self.when(what, async |client| list(client).await.into_iter().find(|row| fits(row))).await
    }

    /// The newest 500 texts of a thread, oldest first.
    pub async fn thread(&self, contact_id: ContactId) -> Vec<Message> {
        thread(&self.client, contact_id).await
    }

    /// Waits for a bubble that fits.
    pub async fn bubble(&self, contact_id: ContactId, what: &str, mut fits: impl FnMut(&Message) -> bool) -> Message {
        self.when(what, async |client| thread(client, contact_id).await.into_iter().find(|bubble| fits(bubble))).await
    }

    /// Waits until a text has got so far.
    pub async fn reaches(&self, id: MessageId, state: MessageState) -> Message {
        self.when(&format!("the text becomes {state:?}"), async |client| {
            client.message(id).await.ok().filter(|message| message.state == state)
        })
        .await
    }
}

async fn list(client: &Client) -> Vec<Conversation> {
    let query = ConversationQuery { filter: ConversationFilter::All, limit: 500, ..ConversationQuery::default() };
    client.conversations(query).await.map(|page| page.conversations).unwrap_or_default()
}

async fn thread(client: &Client, contact_id: ContactId) -> Vec<Message> {
    let query = MessageQuery { contact_id, page: None, limit: 500 };
    client.messages(query).await.map(|page| page.messages).unwrap_or_default()
}
