//! Writing to a contact: what is written is stored here before the method returns, shown at once, and sent by a task.

use chrono::TimeDelta;
use deskline_domain::{
    command::Action,
    gate::{self, Outgoing},
    ids::{AttachmentId, ContactId, MessageId},
    protocol::ReplySettings,
};

use reqwest::StatusCode;
use tokio::time::Instant;

use super::Client;
use crate::{
    Result,
    cache::contacts::CachedContact,
    database::from_micros,
    error::Error,
    event::ClientEvent,
    inbox::{state, thread::just_written},
    outbox::{
        attachments::{Attachment, total_size},
        entries::{NewEntry, Written},
        hold::HoldConditions,
    },
    upstream::answer::CallError,
    view::{Later, Message, MessageState},
};

impl Client {
    /// Queues a text. It is on disk when this returns; the answer is the bubble to show.
    ///
    /// # Errors
    /// [`Error::Refused`] when the gate says no, [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn send_message(&self, contact_id: ContactId, text: String) -> Result<Message> {
        self.send_with(contact_id, text, &[]).await
    }

    /// The same, with files of the conversation's draft: they move to the text, in their order.
    ///
    /// # Errors
    /// As of [`Client::send_message`]; [`Error::NotFound`] also when the draft has no such file any more.
    pub async fn send_with(&self, contact_id: ContactId, text: String, files: &[AttachmentId]) -> Result<Message> {
        self.queue(None, contact_id, text, files, None).await
    }

    /// The same for a text that is shown already, under an id that was made where it was written.
    ///
    /// # Errors
    /// As of [`Client::send_with`]; [`Error::Database`] also when there is a text of this id.
    pub async fn send_shown(
        &self,
        id: MessageId,
        contact_id: ContactId,
        text: String,
        files: &[AttachmentId],
    ) -> Result<Message> {
        self.queue(Some(id), contact_id, text, files, None).await
    }

    pub(super) async fn queue(
        &self,
        id: Option<MessageId>,
        contact_id: ContactId,
        text: String,
        files: &[AttachmentId],
        later: Option<Later>,
    ) -> Result<Message> {
        let core = self.core();
        let me = core.me()?;
        let inbox = core.inbox();
        let contact = self.contact(contact_id).await?;
        let mut attached = if files.is_empty() { Vec::new() } else { inbox.outbox.attachments(contact_id).await? };
        attached.retain(|file| files.contains(&file.id));
        check(&contact, &text, &attached)?;

        // Never above the newest text of the thread, whatever the clock of this machine says.
        let newest = inbox.cache.newest_at(contact_id).await?.max(inbox.outbox.newest_entry_at(contact_id).await?);
        let created_at = match newest.map(from_micros) {
            Some(newest) => core.now().max(newest + TimeDelta::microseconds(1)),
            None => core.now(),
        };
        let id = id.unwrap_or_else(|| MessageId::v7(created_at, core.options.dice.bytes()));
        let written = self.written(contact_id).await?;
        let entry = NewEntry {
            id,
            workspace_id: contact.workspace_id,
            contact_id,
            content: text,
            created_at,
            written,
            files: files.to_vec(),
            later,
        };
        inbox.outbox.push(&entry, core.now()).await?;
        core.presence.stop_typing(contact_id);
        core.drafts.edited.notify_one();

        let echo = just_written(&entry, me);
        // Its files are shown with it, if they can be looked up.
        let echo = if files.is_empty() { echo } else { inbox.message(id, me).await.unwrap_or(echo) };
        core.wake_sender.notify_one();
        core.announce_message(contact_id, id);
        core.announce_waiting().await;
        Ok(echo)
    }

    /// Sends a text again under its own id: a parked or held one, or one that failed on the server. It waits here until it can leave; one for
    /// later whose time is over does so at once.
    ///
    /// # Errors
    /// [`Error::AlreadySent`] when it did not fail, [`Error::Refused`], [`Error::NotFound`], [`Error::SignedOut`],
    /// [`Error::Database`].
    pub async fn retry(&self, id: MessageId) -> Result<()> {
        let core = self.core();
        let message = core.inbox().message(id, core.me()?).await?;
        let contact_id = message.contact_id;
        match message.state {
            MessageState::Parked | MessageState::Held | MessageState::Waiting => {
                let files = core.inbox().outbox.entry(id).await?.map(|entry| entry.files).unwrap_or_default();
                check(&self.contact(contact_id).await?, &message.content, &files)?;
                let written = self.written(contact_id).await?;
                core.inbox().outbox.unpark(id, written, core.now()).await?;
                core.wake_sender.notify_one();
                core.announce_message(contact_id, id);
                core.announce_waiting().await;
                Ok(())
            }
            MessageState::Failed => {
                let contact = self.contact(contact_id).await?;
                let seen = self.newest_seen(contact_id).await?;
                self.perform(contact.workspace_id, Action::Resend { contact_id, message_id: id, seen }).await
            }
            _ => Err(Error::AlreadySent),
        }
    }

    /// Throws away a text that never left this machine; of one that failed on the server and was to be sent once more, only that.
    ///
    /// # Errors
    /// [`Error::AlreadySent`] when the server has it or may have it, [`Error::NotFound`], [`Error::SignedOut`],
    /// [`Error::Database`].
    pub async fn discard(&self, id: MessageId) -> Result<()> {
        let core = self.core();
        core.me()?;
        let inbox = core.inbox();
        let contact_id = match inbox.cache.message(id).await? {
            Some(message) if inbox.outbox.drop_resend(id).await? => message.contact_id,
            Some(_) => return Err(Error::AlreadySent),
            None => inbox.outbox.discard(id).await?.contact_id,
        };
        // It may have held up later ones.
        core.wake_sender.notify_one();
        core.announce_message(contact_id, id);
        core.announce_waiting().await;
        Ok(())
    }

    /// Makes a text that never left this machine the draft of its conversation again, above what was begun meanwhile; one that
    /// failed on the server stays there, and is begun anew. Answers the draft.
    ///
    /// # Errors
    /// As of [`Client::discard`].
    pub async fn take_back(&self, id: MessageId) -> Result<String> {
        let core = self.core();
        core.me()?;
        let inbox = core.inbox();
        let contact_id = match inbox.cache.message(id).await? {
            Some(message) if inbox.outbox.drop_resend(id).await? || state::failure(&message).is_some() => {
                inbox.outbox.begin_above(message.contact_id, &message.content, core.now()).await?;
                message.contact_id
            }
            Some(_) => return Err(Error::AlreadySent),
            None => inbox.outbox.take_back(id, core.now()).await?.contact_id,
        };
        core.drafts.edited.notify_one();
        core.wake_sender.notify_one();
        core.announce_message(contact_id, id);
        core.announce_waiting().await;
        Ok(inbox.outbox.draft(contact_id).await?.unwrap_or_default())
    }

    /// Calls a text off that waits on the server: it never leaves, or the answer says why it may have. Waits for the server, since
    /// nobody else can tell.
    ///
    /// # Errors
    /// [`Error::CannotCallOff`] with the server's reason, [`Error::Unreachable`], [`Error::SignedOut`].
    pub async fn call_off(&self, id: MessageId) -> Result<()> {
        let core = self.core();
        core.me()?;
        match core.call(|caller| async move { caller.cancel(id).await }).await {
            Ok(_) => {
                core.check_sync.notify_one();
                Ok(())
            }
            Err(CallError::Said { status, body, .. }) if status == StatusCode::CONFLICT => {
                // What became of it may be on its way.
                core.check_sync.notify_one();
                Err(Error::CannotCallOff(body.error))
            }
            Err(error) => Err(error.into_error(&core.server())),
        }
    }

    /// When to ask before a text leaves late.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn hold_conditions(&self) -> Result<HoldConditions> {
        self.core().inbox().outbox.hold_conditions().await
    }

    /// Sets when to ask before a text leaves late, for every text that waits here.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn set_hold_conditions(&self, conditions: HoldConditions) -> Result<()> {
        self.core().inbox().outbox.set_hold_conditions(&conditions).await
    }

    /// Keeps a text that was begun; a blank one takes the draft away.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn save_draft(&self, contact_id: ContactId, text: String) -> Result<()> {
        let core = self.core();
        core.me()?;
        if core.inbox().outbox.save_draft(contact_id, &text, core.now()).await? {
            core.drafts.edited.notify_one();
            core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![contact_id] });
        }
        Ok(())
    }

    /// Keeps what stands beside the text: the note that was begun, and whether a text for later is called off when the contact writes first.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn save_reply(&self, contact_id: ContactId, reply: ReplySettings) -> Result<()> {
        let core = self.core();
        core.me()?;
        if let Some(before) = core.inbox().outbox.save_reply(contact_id, &reply, core.now()).await? {
            if before.note != reply.note {
                core.presence.note_beside(contact_id, &reply.note, Instant::now());
            }
            core.drafts.edited.notify_one();
            core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![contact_id] });
        }
        Ok(())
    }

    /// What the agent knows of the thread at this moment.
    async fn written(&self, contact_id: ContactId) -> Result<Written> {
        let core = self.core();
        let after = core.inbox().cache.newest_place(contact_id).await?;
        Ok(Written { at: core.now(), after, live: core.is_caught_up() })
    }

    pub(super) async fn contact(&self, id: ContactId) -> Result<CachedContact> {
        self.core().inbox().cache.contact(id).await?.ok_or(Error::NotFound("contact"))
    }
}

fn check(contact: &CachedContact, text: &str, files: &[Attachment]) -> Result<()> {
    let outgoing = Outgoing { to: &contact.phone, content: text, media: files.len(), opted_out: contact.opted_out };
    gate::check(outgoing)?;
    gate::check_files(total_size(files))?;
    Ok(())
}
