//! Labels of the workspace, and labels on a conversation.
//!
//! A conversation carries the ids of its labels. A label is locked before any contact, here and when it goes away, so that none
//! is put on while it is being taken off everywhere.

use deskline_domain::{
    command::rules::MAX_LABELS,
    ids::{ContactId, LabelId},
};
use sqlx::PgConnection;

use super::{Deed, NO_CONTACT, Verdict, if_there};
use crate::Result;

const NO_LABEL: &str = "This label is no longer there.";
const TAKEN: &str = "There is already a label with this name.";

pub(super) async fn add(tx: &mut PgConnection, deed: Deed, contact: ContactId, label: LabelId) -> Result<Verdict> {
    let there = sqlx::query_scalar!(
        "select id from labels where workspace_id = $1 and id = $2 for key share",
        deed.workspace.0,
        label.0,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if there.is_none() {
        return Ok(Err(NO_LABEL.into()));
    }
    let done = sqlx::query!(
        "update contacts set labels = case when labels @> array[$3::uuid] then labels else array_append(labels, $3) end where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
        label.0,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}

/// A label that is not on it, or gone altogether, is off.
pub(super) async fn remove(tx: &mut PgConnection, deed: Deed, contact: ContactId, label: LabelId) -> Result<Verdict> {
    let done = sqlx::query!(
        "update contacts set labels = array_remove(labels, $3) where workspace_id = $1 and id = $2",
        deed.workspace.0,
        contact.0,
        label.0,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_CONTACT)
}

pub(super) async fn create(
    tx: &mut PgConnection,
    deed: Deed,
    label: LabelId,
    name: &str,
    color: &str,
) -> Result<Verdict> {
    let known = sqlx::query!(
        r#"select (select count(*) from labels where workspace_id = $1) as "count!",
                  exists (select from labels where workspace_id = $1 and lower(name) = lower($2)) as "taken!",
                  exists (select from labels where id = $3) as "used!""#,
        deed.workspace.0,
        name.trim(),
        label.0,
    )
    .fetch_one(&mut *tx)
    .await?;
    if known.used {
        return Ok(Err("Another label has this id.".into()));
    }
    if known.taken {
        return Ok(Err(TAKEN.into()));
    }
    if known.count >= MAX_LABELS {
        return Ok(Err(format!("A workspace can have {MAX_LABELS} labels at most.").into()));
    }
    // Whoever makes the same one at this moment collides here; `retry` then finds it above.
    sqlx::query!(
        "insert into labels (id, workspace_id, name, color, created_at) values ($1, $2, $3, lower($4), $5)",
        label.0,
        deed.workspace.0,
        name.trim(),
        color,
        deed.now,
    )
    .execute(tx)
    .await?;
    Ok(Ok(()))
}

pub(super) async fn update(
    tx: &mut PgConnection,
    deed: Deed,
    label: LabelId,
    name: &str,
    color: &str,
) -> Result<Verdict> {
    let taken = sqlx::query_scalar!(
        r#"select exists (
             select from labels where workspace_id = $1 and id <> $2 and lower(name) = lower($3)
           ) as "taken!""#,
        deed.workspace.0,
        label.0,
        name.trim(),
    )
    .fetch_one(&mut *tx)
    .await?;
    if taken {
        return Ok(Err(TAKEN.into()));
    }
    let done = sqlx::query!(
        "update labels set name = $3, color = lower($4) where workspace_id = $1 and id = $2",
        deed.workspace.0,
        label.0,
        name.trim(),
        color,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_LABEL)
}

/// In one transaction: no contact is ever seen with a label that is not there.
pub(super) async fn delete(tx: &mut PgConnection, deed: Deed, label: LabelId) -> Result<Verdict> {
    let done = sqlx::query!("delete from labels where workspace_id = $1 and id = $2", deed.workspace.0, label.0)
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(Err(NO_LABEL.into()));
    }
    sqlx::query!(
        "update contacts set labels = array_remove(labels, $2)
         where id in (
           select id from contacts where workspace_id = $1 and labels @> array[$2::uuid] order by id for no key update
         )",
        deed.workspace.0,
        label.0,
    )
    .execute(tx)
    .await?;
    Ok(Ok(()))
}
