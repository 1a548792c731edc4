//! Agents who work directly: who may, and the login roles that their desktops sign in to Postgres with.
//!
//! Called by the server's admin routes and commands, as the role that owns the tables. What such a login role can see and do is not
//! decided here but by Postgres (migration 0015). A password is given to Postgres as a SCRAM verifier, so that no log of statements has it.

use chrono::TimeDelta;
use deskline_domain::ids::{UserId, WorkspaceId};
use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use uuid::Uuid;

use crate::{Result, Store, error::violates};

/// Connections that one login role may have at once: a desktop's pool, its listener, and some to spare for the moment after a restart.
pub const DIRECT_CONNECTIONS: u8 = 8;
/// How long a login role is good for. Desktops get themselves another one long before; a password that a thief has changed ends with it.
const GOOD_FOR: TimeDelta = TimeDelta::days(45);
const PREFIX: &str = "deskline_agent_";

/// The name of an agent's login role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRole(String);

impl AgentRole {
    /// A name that belongs to nobody else, in this database or in another one of the cluster.
    #[must_use]
    pub fn new(id: Uuid) -> Self {
        Self(format!("{PREFIX}{}", id.simple()))
    }

    /// As Postgres has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the name of such a role; anything else is none.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Uuid::try_parse(name.strip_prefix(PREFIX)?).ok().map(Self::new)
    }
}

