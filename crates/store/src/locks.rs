//! Locking a contact and a text of it, in the order that everybody keeps: contact, then message.
//!
//! Used by the verbs that change a text which is not on its way: retrying, rescheduling, cancelling, and its time coming.

use deskline_domain::{
    contact::ContactRow,
    ids::{ContactId, MessageId, WorkspaceId},
    message::MessageRow,
};
use sqlx::PgConnection;

use crate::{Result, rows};

/// Locks a contact: its texts are stored one after the other.
pub(crate) async fn contact(
    tx: &mut PgConnection,
    workspace: WorkspaceId,
    contact: ContactId,
) -> Result<Option<ContactRow>> {
    let row = sqlx::query_scalar!(
        r#"select to_jsonb(c) as "row!" from contacts c where c.workspace_id = $1 and c.id = $2 for no key update"#,
        workspace.0,
        contact.0,
    )
    .fetch_optional(tx)
    .await?;
    row.map(rows::contact).transpose()
}

/// Locks a text.
pub(crate) async fn message(tx: &mut PgConnection, id: MessageId) -> Result<Option<MessageRow>> {
    let row =
        sqlx::query_scalar!(r#"select to_jsonb(m) as "row!" from messages m where m.id = $1 for no key update"#, id.0)
            .fetch_optional(tx)
            .await?;
    row.map(rows::message).transpose()
}

/// Locks a text's contact, then the text. `None` when there is no such text, or not in this workspace.
pub(crate) async fn text(
    tx: &mut PgConnection,
    workspace: WorkspaceId,
    id: MessageId,
) -> Result<Option<(ContactRow, MessageRow)>> {
    loop {
        let Some(whose) = sqlx::query_scalar!(
            "select contact_id from messages where id = $1 and workspace_id = $2",
            id.0,
            workspace.0
        )
        .fetch_optional(&mut *tx)
        .await?
        else {
            return Ok(None);
        };
        let Some(contact) = contact(tx, workspace, ContactId(whose)).await? else { continue };
        match message(tx, id).await? {
            Some(message) if message.contact_id == contact.id => return Ok(Some((contact, message))),
            // It went to another contact between the two looks.
            Some(_) => {}
            None => return Ok(None),
        }
    }
}
