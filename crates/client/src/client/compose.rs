//! Writing to a contact: what is written is stored here before the method returns, shown at once, and sent by a task.

use chrono::TimeDelta;
use deskline_domain::{
    gate::{self, Outgoing},
    ids::{ContactId, MessageId},
};

use super::Client;
use crate::{
    Result,
    cache::contacts::CachedContact,
    database::from_micros,
    error::Error,
    event::ClientEvent,
    inbox::thread::just_written,
    outbox::{
        entries::{NewEntry, Written},
        hold::HoldConditions,
    },
    view::{Message, MessageState},
};

impl Client {
    /// Queues a text. It is on disk when this returns; the answer is the bubble to show.
    ///
    /// # Errors
    /// [`Error::Refused`] when the gate says no, [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn send_message(&self, contact_id: ContactId, text: String) -> Result<Message> {
        let core = self.core();
        let me = core.me()?;
        let inbox = core.inbox();
        let contact = self.contact(contact_id).await?;
        check(&contact, &text)?;

        // Never above the newest text of the thread, whatever the clock of this machine says.
        let newest = inbox.cache.newest_at(contact_id).await?.max(inbox.outbox.newest_entry_at(contact_id).await?);
        let created_at = match newest.map(from_micros) {
            Some(newest) => core.now().max(newest + TimeDelta::microseconds(1)),
            None => core.now(),
        };
        let id = MessageId::v7(created_at, core.options.dice.bytes());
        let written = self.written(contact_id).await?;
        let entry = NewEntry { id, workspace_id: contact.workspace_id, contact_id, content: text, created_at, written };
        inbox.outbox.push(&entry, core.now()).await?;

        let echo = just_written(&entry, me);
        core.wake_sender.notify_one();
        core.announce_message(contact_id, id);
        core.announce_waiting().await;
        Ok(echo)
    }

    /// Sends a text again: a parked or held one under its own id, one that failed on the server as a new text.
    ///
    /// # Errors
    /// [`Error::AlreadySent`] when it did not fail, [`Error::Refused`], [`Error::NotFound`], [`Error::SignedOut`],
    /// [`Error::Database`].
    pub async fn retry(&self, id: MessageId) -> Result<()> {
        let core = self.core();
        let message = core.inbox().message(id, core.me()?).await?;
        match message.state {
            MessageState::Parked | MessageState::Held | MessageState::Waiting => {
                check(&self.contact(message.contact_id).await?, &message.content)?;
                let written = self.written(message.contact_id).await?;
                core.inbox().outbox.unpark(id, written, core.now()).await?;
                core.wake_sender.notify_one();
                core.announce_message(message.contact_id, id);
                core.announce_waiting().await;
                Ok(())
            }
            MessageState::Failed => self.send_message(message.contact_id, message.content).await.map(drop),
            _ => Err(Error::AlreadySent),
        }
    }

    /// Throws away a text that never left this machine.
    ///
    /// # Errors
    /// [`Error::AlreadySent`] when the server has it or may have it, [`Error::NotFound`], [`Error::SignedOut`],
    /// [`Error::Database`].
    pub async fn discard(&self, id: MessageId) -> Result<()> {
        let core = self.core();
        core.me()?;
        if core.inbox().cache.message(id).await?.is_some() {
            return Err(Error::AlreadySent);
        }
        let entry = core.inbox().outbox.discard(id).await?;
        // It may have held up later ones.
        core.wake_sender.notify_one();
        core.announce_message(entry.contact_id, id);
        core.announce_waiting().await;
        Ok(())
    }

    /// Makes a text that never left this machine the draft of its conversation again, above what was begun meanwhile. Answers the
    /// draft.
    ///
    /// # Errors
    /// As of [`Client::discard`].
    pub async fn take_back(&self, id: MessageId) -> Result<String> {
        let core = self.core();
        core.me()?;
        let inbox = core.inbox();
        if inbox.cache.message(id).await?.is_some() {
            return Err(Error::AlreadySent);
        }
        let entry = inbox.outbox.take_back(id, core.now()).await?;
        core.wake_sender.notify_one();
        core.announce_message(entry.contact_id, id);
        core.announce_waiting().await;
        Ok(inbox.outbox.draft(entry.contact_id).await?.unwrap_or_default())
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

fn check(contact: &CachedContact, text: &str) -> Result<()> {
    gate::check(Outgoing { to: &contact.phone, content: text, media: 0, opted_out: contact.opted_out })?;
    Ok(())
}
