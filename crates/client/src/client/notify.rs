//! What an agent sets about notifications, and what they answer in one.

use deskline_domain::{
    command::Action,
    ids::{ContactId, MessageId},
    message::Direction,
};
use tracing::info;

use super::Client;
use crate::{
    Result,
    error::Error,
    event::ClientEvent,
    inbox::page::Place,
    notify::{
        Notification, Slot,
        answer::{self, Other},
        board::Order,
        settings::NotificationSettings,
    },
    view::{Message, NoticeKind},
};

/// What became of an answer that was given in a notification.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// It is on its way, as if it had been written in the window.
    Leaves(Box<Message>),
    /// It did not leave, and is the draft of its conversation now: why, in plain words. The agent was told.
    Kept(String),
}

/// More of a thread is not looked at to find out who answered.
const LOOKED_AT: i64 = 200;

impl Client {
    /// When to notify, and how.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn notification_settings(&self) -> Result<NotificationSettings> {
        self.core().inbox().outbox.notification_settings().await
    }

    /// Sets when to notify, and how, for whoever is signed in.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn set_notification_settings(&self, settings: NotificationSettings) -> Result<()> {
        self.core().me()?;
        self.core().inbox().outbox.set_notification_settings(&settings).await?;
        self.core().emit(ClientEvent::NotificationSettingsChanged);
        Ok(())
    }

    /// Wants no notifications of a conversation any more, or wants them again. At this desktop alone.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn set_muted(&self, contact_id: ContactId, muted: bool) -> Result<()> {
        let core = self.core();
        core.me()?;
        self.contact(contact_id).await?;
        core.inbox().outbox.set_muted(contact_id, muted, core.now()).await?;
        if muted {
            core.withdraw(&[contact_id]).await;
        }
        core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![contact_id] });
        Ok(())
    }

    /// Sends what was answered in a notification whose newest text was `newest`. When somebody else answered that text meanwhile, or
    /// the gate says no, it is kept as the conversation's draft, and a notification says why.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::SignedOut`], [`Error::DiskFull`], [`Error::Database`]: it is kept nowhere then.
    pub async fn answer(&self, contact_id: ContactId, newest: MessageId, text: String) -> Result<Answered> {
        if text.trim().is_empty() {
            return Ok(Answered::Kept("There was nothing in it.".to_owned()));
        }
        let name = self.core().inbox().contact_name(contact_id).await?.ok_or(Error::NotFound("contact"))?;
        let others = self.others_after(contact_id, newest).await?;
        if let Some(why) = answer::refuse(&name, &others) {
            return self.keep_answer(contact_id, &name, &text, why).await;
        }
        match self.send_message(contact_id, text.clone()).await {
            Ok(echo) => {
                // What the notification showed was read; what came since was not.
                let workspace_id = self.contact(contact_id).await?.workspace_id;
                self.perform(workspace_id, Action::MarkRead { contact_id, up_to: Some(newest) }).await?;
                self.core().withdraw(&[contact_id]).await;
                Ok(Answered::Leaves(Box::new(echo)))
            }
            Err(Error::Refused(refusal)) => {
                let why = format!("{refusal} What you wrote is kept as your draft.");
                self.keep_answer(contact_id, &name, &text, why).await
            }
            Err(error) => Err(error),
        }
    }

    /// What others of the team wrote in a thread after one of its texts, oldest first.
    async fn others_after(&self, contact_id: ContactId, newest: MessageId) -> Result<Vec<Other>> {
        let core = self.core();
        let me = core.me()?;
        let cache = core.inbox().cache;
        // A text that is gone was seen last: whatever is there by now came later or is older, and nobody can say which.
        let Some(seen) = cache.message(newest).await? else { return Ok(Vec::new()) };
        let after = Place { at: seen.created_at, id: seen.id.0 };
        let written = cache.page_after(contact_id, after, LOOKED_AT).await?;
        let outbound = written.into_iter().filter(|text| text.direction == Direction::Outbound);
        let by_others = outbound.filter(|text| text.sent_by != Some(me.0));
        let workspace_id = self.contact(contact_id).await?.workspace_id;
        let team = self.team(workspace_id).await?;
        Ok(by_others
            .map(|text| Other {
                author: team
                    .members
                    .iter()
                    .find(|member| Some(member.user_id.0) == text.sent_by)
                    .map(|member| member.name.clone()),
                failed: text.status.is_failure(),
                content: text.content,
            })
            .collect())
    }

    /// Under what was begun meanwhile, so that nothing of either is lost.
    async fn keep_answer(&self, contact_id: ContactId, name: &str, text: &str, why: String) -> Result<Answered> {
        let core = self.core();
        let begun = self.draft(contact_id).await?.filter(|begun| !begun.trim().is_empty());
        let draft = begun.map_or_else(|| text.to_owned(), |begun| format!("{begun}\n{text}"));
        self.save_draft(contact_id, draft).await?;
        // A composer that is open has a copy of its own.
        core.emit(ClientEvent::DraftChanged { contact_id });
        info!(%contact_id, "An answer from a notification did not leave, and is a draft now");
        core.change_local_copy(|copy| copy.tell(NoticeKind::AnswerKept, why.clone()));
        let settings = core.notification_settings().await;
        let told = Notification {
            slot: Slot::Conversation(contact_id),
            contact_id,
            title: format!("Not sent to {name}"),
            body: why.clone(),
            count: 1,
            newest: None,
            silent: !settings.sound,
        };
        core.on_board(|_| vec![Order::Show(told)]);
        Ok(Answered::Kept(why))
    }
}
