//! Handing out what an agent's desktop needs to work without this server, and taking it back: a login role in Postgres, and a key of each Twilio
//! account.
//!
//! Called by the admins' route, by the desktop's own (`http/direct`), by the command line and by [`crate::chores`]. What a login role may see and
//! do is Postgres's business; secrets go to the desktop once, and are kept nowhere here.

use std::time::Duration;

use deskline_domain::{
    ids::{UserId, WorkspaceId},
    protocol::{DirectAccess, TwilioKey},
};
use deskline_store::{AgentRole, Store, Trouble};
use deskline_twilio::{Client, Credentials};
use secrecy::ExposeSecret;
use url::Url;
use uuid::Uuid;

use crate::{Config, config::Timers, edge, error::ApiError};

/// Login roles that one agent may have at once: one a desktop, and some for the moment in which one takes another one's place. The oldest
/// goes first.
const ROLES: usize = 6;

const NOT_OFFERED: &str = "This server hands out no direct access. Set DESKLINE_DIRECT_DATABASE_URL to the address at which desktops reach Postgres.";
const MAY_NOT: &str = "The role that this server works with may not make login roles. Give it CREATEROLE, and deskline_agent with admin option.";

/// What it takes to hand access out.
#[derive(Debug)]
pub struct Direct<'a> {
    store: &'a Store,
    config: &'a Config,
}

impl<'a> Direct<'a> {
    /// With a server's settings.
    #[must_use]
    pub const fn new(store: &'a Store, config: &'a Config) -> Self {
        Self { store, config }
    }

    /// Lets a member work directly in a workspace. Their desktops fetch what they need by themselves.
    ///
    /// # Errors
    /// 404 for somebody who is no member; 409 with a sentence when this server cannot hand out anything.
    pub async fn allow(&self, workspace: WorkspaceId, user: UserId, by: Option<UserId>) -> Result<(), ApiError> {
        self.address()?;
        match self.store.allow_direct(workspace, user, by).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ApiError::MemberNotFound),
            Err(error) => Err(may_not(error)),
        }
    }

    /// Takes it back: the agent's connections are cut, the login roles and the keys are gone. A key that Twilio cannot be told of now is deleted later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, workspace: WorkspaceId, user: UserId) -> Result<(), ApiError> {
        self.store.revoke_direct(workspace, user).await?;
        self.sweep().await?;
        Ok(())
    }

    /// Makes what one desktop needs. Whatever it had before goes on being good until it is given back.
    ///
    /// # Errors
    /// 403 for whoever may not work directly; 409 with a sentence when this server cannot hand out anything; 502 when Twilio cannot be asked.
    pub async fn hand_out(&self, user: UserId, name: &str) -> Result<DirectAccess, ApiError> {
        let mut address = self.address()?.clone();
        let teams = self.store.direct_workspaces_of(user).await?;
        if teams.is_empty() {
            return Err(ApiError::NotDirect);
        }
        let role = AgentRole::new(Uuid::from_bytes(edge::entropy()));
        let password = hex::encode(edge::entropy::<32>());
        self.store.create_agent_role(user, &role, &password.as_str().into()).await.map_err(may_not)?;
        let made = self.keys(&role, &teams, name).await;
        if made.is_err() {
            // Nobody will ever have its password.
            self.give_back(user, &role).await?;
        }
        let twilio_keys = made?;
        let placed = address.set_username(role.as_str()).and_then(|()| address.set_password(Some(&password)));
        placed.map_err(|()| ApiError::WrongState(NOT_OFFERED))?;
        self.keep_few(user).await?;
        Ok(DirectAccess {
            database_url: address.into(),
            database_ca: self.config.direct_database_ca.clone(),
            twilio_keys,
            public_url: Some(self.config.public_url.as_str().trim_end_matches('/').to_owned()),
            twilio_url: Some(self.config.twilio_url.to_string()),
            issued_at: Some(edge::now()),
        })
    }

    /// A desktop does not need this role any more. Others' roles are left alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_back(&self, user: UserId, role: &AgentRole) -> Result<(), ApiError> {
        if self.store.agent_roles_of(user).await?.contains(role) {
            self.store.end_agent_role(role).await?;
            self.sweep().await?;
        }
        Ok(())
    }

    /// Puts out whoever may not work directly any more, and deletes the keys that nobody may use any more. What Twilio cannot be told of stays noted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> deskline_store::Result<()> {
        self.store.end_stray_agent_roles().await?;
        for (key, account) in self.store.stray_agent_keys().await? {
            let owner = self.store.twilio_account_by_sid(&account).await?.into_iter().next();
            let deleted = match owner {
                Some((_, owner)) => self.owner(&account, owner.auth_token).delete_key(&key).await,
                // Nobody here can say anything to this account any more, and nobody texts with it.
                None => Ok(()),
            };
            match deleted {
                Ok(()) => self.store.forget_agent_key(&key).await?,
                Err(error) => tracing::warn!(%error, key, "a Twilio key that was taken back cannot be deleted yet"),
            }
        }
        Ok(())
    }

    async fn keys(&self, role: &AgentRole, teams: &[WorkspaceId], name: &str) -> Result<Vec<TwilioKey>, ApiError> {
        let mut keys: Vec<TwilioKey> = Vec::new();
        for team in teams {
            let account = self.store.twilio_account(*team).await?.filter(deskline_store::TwilioAccount::can_send);
            let Some(account) = account.filter(|account| keys.iter().all(|key| key.account_sid != account.account_sid))
            else {
                continue;
            };
            let sid = account.account_sid;
            let made = self.owner(&sid, account.auth_token).create_key(&format!("Deskline: {name}")).await;
            let made = made.map_err(|error| ApiError::TwilioUnreachable {
                code: error.code(),
                explanation: error.explanation().text,
            })?;
            self.store.note_agent_key(role, &sid, &made.sid).await?;
            keys.push(TwilioKey { account_sid: sid, sid: made.sid, secret: made.secret.expose_secret().to_owned() });
        }
        Ok(keys)
    }

    /// The oldest roles go.
    async fn keep_few(&self, user: UserId) -> Result<(), ApiError> {
        let roles = self.store.agent_roles_of(user).await?;
        let surplus = roles.len().saturating_sub(ROLES);
        for role in roles.iter().take(surplus) {
            self.store.end_agent_role(role).await?;
        }
        if surplus > 0 {
            self.sweep().await?;
        }
        Ok(())
    }

    fn address(&self) -> Result<&Url, ApiError> {
        self.config.direct_database_url.as_ref().ok_or(ApiError::WrongState(NOT_OFFERED))
    }

    fn owner(&self, account: &str, token: secrecy::SecretString) -> Client {
        let Timers { twilio_timeout, .. } = self.config.timers;
        let patience = twilio_timeout.min(Duration::from_secs(10));
        Client::new(self.config.twilio_url.clone(), Credentials::token(account, token), patience)
    }
}

/// Postgres says no to making roles.
fn may_not(error: deskline_store::Error) -> ApiError {
    if error.trouble() == Some(Trouble::NoRight) { ApiError::WrongState(MAY_NOT) } else { error.into() }
}
