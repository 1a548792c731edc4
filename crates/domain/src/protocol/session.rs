//! Signing in, and who is signed in: `POST /auth/v1/token` in the shape of Supabase Auth, and `GET /session`.

use serde::{Deserialize, Serialize};

use crate::ids::{UserId, WorkspaceId};

/// Answer to `GET /session`: who this token is, and what the server speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionReply {
    /// Who.
    pub user: SessionUser,
    /// The teams that the user is a member of.
    pub workspaces: Vec<Workspace>,
    /// Whether the server hands out what the user needs to work without it: `POST /auth/direct`.
    #[serde(default)]
    pub direct: bool,
    /// The server's [`PROTOCOL`](super::PROTOCOL).
    pub protocol: u32,
    /// The server's version, for people.
    pub server_version: String,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionUser {
    /// `sub` of the token.
    pub id: UserId,
    /// Where known.
    #[serde(default)]
    pub email: Option<String>,
}

/// A team, seen by one of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// `owner`, `admin` or `agent`.
    pub role: String,
}

/// Body of `POST /auth/v1/token?grant_type=password`, in the shape of Supabase Auth.
#[derive(Clone, Serialize, Deserialize)]
pub struct PasswordGrant {
    /// The account.
    pub email: String,
    /// The password. Not printed by `Debug`.
    pub password: String,
}

impl std::fmt::Debug for PasswordGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordGrant").field("email", &self.email).finish_non_exhaustive()
    }
}

/// Answer to both grants.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenReply {
    /// A JWT.
    pub access_token: String,
    /// Good for one refresh.
    pub refresh_token: String,
    /// `bearer`.
    pub token_type: String,
    /// Seconds that the access token is good for.
    pub expires_in: i64,
    /// Who.
    pub user: SessionUser,
}

impl std::fmt::Debug for TokenReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenReply").field("user", &self.user).finish_non_exhaustive()
    }
}
