//! What the agent does right now, as the window tells it, and what colleagues do.

use deskline_domain::ids::ContactId;
use tokio::time::Instant;

use super::Client;
use crate::{
    Result,
    database::from_micros,
    inbox::page::Place,
    presence::claim::{self, Answer, Facts},
    view::{Claim, Colleagues, Focus},
};

impl Client {
    /// What the agent looks at: no notification is shown for a text whose thread is on screen, and colleagues see who looks at it.
    pub async fn set_focus(&self, focus: Focus) {
        let core = self.core();
        core.set_focus(focus);
        let home = match focus.contact_id {
            Some(contact_id) => self.contact(contact_id).await.ok().map(|contact| contact.workspace_id),
            None => None,
        };
        core.presence.look(focus, home, Instant::now());
    }

    /// A key was pressed in the text to a contact: colleagues see who writes. `blank` once nothing is left of the text.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`], [`crate::Error::SignedOut`], [`crate::Error::Database`].
    pub async fn typing(&self, contact_id: ContactId, blank: bool) -> Result<()> {
        let core = self.core();
        core.me()?;
        if blank {
            core.presence.stop_typing(contact_id);
            return Ok(());
        }
        let contact = self.contact(contact_id).await?;
        let newest = core.inbox().cache.newest_place(contact_id).await?;
        core.presence.type_to(contact_id, contact.workspace_id, newest, Instant::now());
        Ok(())
    }

    /// Whether the agent is away, whatever the window says. Until the program ends.
    pub fn set_away(&self, away: bool) {
        self.core().presence.set_away(away);
        self.core().announce_colleagues();
    }

    /// What colleagues do right now.
    ///
    /// # Errors
    /// [`crate::Error::SignedOut`].
    pub fn colleagues(&self) -> Result<Colleagues> {
        let me = self.core().me()?;
        Ok(self.core().presence.colleagues(me, Instant::now()))
    }

    /// Whether somebody else is at it: what an agent is told before the text that they have begun is sent.
    ///
    /// # Errors
    /// [`crate::Error::SignedOut`], [`crate::Error::Database`].
    pub async fn claim(&self, contact_id: ContactId) -> Result<Option<Claim>> {
        let core = self.core();
        let me = core.me()?;
        let began = core.presence.began(contact_id);
        let answer = match began {
            Some(began) => core.inbox().cache.answer_after(contact_id, began, me).await?,
            None => None,
        };
        let answer = answer.map(|message| Answer {
            place: Place { at: message.created_at, id: message.id.0 },
            user_id: message.sent_by.map(Into::into),
            text: message.content,
            at: from_micros(message.created_at),
        });
        Ok(claim::claim(Facts { began, answer, typing: core.presence.typing_to(contact_id, me, Instant::now()) }))
    }
}
