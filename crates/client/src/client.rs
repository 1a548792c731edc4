//! Everything a window can ask of the engine.
use deskline_domain::ids::{ContactId, MessageId};
use tokio::sync::broadcast;

use crate::{
    Result,
    error::Error,
    event::ClientEvent,
    options::Options,
    view::{
        Connection, Conversation, ConversationPage, ConversationQuery, Focus, Message, MessagePage, MessageQuery,
        Session, SignIn,
    },
};

/// The engine. Cheap to clone; all clones are the same engine.
#[derive(Clone, Debug)]
pub struct Client {
    events: broadcast::Sender<ClientEvent>,
}

#[expect(clippy::unused_async, reason = "first commit of the interface")]
#[expect(unused_variables, reason = "first commit of the interface")]
impl Client {
    /// Opens the folder.
    ///
    /// # Errors
    /// [`Error::InUse`], [`Error::Io`], [`Error::Database`].
    pub async fn open(options: Options) -> Result<Self> {
        Ok(Self { events: broadcast::channel(1024).0 })
    }
    /// Who is signed in.
    #[must_use]
    pub fn session(&self) -> Session {
        Session::SignedOut { last_server: None, last_email: None }
    }
    /// Signs in.
    ///
    /// # Errors
    /// [`Error::BadCredentials`] and others.
    pub async fn sign_in(&self, request: SignIn) -> Result<Session> {
        Err(Error::SignedOut)
    }
    /// Signs out and wipes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub async fn sign_out(&self) -> Result<()> {
        Ok(())
    }
    /// How it stands to the server.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection::SignedOut
    }
    /// A page of the list.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn conversations(&self, query: ConversationQuery) -> Result<ConversationPage> {
        Err(Error::SignedOut)
    }
    /// One row of the list.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn conversation(&self, contact_id: ContactId) -> Result<Conversation> {
        Err(Error::SignedOut)
    }
    /// A stretch of a thread.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn messages(&self, query: MessageQuery) -> Result<MessagePage> {
        Err(Error::SignedOut)
    }
    /// One bubble.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn message(&self, id: MessageId) -> Result<Message> {
        Err(Error::SignedOut)
    }
    /// Queues a text.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub async fn send_message(&self, contact_id: ContactId, text: String) -> Result<Message> {
        Err(Error::SignedOut)
    }
    /// Marks a thread read.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn mark_read(&self, contact_id: ContactId) -> Result<()> {
        Err(Error::SignedOut)
    }
    /// Unread texts over all teams.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn unread_count(&self) -> Result<i64> {
        Ok(0)
    }
    /// Texts that wait on this machine.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn waiting_count(&self) -> Result<u32> {
        Ok(0)
    }
    /// Sends a parked or failed text again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn retry(&self, id: MessageId) -> Result<()> {
        Err(Error::SignedOut)
    }
    /// Throws away a text that never left.
    ///
    /// # Errors
    /// [`Error::AlreadySent`].
    pub async fn discard(&self, id: MessageId) -> Result<()> {
        Err(Error::SignedOut)
    }
    /// Keeps what was begun.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn save_draft(&self, contact_id: ContactId, text: String) -> Result<()> {
        Err(Error::SignedOut)
    }
    /// What was begun.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn draft(&self, contact_id: ContactId) -> Result<Option<String>> {
        Ok(None)
    }
    /// What the agent looks at.
    pub fn set_focus(&self, focus: Focus) {}
    /// Asks the window to open a thread.
    pub fn open_conversation(&self, contact_id: ContactId) {}
    /// Tries again at once.
    pub fn wake(&self) {}
    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<ClientEvent> {
        self.events.subscribe()
    }
    /// Stops.
    pub async fn shutdown(&self) {}
}
