//! The teams of whoever is signed in, so that their names are there before the server answers.

use deskline_domain::protocol::Workspace;
use sqlx::Row;

use super::Cache;
use crate::{Result, database::bad_cell, view::WorkspaceView};

impl Cache {
    /// In the order in which the server named them.
    pub(crate) async fn workspaces(&self) -> Result<Vec<WorkspaceView>> {
        let rows = sqlx::query("select id, name, role from workspaces order by place").fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                Ok(WorkspaceView {
                    id: row.try_get::<&str, _>("id")?.parse().map_err(bad_cell("id"))?,
                    name: row.try_get("name")?,
                    role: row.try_get("role")?,
                })
            })
            .collect()
    }

    /// Keeps what the server says, and forgets everything of teams that the agent is no longer in.
    pub(crate) async fn save_workspaces(&self, workspaces: &[Workspace]) -> Result<()> {
        let mut tx = self.writer.begin_with("begin immediate").await?;
        sqlx::query("delete from workspaces").execute(&mut *tx).await?;
        for (place, workspace) in (0_i64..).zip(workspaces) {
            sqlx::query("insert into workspaces (id, name, role, place) values (?, ?, ?, ?)")
                .bind(workspace.id.to_string())
                .bind(&workspace.name)
                .bind(&workspace.role)
                .bind(place)
                .execute(&mut *tx)
                .await?;
        }
        for sql in [
            "delete from messages where workspace_id in (select workspace_id from cursors except select id from workspaces)",
            "delete from contact_labels where contact_id in (select id from contacts where workspace_id in \
             (select workspace_id from cursors except select id from workspaces))",
            "delete from contacts where workspace_id in (select workspace_id from cursors except select id from workspaces)",
            "delete from notes where workspace_id in (select workspace_id from cursors except select id from workspaces)",
            "delete from labels where workspace_id not in (select id from workspaces)",
            "delete from canned_replies where workspace_id not in (select id from workspaces)",
            "delete from members where workspace_id not in (select id from workspaces)",
            "delete from audits where workspace_id not in (select id from workspaces)",
            "delete from quarantine where workspace_id not in (select id from workspaces)",
            "delete from cursors where workspace_id not in (select id from workspaces)",
        ] {
            sqlx::query(sql).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        self.index.wake.notify_one();
        Ok(())
    }
}
