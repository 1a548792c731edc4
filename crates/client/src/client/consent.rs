//! Whether a contact wishes to be texted: asked of the server and told to it, and kept nowhere else.
//!
//! What the contact itself said can be taken back by the contact alone; the server decides.

use deskline_domain::ids::{ContactId, WorkspaceId};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Client;
use crate::{
    Result,
    error::Error,
    upstream::answer::CallError,
    view::{Consent, admin::OptOuts},
};

impl Client {
    /// Who opted a contact out or in, and when, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Unreachable`], [`Error::SignedOut`].
    pub async fn consents(&self, contact_id: ContactId) -> Result<Vec<Consent>> {
        let core = self.core();
        core.me()?;
        let workspace_id = self.contact(contact_id).await?.workspace_id;
        let answer = core.call(|caller| async move { caller.consents(workspace_id, contact_id).await }).await;
        let reply = answer.map_err(|error| error.into_error(&core.server()))?;
        Ok(reply.consents.into_iter().map(Consent::from).collect())
    }

    /// No more texts to this contact, for the reason that the agent gives. Waits for the server.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::CannotChange`] with the server's reason, [`Error::Unreachable`], [`Error::SignedOut`].
    pub async fn opt_out(&self, contact_id: ContactId, reason: String) -> Result<()> {
        self.decide(contact_id, "opt-out", reason).await
    }

    /// Texts again, where it was an agent who opted the contact out. Waits for the server.
    ///
    /// # Errors
    /// As of [`Client::opt_out`].
    pub async fn opt_in(&self, contact_id: ContactId, reason: String) -> Result<()> {
        self.decide(contact_id, "opt-in", reason).await
    }

    /// Everybody of a team who opted out, the latest first; with `search`, those whose name has it, or whose number has its digits. For
    /// owners and admins.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::SignedOut`], [`Error::Server`] with the server's reason.
    pub async fn opt_outs(&self, workspace_id: WorkspaceId, search: &str) -> Result<OptOuts> {
        let core = self.core();
        let answer = core.call(|caller| async move { caller.opt_outs(workspace_id, search).await }).await;
        answer.map_err(|error| error.into_error(&core.server()))
    }

    async fn decide(&self, contact_id: ContactId, what: &str, reason: String) -> Result<()> {
        let core = self.core();
        core.me()?;
        let workspace_id = self.contact(contact_id).await?.workspace_id;
        let (path, body) =
            (&format!("/contacts/{contact_id}/{what}"), &json!({ "workspaceId": workspace_id, "reason": reason }));
        let answer = core.call(|caller| async move { caller.tell::<Value>(path, body).await }).await;
        // The contact's row comes with the feed.
        core.check_sync.notify_one();
        answer.map(drop).map_err(|error| match error {
            CallError::Said { status: StatusCode::BAD_REQUEST | StatusCode::CONFLICT, body, .. } => {
                Error::CannotChange(body.error)
            }
            error => error.into_error(&core.server()),
        })
    }
}