impl Store {
    /// Lets a member work directly in a workspace, from the moment on at which a role is made for them. False when there is no such
    /// member. It ends with the membership.
    ///
    /// # Errors
    /// [`crate::Error::Database`], also when our role may not create roles.
    pub async fn allow_direct(&self, workspace: WorkspaceId, user: UserId, by: Option<UserId>) -> Result<bool> {
        // A cluster that the group did not come along to, or a migration that was not allowed to make it.
        self.pool.execute("call open_to_agents()").await?;
        let done = sqlx::query!(
            "insert into direct_members (workspace_id, user_id, allowed_by) values ($1, $2, $3)
             on conflict (workspace_id, user_id) do nothing",
            workspace.0,
            user.0,
            by.map(|by| by.0),
        )
        .execute(&self.pool)
        .await;
        match done {
            Ok(_) => Ok(true),
            Err(error) if violates(&error, "direct_members_member_fkey") => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The workspaces in which somebody may work directly.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn direct_workspaces_of(&self, user: UserId) -> Result<Vec<WorkspaceId>> {
        let found = sqlx::query_scalar!(
            "select workspace_id from direct_members where user_id = $1 order by workspace_id",
            user.0
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(found.into_iter().map(WorkspaceId).collect())
    }

    /// Whether whoever asks is an agent who may work directly in this workspace, at this moment.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn is_direct_in(&self, workspace: WorkspaceId) -> Result<bool> {
        Ok(sqlx::query_scalar!(r#"select $1 in (select direct_workspaces()) as "may!""#, workspace.0)
            .fetch_one(&self.pool)
            .await?)
    }

    /// Makes a login role for an agent, good for 45 days. Roles that the agent has already go on being good: end them once this one is in use.
    ///
    /// # Errors
    /// [`crate::Error::Database`], also when our role may not create roles.
    pub async fn create_agent_role(&self, user: UserId, role: &AgentRole, password: &SecretString) -> Result<()> {
        let (name, verifier) = (role.as_str(), scram_sha_256(password.expose_secret().as_bytes()));
        let until = self.clock().await? + GOOD_FOR;
        let mut tx = self.pool.begin().await?;
        sqlx::query!("insert into direct_roles (role_name, user_id) values ($1::text::name, $2)", name, user.0)
            .execute(&mut *tx)
            .await?;
        // Neither a name of ours nor a verifier nor a time has a quote in it. Limits of time are what a well-behaved program keeps to: Postgres lets
        // a role change its own.
        let statement = format!(
            "create role {name} login connection limit {DIRECT_CONNECTIONS} password '{verifier}' valid until '{until}'
               in role deskline_agent;
             alter role {name} set statement_timeout = '30s';
             alter role {name} set lock_timeout = '10s';
             alter role {name} set idle_in_transaction_session_timeout = '30s'"
        );
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// An agent's login roles.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn agent_roles_of(&self, user: UserId) -> Result<Vec<AgentRole>> {
        let names = sqlx::query_scalar!(
            r#"select role_name::text as "name!" from direct_roles where user_id = $1 order by created_at, role_name"#,
            user.0
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(names.iter().filter_map(|name| AgentRole::read(name)).collect())
    }

    /// Notes a Twilio key that was made for a login role.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn note_agent_key(&self, role: &AgentRole, account_sid: &str, key_sid: &str) -> Result<()> {
        sqlx::query!(
            "insert into direct_keys (key_sid, account_sid, role_name) values ($1, $2, $3::text::name)",
            key_sid,
            account_sid,
            role.as_str(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Keys that nobody may use any more: their login role has ended, or its agent no longer works directly with that account. Each with
    /// its account, to be deleted at Twilio.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn stray_agent_keys(&self) -> Result<Vec<(String, String)>> {
        let strays = sqlx::query!(
            "select k.key_sid, k.account_sid
             from direct_keys k
             where not exists (
               select from direct_roles r
               join direct_members d on d.user_id = r.user_id
               join workspace_twilio_config c on c.workspace_id = d.workspace_id
               where r.role_name = k.role_name and r.ended_at is null and c.account_sid = k.account_sid
             )
             order by k.created_at",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(strays.into_iter().map(|stray| (stray.key_sid, stray.account_sid)).collect())
    }

    /// A key is gone at Twilio.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn forget_agent_key(&self, key_sid: &str) -> Result<()> {
        sqlx::query!("delete from direct_keys where key_sid = $1", key_sid).execute(&self.pool).await?;
        Ok(())
    }

    /// A member no longer works directly in a workspace. Whoever does so nowhere any more loses every login role with its connections.
    /// Answers whether that is so. May be repeated when it failed half-way.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn revoke_direct(&self, workspace: WorkspaceId, user: UserId) -> Result<bool> {
        sqlx::query!("delete from direct_members where workspace_id = $1 and user_id = $2", workspace.0, user.0)
            .execute(&self.pool)
            .await?;
        if !self.direct_workspaces_of(user).await?.is_empty() {
            return Ok(false);
        }
        for role in self.agent_roles_of(user).await? {
            self.end_agent_role(&role).await?;
        }
        Ok(true)
    }

    /// Ends the login roles of whoever may not work directly any more, and those that are too old. Several processes may do so at once.
    ///
    /// # Errors
    /// [`crate::Error::Database`]. What was done so far stays done.
    pub async fn end_stray_agent_roles(&self) -> Result<()> {
        let before = self.clock().await? - GOOD_FOR;
        let names = sqlx::query_scalar!(
            r#"select role_name::text as "name!" from direct_roles r
               where ended_at is not null or created_at < $1
                 or not exists (select from direct_members d where d.user_id = r.user_id)"#,
            before
        )
        .fetch_all(&self.pool)
        .await?;
        for role in names.iter().filter_map(|name| AgentRole::read(name)) {
            self.end_agent_role(&role).await?;
        }
        Ok(())
    }

    /// Ends a login role: it opens nothing from now on, its connections are cut, and it is gone.
    ///
    /// # Errors
    /// [`crate::Error::Database`]. What was done so far stays done, and the same call does the rest.
    pub async fn end_agent_role(&self, role: &AgentRole) -> Result<()> {
        let name = role.as_str();
        // First nobody comes in any more, and whoever is in sees nothing …
        let mut tx = self.pool.begin().await?;
        sqlx::query!("update direct_roles set ended_at = clock_timestamp() where role_name = $1::text::name and ended_at is null", name)
            .execute(&mut *tx)
            .await?;
        let there = is_there(&mut tx, name).await?;
        if there {
            tx.execute(AssertSqlSafe(format!("alter role {name} nologin"))).await?;
        }
        tx.commit().await?;
        // … then they are put out, for which the rights of the role itself are needed.
        let mut tx = self.pool.begin().await?;
        if there {
            tx.execute(AssertSqlSafe(format!("grant {name} to current_user"))).await?;
            sqlx::query!("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1::text::name", name)
                .fetch_all(&mut *tx)
                .await?;
            tx.execute(AssertSqlSafe(format!("drop owned by {name}; drop role {name}"))).await?;
        }
        sqlx::query!("delete from direct_roles where role_name = $1::text::name", name).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn is_there(tx: &mut PgConnection, role: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select exists (select from pg_roles where rolname = $1::text::name) as "there!""#, role)
        .fetch_one(tx)
        .await?)
}
