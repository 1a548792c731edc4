//! A workspace's Twilio account and numbers.
//!
//! Called by `test-connection`, by the webhook (which token verifies this?) and by the admin commands. The token is sealed on its
//! way in and opened on its way out; it leaves this crate only inside a [`SecretString`].

use deskline_domain::ids::WorkspaceId;
use secrecy::SecretString;
use serde_json::Value;

use crate::{Result, Store};

/// The row of `workspace_twilio_config`.
#[derive(Clone, Debug)]
pub struct TwilioAccount {
    /// `AC…`
    pub account_sid: String,
    /// The account's token, opened. Empty when none is stored; an empty token verifies nothing.
    pub auth_token: SecretString,
    /// Whether the credentials were checked and may be used to send.
    pub is_configured: bool,
    /// `MG…` of a Messaging Service that texts to this workspace may arrive through.
    pub messaging_service_sid: Option<String>,
}

/// One of a workspace's own numbers: a row of `twilio_numbers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// `PN…`; unknown for a number that another program wrote.
    pub sid: Option<String>,
    /// E.164.
    pub phone_number: String,
    /// As the account calls it.
    pub friendly_name: Option<String>,
    /// Twilio's object `{"sms": true, "mms": true, "voice": false}`.
    pub capabilities: Value,
}

impl Store {
    /// The workspace's account, configured or not; `None` when nothing was ever stored.
    ///
    /// # Errors
    /// [`crate::Error::Key`] when the token was sealed with another key; [`crate::Error::Database`].
    pub async fn twilio_account(&self, workspace: WorkspaceId) -> Result<Option<TwilioAccount>> {
        todo!()
    }

    /// Every workspace that uses this account. Empty for an account that nobody knows.
    ///
    /// # Errors
    /// [`crate::Error::Key`]; [`crate::Error::Database`].
    pub async fn twilio_account_by_sid(&self, account_sid: &str) -> Result<Vec<(WorkspaceId, TwilioAccount)>> {
        todo!()
    }

    /// Stores checked credentials and the account's numbers in one transaction: added, renamed and removed ones.
    ///
    /// # Errors
    /// [`crate::Error::UnknownWorkspace`]; [`crate::Error::Database`].
    pub async fn save_twilio_account(
        &self,
        workspace: WorkspaceId,
        account_sid: &str,
        auth_token: &SecretString,
        numbers: &[Number],
    ) -> Result<()> {
        todo!()
    }

    /// Makes the workspace's numbers exactly these: added, renamed and removed ones.
    ///
    /// # Errors
    /// [`crate::Error::UnknownWorkspace`]; [`crate::Error::Database`].
    pub async fn sync_numbers(&self, workspace: WorkspaceId, numbers: &[Number]) -> Result<()> {
        todo!()
    }

    /// The workspace's numbers, the one that was there first leading.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn numbers(&self, workspace: WorkspaceId) -> Result<Vec<Number>> {
        todo!()
    }

    /// The workspaces that have this number, the first to have it leading. More than one only where teams share an account:
    /// take the one whose account is the webhook's `AccountSid`.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn workspaces_of_number(&self, phone_number: &str) -> Result<Vec<WorkspaceId>> {
        todo!()
    }

    /// The workspaces that this Messaging Service (`MG…`) belongs to.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn workspaces_of_messaging_service(&self, sid: &str) -> Result<Vec<WorkspaceId>> {
        todo!()
    }
}
