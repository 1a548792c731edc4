//! What an agent does but for writing to a contact: each is a command that is stored here before the method returns, shown at
//! once, and told to the server by a task.
//!
//! Whatever can be checked without the network is checked here, by the same rules as on the server. The server looks at its rows,
//! and may still refuse: see [`Client::taken_back`].

use deskline_domain::{
    command::{Action, Command},
    contact::ConversationStatus,
    ids::{CannedReplyId, CommandId, ContactId, LabelId, MessageId, NoteId, UserId, WorkspaceId},
};

use super::Client;
use crate::{
    Result,
    cache::notes::CachedNote,
    error::Error,
    event::ClientEvent,
    view::{Note, Session, TakenBack, WorkspaceView},
};

const ADMINS_ONLY: &str = "Only owners and admins of this team may do this.";

impl Client {
    /// Does something in a team. It is on disk when this returns, and every question is answered as if it had been done.
    ///
    /// # Errors
    /// [`Error::BadCommand`] and [`Error::NotAllowed`] when it can never be done, [`Error::NotFound`], [`Error::SignedOut`],
    /// [`Error::Database`].
    pub async fn perform(&self, workspace_id: WorkspaceId, action: Action) -> Result<()> {
        let core = self.core();
        let me = core.me()?;
        let action = self.as_seen(action).await?;
        action.check()?;
        let team = self.workspace(workspace_id)?;
        let is_admin = team.role == "owner" || team.role == "admin";
        if action.is_for_admins() && !is_admin {
            return Err(Error::NotAllowed(ADMINS_ONLY));
        }
        let contact_id = self.check(workspace_id, &action, me, is_admin).await?;

        let now = core.now();
        let id = CommandId::v7(now, core.options.dice.bytes());
        let command = Command { id, workspace_id, at: now, action };
        core.inbox().outbox.push_command(&command, contact_id).await?;
        core.wake_courier.notify_one();
        ClientEvent::shown_by(&command, contact_id).into_iter().for_each(|event| core.emit(event));
        core.announce_unread().await;
        Ok(())
    }

    /// Everything in this thread that is on this machine was read. Texts that come later stay unread.
    ///
    /// # Errors
    /// As of [`Client::perform`].
    pub async fn mark_read(&self, contact_id: ContactId) -> Result<()> {
        let core = self.core();
        let me = core.me()?;
        core.withdraw(&[contact_id]).await;
        let conversation = core.inbox().conversation(contact_id, me).await?;
        if conversation.unread_count == 0 {
            return Ok(());
        }
        let up_to = core.inbox().cache.newest_inbound(contact_id).await?;
        self.perform(conversation.workspace_id, Action::MarkRead { contact_id, up_to }).await
    }

    /// Writes a private note beside a conversation. `mentions` are members whom it concerns.
    ///
    /// # Errors
    /// As of [`Client::perform`].
    pub async fn add_note(&self, contact_id: ContactId, content: String, mentions: Vec<UserId>) -> Result<Note> {
        let core = self.core();
        let me = core.me()?;
        let contact = self.contact(contact_id).await?;
        let now = core.now();
        let id = NoteId::v7(now, core.options.dice.bytes());
        let added = Action::AddNote { contact_id, note_id: id, content: content.clone(), mentions: mentions.clone() };
        self.perform(contact.workspace_id, added).await?;
        // Not read again: whoever wrote it must not be told that it failed, once it is kept.
        Ok(Note {
            id,
            contact_id,
            content,
            author_id: me,
            mine: true,
            mentions,
            created_at: now,
            edited_at: None,
            waiting: true,
        })
    }

    /// Makes a label. Admins only.
    ///
    /// # Errors
    /// As of [`Client::perform`].
    pub async fn create_label(&self, workspace_id: WorkspaceId, name: String, color: String) -> Result<LabelId> {
        let label_id = LabelId::v7(self.core().now(), self.core().options.dice.bytes());
        self.perform(workspace_id, Action::CreateLabel { label_id, name, color }).await?;
        Ok(label_id)
    }

    /// Keeps a text for answering with it again and again. Admins only.
    ///
    /// # Errors
    /// As of [`Client::perform`].
    pub async fn create_canned_reply(
        &self,
        workspace_id: WorkspaceId,
        name: String,
        content: String,
    ) -> Result<CannedReplyId> {
        let canned_reply_id = CannedReplyId::v7(self.core().now(), self.core().options.dice.bytes());
        self.perform(workspace_id, Action::CreateCannedReply { canned_reply_id, name, content }).await?;
        Ok(canned_reply_id)
    }

