//! What a window asks for: rows and figures, all from this machine.

use deskline_domain::ids::{ContactId, MessageId, NoteId, WorkspaceId};
use tracing::warn;
use uuid::Uuid;

use super::Client;
#[cfg(doc)]
use crate::Error;
use crate::{
    Result,
    search::index::is_damage,
    view::{
        Audit, ContactCard, Conversation, ConversationPage, ConversationQuery, Counts, Message, MessagePage,
        MessageQuery, Note, Team, Unsent,
        search::{Indexing, SearchPage, SearchQuery},
    },
};

impl Client {
    /// A page of the conversation list, newest first.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn conversations(&self, query: ConversationQuery) -> Result<ConversationPage> {
        let me = self.core().me()?;
        self.core().inbox().conversations(&query, me).await
    }

    /// One row of the list.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn conversation(&self, contact_id: ContactId) -> Result<Conversation> {
        let me = self.core().me()?;
        self.core().inbox().conversation(contact_id, me).await
    }

    /// A stretch of a thread, oldest first. A contact that is not here has an empty one.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn messages(&self, query: MessageQuery) -> Result<MessagePage> {
        let me = self.core().me()?;
        self.core().inbox().messages(&query, me).await
    }

    /// The stretch of a thread around one of its texts or private notes, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn messages_around(&self, id: Uuid, limit: u32) -> Result<MessagePage> {
        let me = self.core().me()?;
        self.core().inbox().around(id, limit, me).await
    }

    /// One bubble.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn message(&self, id: MessageId) -> Result<Message> {
        let me = self.core().me()?;
        self.core().inbox().message(id, me).await
    }

    /// A page of what fits a search. What was typed is never an error.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn search(&self, query: SearchQuery) -> Result<SearchPage> {
        let core = self.core();
        let me = core.me()?;
        let inbox = core.inbox();
        let found = inbox.search(&query, me, core.now()).await;
        if let Err(error) = &found
            && is_damage(error)
        {
            warn!(%error, "The search index is damaged");
            inbox.cache.condemn_index().await?;
            inbox.cache.index.wake.notify_one();
            return Ok(SearchPage { indexing: Some(Indexing::default()), ..SearchPage::default() });
        }
        found
    }

    /// One private note.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn note(&self, id: NoteId) -> Result<Note> {
        let me = self.core().me()?;
        self.core().inbox().note(id, me).await
    }

    /// A team's members, labels and canned replies. A team that is not here has none.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn team(&self, workspace_id: WorkspaceId) -> Result<Team> {
        let me = self.core().me()?;
        self.core().inbox().team(workspace_id, me).await
    }

    /// How many conversations each view has, in one team or in all.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn counts(&self, workspace_id: Option<WorkspaceId>) -> Result<Counts> {
        let me = self.core().me()?;
        self.core().inbox().counts(workspace_id, me).await
    }

    /// What is beside a conversation: its newest files and private notes.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn contact_card(&self, contact_id: ContactId) -> Result<ContactCard> {
        let me = self.core().me()?;
        self.core().inbox().card(contact_id, me).await
    }

    /// Unread texts over all teams, read from the rows each time.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn unread_count(&self) -> Result<i64> {
        self.core().inbox().unread_count().await
    }

    /// What the newest comparison with Twilio came to; `None` before the first one.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn audit(&self) -> Result<Option<Audit>> {
        self.core().me()?;
        self.core().inbox().cache.audit().await
    }

    /// The texts that only this machine has, of every conversation, in the order in which they were written.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn outbox(&self) -> Result<Vec<Message>> {
        let me = self.core().me()?;
        self.core().inbox().outbox(me).await
    }

    /// What signing out would lose.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn unsent(&self) -> Result<Unsent> {
        Ok(Unsent { texts: self.waiting_count().await?, actions: self.untold_count().await? })
    }

    /// Texts that wait on this machine, and that signing out would lose.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn waiting_count(&self) -> Result<u32> {
        self.core().inbox().outbox.unsent().await
    }

    /// The text that was begun and not sent.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn draft(&self, contact_id: ContactId) -> Result<Option<String>> {
        self.core().me()?;
        self.core().inbox().outbox.draft(contact_id).await
    }
}
