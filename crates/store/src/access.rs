//! Who may do what: agents, and which workspaces they are members of.
//!
//! Called by the server's sign-in, by every route (membership is read anew for each request) and by the admin commands.
//! Never sees a password: it is given hashes. Sessions are in [`crate::sessions`].

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{UserId, WorkspaceId},
    protocol::Workspace,
};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{
    Error, Result, Sessions, Store,
    error::violates,
    rows::has_nul,
    sessions,
    store::{all_or_each, retry},
};

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

impl Store {
    /// The member's role, or `None` for somebody who is no member (or for a workspace that does not exist).
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn role_of(&self, workspace: WorkspaceId, user: UserId) -> Result<Option<Role>> {
        Ok(self.look_for_roles(&[(workspace, user)]).await?.pop().flatten())
    }

    /// The same for any number of members, with one look.
    pub async fn roles_of(&self, members: &[(WorkspaceId, UserId)]) -> Vec<Result<Option<Role>>> {
        all_or_each(self, members, |store, members| store.look_for_roles(members).boxed()).await
    }

    async fn look_for_roles(&self, members: &[(WorkspaceId, UserId)]) -> Result<Vec<Option<Role>>> {
        let (workspaces, users): (Vec<Uuid>, Vec<Uuid>) =
            members.iter().map(|(workspace, user)| (workspace.0, user.0)).unzip();
        let words = sqlx::query_scalar!(
            r#"select m.role as "role?"
               from unnest($1::uuid[], $2::uuid[]) with ordinality k (workspace_id, user_id, place)
               left join workspace_members m on m.workspace_id = k.workspace_id and m.user_id = k.user_id
               order by k.place"#,
            &workspaces,
            &users,
        )
        .fetch_all(&self.pool)
        .await?;
        let role = |word: String| {
            word.parse().map_err(|UnknownRole(_)| Error::BadCell { table: "workspace_members", column: "role" })
        };
        words.into_iter().map(|word| word.map(role).transpose()).collect()
    }

    /// The workspaces that the user is a member of, by name.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn workspaces_of(&self, user: UserId) -> Result<Vec<Workspace>> {
        let rows = sqlx::query!(
            "select w.id, w.name, m.role
             from workspace_members m join workspaces w on w.id = m.workspace_id
             where m.user_id = $1
             order by lower(w.name), w.id",
            user.0,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| Workspace { id: WorkspaceId(row.id), name: row.name, role: row.role }).collect())
    }

    /// Whether there is such a workspace.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn workspace_exists(&self, workspace: WorkspaceId) -> Result<bool> {
        Ok(sqlx::query_scalar!(r#"select exists (select from workspaces where id = $1) as "there!""#, workspace.0)
            .fetch_one(&self.pool)
            .await?)
    }

    /// Adds a workspace; one that is there already gets the name.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn create_workspace(&self, id: WorkspaceId, name: &str) -> Result<()> {
        sqlx::query!(
            "insert into workspaces (id, name) values ($1, $2) on conflict (id) do update set name = excluded.name",
            id.0,
            name,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Every workspace, the oldest first.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn workspaces(&self) -> Result<Vec<(WorkspaceId, String)>> {
        let rows =
            sqlx::query!("select id, name from workspaces order by created_at, id").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|row| (WorkspaceId(row.id), row.name)).collect())
    }

    /// Makes the user a member, or changes the role of one.
    ///
    /// # Errors
    /// [`crate::Error::UnknownWorkspace`]; [`crate::Error::Database`].
    pub async fn add_member(&self, workspace: WorkspaceId, user: UserId, role: Role) -> Result<()> {
        sqlx::query!(
            "insert into workspace_members (workspace_id, user_id, role) values ($1, $2, $3)
             on conflict (workspace_id, user_id) do update set role = excluded.role",
            workspace.0,
            user.0,
            role.as_str(),
        )
        .execute(&self.pool)
        .await
        .map_err(|error| match error {
            error if violates(&error, "workspace_members_workspace_fkey") => Error::UnknownWorkspace,
            error => error.into(),
        })?;
        Ok(())
    }

    /// Adds an agent. The e-mail address is unique in any case of its letters.
    ///
    /// # Errors
    /// [`crate::Error::EmailTaken`]; [`crate::Error::Database`].
    pub async fn create_user(&self, id: UserId, email: &str, password_hash: &SecretString) -> Result<()> {
        sqlx::query!(
            "insert into agents (id, email, password_hash) values ($1, $2, $3)",
            id.0,
            email,
            password_hash.expose_secret(),
        )
        .execute(&self.pool)
        .await
        .map_err(|error| match error {
            error if violates(&error, "agents_email_key") => Error::EmailTaken,
            error => error.into(),
        })?;
        Ok(())
    }

    /// Gives an agent another password and ends every session of theirs, but for the one with the family of refresh tokens that is `kept`.
    /// False when there is no such agent.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn set_password(
        &self,
        id: UserId,
        password_hash: &SecretString,
        kept: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let which = kept.map_or(Sessions::All, Sessions::Others);
        retry(|| async {
            let mut tx = self.pool.begin().await?;
            let hash = password_hash.expose_secret();
            let done = sqlx::query!("update agents set password_hash = $2 where id = $1", id.0, hash)
                .execute(&mut *tx)
                .await?;
            sessions::end(&mut tx, id, which, now).await?;
            tx.commit().await?;
            Ok(done.rows_affected() > 0)
        })
        .await
    }

    /// The agent with this e-mail address, in any case of its letters.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn user_by_email(&self, email: &str) -> Result<Option<Agent>> {
        if has_nul(email) {
            return Ok(None);
        }
        let row =
            sqlx::query!("select id, email, password_hash from agents where lower(email) = lower($1)", email.trim())
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|row| Agent { id: UserId(row.id), email: row.email, password_hash: row.password_hash.into() }))
    }

    /// The e-mail address of an agent of ours; `None` for users who live elsewhere.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn email_of(&self, user: UserId) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("select email from agents where id = $1", user.0).fetch_optional(&self.pool).await?)
    }
}
