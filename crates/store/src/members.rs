//! Who is in a team, and what they may do there: looking, another role, taking out.
//!
//! Called by the routes for owners and admins. A team is never left without an owner. Who may do this, the caller has found out.

use deskline_domain::ids::{UserId, WorkspaceId};
use sqlx::PgConnection;

use crate::{Result, Role, Store};

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// What they sign in with; `None` for users who live elsewhere.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whether their desktops may work without the server.
    pub direct: bool,
}

/// What became of a change to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberOutcome {
    /// It is done.
    Done,
    /// There is no such member.
    Unknown,
    /// Nobody would be left who owns the workspace.
    LastOwner,
}

impl Store {
    /// Everybody in a team, owners first, then by e-mail address.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn members(&self, workspace: WorkspaceId) -> Result<Vec<Member>> {
        let rows = sqlx::query!(
            r#"
            select w.user_id, w.role, a.email as "email?", d.user_id is not null as "direct!"
            from workspace_members w
              left join agents a on a.id = w.user_id
              left join direct_members d on d.workspace_id = w.workspace_id and d.user_id = w.user_id
            where w.workspace_id = $1
            order by array_position(array['owner', 'admin', 'agent'], w.role), lower(a.email), w.user_id
            "#,
            workspace.0,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let role = row.role.parse().ok()?;
                Some(Member { user_id: UserId(row.user_id), email: row.email, role, direct: row.direct })
            })
            .collect())
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn change_role(&self, workspace: WorkspaceId, user: UserId, role: Role) -> Result<MemberOutcome> {
        let mut tx = self.pool.begin().await?;
        if role != Role::Owner && is_last_owner(&mut tx, workspace, user).await? {
            return Ok(MemberOutcome::LastOwner);
        }
        let changed = sqlx::query!(
            "update workspace_members set role = $3 where workspace_id = $1 and user_id = $2",
            workspace.0,
            user.0,
            role.as_str(),
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(if changed.rows_affected() > 0 { MemberOutcome::Done } else { MemberOutcome::Unknown })
    }

    /// Takes a member out of a team. Their sessions stay: only so does a desktop hear of it, and removes what it has of the team.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn remove_member(&self, workspace: WorkspaceId, user: UserId) -> Result<MemberOutcome> {
        let mut tx = self.pool.begin().await?;
        if is_last_owner(&mut tx, workspace, user).await? {
            return Ok(MemberOutcome::LastOwner);
        }
        let removed = sqlx::query!(
            "delete from workspace_members where workspace_id = $1 and user_id = $2",
            workspace.0,
            user.0,
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(if removed.rows_affected() > 0 { MemberOutcome::Done } else { MemberOutcome::Unknown })
    }
}

/// Whether nobody else owns the workspace. Holds every owner's row until the transaction ends, so that two owners cannot take each other
/// out at the same moment.
async fn is_last_owner(tx: &mut PgConnection, workspace: WorkspaceId, user: UserId) -> Result<bool> {
    let owners = sqlx::query_scalar!(
        "select user_id from workspace_members where workspace_id = $1 and role = 'owner' order by user_id for update",
        workspace.0,
    )
    .fetch_all(tx)
    .await?;
    Ok(owners == [user.0])
}
