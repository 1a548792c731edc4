//! What the team knows about a contact, and whether it wants to be told of its texts.

use deskline_domain::{command::rules::MAX_ATTRIBUTES, ids::ContactId};
use sqlx::PgConnection;

use super::{Deed, NO_CONTACT, Verdict, if_there, lock_contact};
use crate::Result;

pub(super) async fn rename(tx: &mut PgConnection, deed: Deed, contact: ContactId, name: &str) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set name = $3 where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
        name.trim(),
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}

pub(super) async fn set_attribute(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    name: &str,
    value: &str,
) -> Result<Verdict> {
    if let Err(refusal) = lock_contact(tx, deed, contact).await? {
        return Ok(Err(refusal));
    }
    let done = sqlx::query!(
        "update contacts set attributes = attributes || jsonb_build_object($2::text, $3::text)
         where id = $1 and (attributes ? $2 or (select count(*) from jsonb_object_keys(attributes)) < $4)",
        contact.0,
        name,
        value,
        MAX_ATTRIBUTES,
    )
    .execute(tx)
    .await?;
    Ok(if done.rows_affected() > 0 {
        Ok(())
    } else {
        Err(format!("A contact can have {MAX_ATTRIBUTES} attributes at most.").into())
    })
}

/// An attribute that is not there is removed.
pub(super) async fn remove_attribute(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    name: &str,
) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set attributes = attributes - $3::text where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
        name,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}

/// Blocked twice is blocked since the first time.
pub(super) async fn block(tx: &mut PgConnection, deed: Deed, contact: ContactId) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set blocked_at = coalesce(blocked_at, $3) where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
        deed.now,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}

pub(super) async fn unblock(tx: &mut PgConnection, deed: Deed, contact: ContactId) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set blocked_at = null where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}
