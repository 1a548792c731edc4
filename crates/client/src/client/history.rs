//! What became of a conversation: asked of the server with its thread, and kept nowhere else.

use deskline_domain::ids::ContactId;

use super::Client;
#[cfg(doc)]
use crate::Error;
use crate::{Result, view::HistoryLine};

impl Client {
    /// Who did what with a conversation, and when, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Unreachable`], [`Error::SignedOut`].
    pub async fn history(&self, contact_id: ContactId) -> Result<Vec<HistoryLine>> {
        let core = self.core();
        core.me()?;
        let workspace_id = self.contact(contact_id).await?.workspace_id;
        let answer = core.call(|caller| async move { caller.history(workspace_id, contact_id).await }).await;
        let reply = answer.map_err(|error| error.into_error(&core.server()))?;
        Ok(reply.lines.into_iter().map(HistoryLine::from).collect())
    }
}
