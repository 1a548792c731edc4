//! Single rows of `contacts` and `messages`, by id.
//!
//! Asked by the fan-out (an event needs the contact of its text) and by the routes.

use deskline_domain::{
    contact::ContactRow,
    ids::{ContactId, MessageId, WorkspaceId},
    message::MessageRow,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, Store, rows};

/// Whether one of these numbers, for which a contact was just made, came to another contact at that moment, since its own was merged into
/// that one: nothing that looked before the merge ended could know. The new contact must not stay.
///
/// A number that is on its way to another contact cannot be given to a new one before the merge has ended, and is seen here then.
pub(crate) async fn merged_meanwhile(tx: &mut PgConnection, workspaces: &[Uuid], phones: &[String]) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
             select from unnest($1::uuid[], $2::text[]) k (workspace_id, phone)
             join contacts c on c.workspace_id = k.workspace_id and c.other_phones <> '{}' and c.other_phones @> array[k.phone]
           ) as "any!""#,
        workspaces,
        phones,
    )
    .fetch_one(tx)
    .await?)
}

impl Store {
    /// The contact, if it is this workspace's.
    ///
    /// # Errors
    /// [`crate::Error::Database`]; [`crate::Error::BadRow`].
    pub async fn contact(&self, workspace: WorkspaceId, id: ContactId) -> Result<Option<ContactRow>> {
        let row = sqlx::query_scalar!(
            r#"select to_jsonb(c) as "row!" from contacts c where c.workspace_id = $1 and c.id = $2"#,
            workspace.0,
            id.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(rows::contact).transpose()
    }

    /// The message, if it is this workspace's.
    ///
    /// # Errors
    /// [`crate::Error::Database`]; [`crate::Error::BadRow`].
    pub async fn message(&self, workspace: WorkspaceId, id: MessageId) -> Result<Option<MessageRow>> {
        let row = sqlx::query_scalar!(
            r#"select to_jsonb(m) as "row!" from messages m where m.workspace_id = $1 and m.id = $2"#,
            workspace.0,
            id.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(rows::message).transpose()
    }

    /// Whose message this is.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn workspace_of_message(&self, id: MessageId) -> Result<Option<WorkspaceId>> {
        let workspace = sqlx::query_scalar!("select workspace_id from messages where id = $1", id.0);
        Ok(workspace.fetch_optional(&self.pool).await?.map(WorkspaceId))
    }
}