    /// What the agent did and the server refused, oldest first, until [`Client::dismiss_taken_back`].
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn taken_back(&self) -> Result<Vec<TakenBack>> {
        self.core().me()?;
        self.core().inbox().taken_back().await
    }

    /// The agent has seen why.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn dismiss_taken_back(&self, id: CommandId) -> Result<()> {
        self.core().me()?;
        self.core().inbox().outbox.drop_refused(id).await?;
        self.core().emit(ClientEvent::TakenBackChanged);
        Ok(())
    }

    /// What the agent did and the server has not heard of.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn untold_count(&self) -> Result<u32> {
        self.core().inbox().outbox.untold_count().await
    }

    /// Closing says up to where the agent could see the thread: hours may pass before the server hears of it.
    async fn as_seen(&self, action: Action) -> Result<Action> {
        Ok(match action {
            Action::SetStatus { contact_id, status: ConversationStatus::Closed } => {
                Action::Close { contact_id, seen: self.newest_seen(contact_id).await? }
            }
            other => other,
        })
    }

    /// The newest text of the thread that is here and on the server.
    pub(super) async fn newest_seen(&self, contact_id: ContactId) -> Result<Option<MessageId>> {
        let newest = self.core().inbox().cache.newest_place(contact_id).await?;
        Ok((!newest.id.is_nil()).then_some(MessageId(newest.id)))
    }

    pub(super) fn workspace(&self, id: WorkspaceId) -> Result<WorkspaceView> {
        match self.session() {
            Session::SignedIn { workspaces, .. } => {
                workspaces.into_iter().find(|workspace| workspace.id == id).ok_or(Error::NotFound("team"))
            }
            Session::SignedOut { .. } => Err(Error::SignedOut),
        }
    }

    /// Whether what it is about is there, as this machine knows it. Answers the conversation in which it shows.
    async fn check(
        &self,
        workspace_id: WorkspaceId,
        action: &Action,
        me: UserId,
        is_admin: bool,
    ) -> Result<Option<ContactId>> {
        let inbox = self.core().inbox();
        if let Some(contact_id) = action.contact_id() {
            let contact = self.contact(contact_id).await?;
            if contact.workspace_id != workspace_id {
                return Err(Error::NotFound("contact"));
            }
        }
        match action {
            Action::Assign { user_id, .. } => {
                let team = inbox.cached_team(workspace_id).await?;
                // A cache that is just being filled knows nobody yet.
                if !team.members.is_empty() && !team.members.iter().any(|member| member.user_id == *user_id) {
                    return Err(Error::NotFound("member"));
                }
            }
            Action::AddLabel { label_id, .. }
            | Action::UpdateLabel { label_id, .. }
            | Action::DeleteLabel { label_id } => {
                let team = inbox.cached_team(workspace_id).await?;
                if !team.labels.iter().any(|label| label.id == *label_id) {
                    return Err(Error::NotFound("label"));
                }
            }
            Action::EditNote { note_id, .. } => {
                let note = self.note_of(workspace_id, *note_id, me).await?;
                if note.author_id != me {
                    return Err(Error::NotAllowed("Only its author can change a note."));
                }
                return Ok(Some(note.contact_id));
            }
            Action::DeleteNote { note_id } => {
                let note = self.note_of(workspace_id, *note_id, me).await?;
                if note.author_id != me && !is_admin {
                    return Err(Error::NotAllowed("Only its author, an admin or an owner can delete a note."));
                }
                return Ok(Some(note.contact_id));
            }
            Action::RenameMember { user_id, .. } if *user_id != me && !is_admin => {
                return Err(Error::NotAllowed("Only admins and owners can give somebody else a name."));
            }
            Action::MergeContacts { from, .. } => {
                let goes = self.contact(*from).await?;
                (goes.workspace_id == workspace_id).then_some(()).ok_or(Error::NotFound("contact"))?;
            }
            _ => {}
        }
        Ok(action.contact_id())
    }

    async fn note_of(&self, workspace_id: WorkspaceId, id: NoteId, me: UserId) -> Result<CachedNote> {
        let note = self.core().inbox().cached_note(id, me).await?;
        note.filter(|note| note.workspace_id == workspace_id).ok_or(Error::NotFound("note"))
    }
}
