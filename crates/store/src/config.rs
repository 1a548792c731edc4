//! A workspace's Twilio account and numbers.
//!
//! Called by `test-connection`, by the webhook (which token verifies this?) and by the admin commands. The token is sealed on its
//! way in and opened on its way out; it leaves this crate only inside a [`SecretString`].

use std::collections::HashMap;

use deskline_domain::ids::WorkspaceId;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Asked, Error, KeyError, Result, Store, error::violates};

/// The row of `workspace_twilio_config`.
#[derive(Clone, Debug)]
pub struct TwilioAccount {
    /// `AC…`
    pub account_sid: String,
    /// The account's token, opened. Empty when none is stored; an empty token verifies nothing.
    pub auth_token: SecretString,
    /// Whether it is used with a key of the asker's own: an agent's desktop sees no token.
    pub by_own_key: bool,
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
        Ok(self.twilio_accounts(&[workspace]).await?.remove(&workspace))
    }

    /// The same for several workspaces.
    pub(crate) async fn twilio_accounts(
        &self,
        workspaces: &[WorkspaceId],
    ) -> Result<HashMap<WorkspaceId, TwilioAccount>> {
        let workspaces: Vec<Uuid> = workspaces.iter().map(|workspace| workspace.0).collect();
        let rows = if self.key.is_some() {
            sqlx::query_as!(
                AccountRow,
                "select workspace_id, account_sid, auth_token, is_configured, messaging_service_sid
                 from workspace_twilio_config where workspace_id = any($1)",
                &workspaces,
            )
            .fetch_all(&self.pool)
            .await?
        } else {
            // An agent's role has no right on tokens, and needs none.
            sqlx::query_as!(
                AccountRow,
                r#"select workspace_id, account_sid, null as "auth_token?", is_configured, messaging_service_sid
                   from workspace_twilio_config where workspace_id = any($1)"#,
                &workspaces,
            )
            .fetch_all(&self.pool)
            .await?
        };
        rows.iter().map(|row| Ok((WorkspaceId(row.workspace_id), self.open_account(row)?))).collect()
    }

    /// `AC…` of the workspace's account, configured or not. Opens no token.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn account_sid_of(&self, workspace: WorkspaceId) -> Result<Option<String>> {
        let sid = sqlx::query_scalar!(
            "select account_sid from workspace_twilio_config where workspace_id = $1",
            workspace.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(sid.flatten())
    }

    /// Every workspace that uses this account, but for those whose token cannot be opened. Empty for an account that nobody knows.
    ///
    /// # Errors
    /// [`crate::Error::Key`] when none of their tokens can be opened; [`crate::Error::Database`].
    pub async fn twilio_account_by_sid(&self, account_sid: &str) -> Result<Vec<(WorkspaceId, TwilioAccount)>> {
        let asked = Asked { account_sid: account_sid.to_owned(), ..Asked::default() };
        let mut unreadable = None;
        let mut accounts = Vec::new();
        for (workspace, account) in self.look_up(asked).await?.accounts {
            match account {
                Ok(account) => accounts.push((workspace, account)),
                Err(error) => {
                    tracing::error!(%workspace, %error, "this workspace's token cannot be opened; connect its account again");
                    unreadable = Some(error);
                }
            }
        }
        // Others who have the account are not shut out by it.
        match unreadable {
            Some(error) if accounts.is_empty() => Err(error),
            _ => Ok(accounts),
        }
    }

    /// Stores checked credentials and the account's numbers in one transaction: added, renamed and removed ones. Another account than
    /// before starts afresh: it has another one's Messaging Service no more, and what it did before now is none of ours.
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
        let key = self.key.as_ref().ok_or(KeyError::NoKey)?;
        let sealed = key.seal(workspace, rand::random(), auth_token)?;
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "insert into workspace_twilio_config as c (workspace_id, account_sid, auth_token, is_configured)
             values ($1, $2, $3, true)
             on conflict (workspace_id) do update
             set account_sid = excluded.account_sid, auth_token = excluded.auth_token, is_configured = true, updated_at = now(),
                 messaging_service_sid = case when c.account_sid = excluded.account_sid then c.messaging_service_sid end,
                 created_at = case when c.account_sid = excluded.account_sid then c.created_at else now() end",
            workspace.0,
            account_sid,
            sealed,
        )
        .execute(&mut *tx)
        .await
        .map_err(unknown_workspace)?;
        replace_numbers(&mut tx, workspace, numbers).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes the workspace's numbers exactly these: added, renamed and removed ones.
    ///
    /// # Errors
    /// [`crate::Error::UnknownWorkspace`]; [`crate::Error::Database`].
    pub async fn sync_numbers(&self, workspace: WorkspaceId, numbers: &[Number]) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        replace_numbers(&mut tx, workspace, numbers).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The workspace's numbers, the one that was there first leading.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn numbers(&self, workspace: WorkspaceId) -> Result<Vec<Number>> {
        Ok(sqlx::query_as!(
            Number,
            "select sid, phone_number, friendly_name, capabilities from twilio_numbers where workspace_id = $1 order by position",
            workspace.0,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    pub(crate) fn open_account(&self, row: &AccountRow) -> Result<TwilioAccount> {
        let sealed = row.auth_token.as_deref().unwrap_or_default();
        Ok(TwilioAccount {
            account_sid: row.account_sid.clone().unwrap_or_default(),
            auth_token: match &self.key {
                Some(key) => key.open(WorkspaceId(row.workspace_id), sealed)?,
                None => SecretString::default(),
            },
            by_own_key: self.key.is_none(),
            is_configured: row.is_configured,
            messaging_service_sid: row.messaging_service_sid.clone(),
        })
    }
}

/// As it is stored, with the token sealed.
pub(crate) struct AccountRow {
    pub(crate) workspace_id: Uuid,
    pub(crate) account_sid: Option<String>,
    pub(crate) auth_token: Option<String>,
    pub(crate) is_configured: bool,
    pub(crate) messaging_service_sid: Option<String>,
}

impl TwilioAccount {
    /// Whether texts can be sent with it: checked, and complete.
    #[must_use]
    pub fn can_send(&self) -> bool {
        let has_secret = self.by_own_key || !self.auth_token.expose_secret().is_empty();
        self.is_configured && !self.account_sid.is_empty() && has_secret
    }
}

async fn replace_numbers(tx: &mut PgConnection, workspace: WorkspaceId, numbers: &[Number]) -> Result<()> {
    for number in numbers {
        sqlx::query!(
            "insert into twilio_numbers (workspace_id, phone_number, sid, friendly_name, capabilities)
             values ($1, $2, $3, $4, $5)
             on conflict (workspace_id, phone_number) do update
             set sid = excluded.sid, friendly_name = excluded.friendly_name, capabilities = excluded.capabilities",
            workspace.0,
            number.phone_number,
            number.sid,
            number.friendly_name,
            number.capabilities,
        )
        .execute(&mut *tx)
        .await
        .map_err(unknown_workspace)?;
    }
    let kept: Vec<String> = numbers.iter().map(|number| number.phone_number.clone()).collect();
    sqlx::query!("delete from twilio_numbers where workspace_id = $1 and phone_number <> all ($2)", workspace.0, &kept)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

fn unknown_workspace(error: sqlx::Error) -> Error {
    let unknown = ["workspace_twilio_config_workspace_fkey", "twilio_numbers_workspace_fkey"];
    if unknown.iter().any(|constraint| violates(&error, constraint)) { Error::UnknownWorkspace } else { error.into() }
}
