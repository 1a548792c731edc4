//! What would become of a text if it was sent now: asked at every key, and answered from this machine.
//!
//! The rules are the domain's; here are the rows that they look at. What the team sends from is asked of the server now and then, in
//! the background, and kept: an answer never waits for it.

use std::time::Duration;

use deskline_domain::{
    gate::Outgoing,
    ids::{ContactId, WorkspaceId},
    outlook::{Draft, Ours, Outlook, outlook},
};
use tokio::time::Instant;
use tracing::debug;

use super::Client;
use crate::{Result, event::ClientEvent, outbox::attachments::total_size, view::Connection};

/// How old may be what is known of a team's numbers.
const OURS_GOOD_FOR: Duration = Duration::from_secs(10 * 60);

impl Client {
    /// What a text with the files of the conversation's draft would cost, whether it may leave, what time it is by the contact's number,
    /// and which number it goes out from.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    ///
    /// [`Error::NotFound`]: crate::Error::NotFound
    /// [`Error::SignedOut`]: crate::Error::SignedOut
    /// [`Error::Database`]: crate::Error::Database
    pub async fn outlook(&self, contact_id: ContactId, text: &str) -> Result<Outlook> {
        let core = self.core();
        core.me()?;
        let inbox = core.inbox();
        let contact = self.contact(contact_id).await?;
        let files = inbox.outbox.attachments(contact_id).await?;
        let last_seen = inbox.cache.last_seen(contact_id).await?;
        let ours = inbox.outbox.ours(contact.workspace_id).await?;
        self.look_at_numbers(contact.workspace_id, contact_id);
        Ok(outlook(Draft {
            outgoing: Outgoing { to: &contact.phone, content: text, media: files.len(), opted_out: contact.opted_out },
            media_bytes: total_size(&files),
            last_seen: &last_seen,
            ours: ours.as_ref(),
            at: core.now(),
        }))
    }

    /// Asks the server what the team sends from, unless it was asked a short while ago or is out of reach.
    fn look_at_numbers(&self, workspace_id: WorkspaceId, contact_id: ContactId) {
        let core = self.core();
        if core.connection() != Connection::Live || !core.ours_asked.is_due(workspace_id, OURS_GOOD_FOR, Instant::now())
        {
            return;
        }
        let core = core.clone();
        let looking = async move {
            let answer = core.call(|caller| async move { caller.sending(workspace_id).await }).await;
            let ours: Ours = match answer {
                Ok(sending) => sending.into(),
                // It is asked for again with a later key.
                Err(error) => return debug!(?error, "What the team sends from could not be asked"),
            };
            match core.inbox().outbox.set_ours(workspace_id, &ours).await {
                // The line under the composer is drawn anew with the row.
                Ok(true) => core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![contact_id] }),
                Ok(false) => {}
                Err(error) => debug!(%error, "What the team sends from could not be kept"),
            }
        };
        self.inner.always.spawn(self.inner.ended.clone().run_until_cancelled_owned(looking));
    }
}
