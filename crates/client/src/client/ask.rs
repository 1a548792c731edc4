//! What the server alone knows: asked when somebody looks at it, and kept nowhere.
//!
//! With the files of [`super::media`], the only questions that wait for the network.

use deskline_domain::ids::MessageId;

use super::Client;
use crate::{Result, view::LedgerLine};

impl Client {
    /// Everything that is known to have happened to a text, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Unreachable`], [`Error::SignedOut`].
    ///
    /// [`Error::NotFound`]: crate::Error::NotFound
    /// [`Error::Unreachable`]: crate::Error::Unreachable
    /// [`Error::SignedOut`]: crate::Error::SignedOut
    pub async fn ledger(&self, id: MessageId) -> Result<Vec<LedgerLine>> {
        let core = self.core();
        core.me()?;
        let contact_id = self.message(id).await?.contact_id;
        let workspace_id = self.contact(contact_id).await?.workspace_id;
        let answer = core.call(|caller| async move { caller.ledger(workspace_id, id).await }).await;
        let reply = answer.map_err(|error| error.into_error(&core.server()))?;
        Ok(reply.entries.into_iter().map(LedgerLine::from).collect())
    }

    /// Has the server fetch the files of an inbound text again that it had given up. How that ends is told as a change of the text.
    ///
    /// # Errors
    /// As of [`Client::ledger`].
    pub async fn fetch_files_again(&self, id: MessageId) -> Result<()> {
        let core = self.core();
        core.me()?;
        let contact_id = self.message(id).await?.contact_id;
        let workspace_id = self.contact(contact_id).await?.workspace_id;
        let answer = core.call(|caller| async move { caller.fetch_again(workspace_id, id).await }).await;
        answer.map_err(|error| error.into_error(&core.server()))
    }
}
