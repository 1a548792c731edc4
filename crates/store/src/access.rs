//! Who may do what: agents, their sessions, and which workspaces they are members of.
//!
//! Called by the server's sign-in, by every route (membership is read anew for each request) and by the admin commands.
//! Never sees a password or a token: it is given hashes.

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{UserId, WorkspaceId},
    protocol::Workspace,
};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{Result, Store};

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything but giving the workspace away.
    Admin,
    /// Reads and writes texts.
    Agent,
}

impl Role {
    /// The word in `workspace_members.role`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Agent => "agent",
        }
    }

    /// Whether settings such as the Twilio account are this member's to change.
    #[must_use]
    pub const fn is_admin(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

/// A word that is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a role; there are owner, admin and agent")]
pub struct UnknownRole(pub String);

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(word: &str) -> Result<Self, UnknownRole> {
        [Self::Owner, Self::Admin, Self::Agent]
            .into_iter()
            .find(|role| role.as_str() == word)
            .ok_or_else(|| UnknownRole(word.to_owned()))
    }
}

/// Somebody who signs in with an e-mail address and a password.
#[derive(Clone, Debug)]
pub struct Agent {
    /// `sub` of the tokens.
    pub id: UserId,
    /// As it was written when the agent was added.
    pub email: String,
    /// An argon2id hash in PHC form.
    pub password_hash: SecretString,
}

/// A refresh token as it is kept: by its hash.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// The sign-in that it descends from.
    pub family: Uuid,
    /// Whose.
    pub user: UserId,
    /// Good until then.
    pub expires_at: DateTime<Utc>,
}

/// What became of an attempt to use a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshUse {
    /// Good, and used up now: give out the next one of the same family.
    Valid {
        /// Whose.
        user: UserId,
        /// The family that the next token must carry.
        family: Uuid,
    },
    /// It was used before, or its family was revoked. The whole family is revoked now: either the agent or a thief has a newer token.
    Reused,
    /// Never given out.
    Unknown,
    /// Too old.
    Expired,
}

impl Store {
    /// The member's role, or `None` for somebody who is no member (or for a workspace that does not exist).
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn role_of(&self, workspace: WorkspaceId, user: UserId) -> Result<Option<Role>> {
        todo!()
    }

    /// The workspaces that the user is a member of, by name.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn workspaces_of(&self, user: UserId) -> Result<Vec<Workspace>> {
        todo!()
    }

    /// Whether there is such a workspace.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn workspace_exists(&self, workspace: WorkspaceId) -> Result<bool> {
        todo!()
    }

    /// Adds a workspace; one that is there already gets the name.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn create_workspace(&self, id: WorkspaceId, name: &str) -> Result<()> {
        todo!()
    }

    /// Makes the user a member, or changes the role of one.
    ///
    /// # Errors
    /// [`crate::Error::UnknownWorkspace`]; [`crate::Error::Database`].
    pub async fn add_member(&self, workspace: WorkspaceId, user: UserId, role: Role) -> Result<()> {
        todo!()
    }

    /// Adds an agent. The e-mail address is unique in any case of its letters.
    ///
    /// # Errors
    /// [`crate::Error::EmailTaken`]; [`crate::Error::Database`].
    pub async fn create_user(&self, id: UserId, email: &str, password_hash: &SecretString) -> Result<()> {
        todo!()
    }

    /// Gives an agent another password and ends every session of theirs. False when there is no such agent.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn set_password(&self, id: UserId, password_hash: &SecretString, now: DateTime<Utc>) -> Result<bool> {
        todo!()
    }

    /// The agent with this e-mail address, in any case of its letters.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn user_by_email(&self, email: &str) -> Result<Option<Agent>> {
        todo!()
    }

    /// The e-mail address of an agent of ours; `None` for users who live elsewhere.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn email_of(&self, user: UserId) -> Result<Option<String>> {
        todo!()
    }

    /// Keeps a refresh token that is about to be given out.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn insert_refresh(&self, token: &RefreshToken) -> Result<()> {
        todo!()
    }

    /// Uses a refresh token up.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn use_refresh(&self, hash: &[u8; 32], now: DateTime<Utc>) -> Result<RefreshUse> {
        todo!()
    }

    /// Ends the session that this refresh token belongs to, if there is one (sign-out).
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn revoke_refresh(&self, hash: &[u8; 32], now: DateTime<Utc>) -> Result<()> {
        todo!()
    }
}
