//! Private notes beside a conversation. Nothing here comes near a send path.

use deskline_domain::ids::{ContactId, NoteId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Deed, Verdict, are_members, lock_contact};
use crate::Result;

const NO_NOTE: &str = "This note is no longer there.";
const STRANGERS: &str = "A note can mention members of this workspace only.";

pub(super) async fn add(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    note: NoteId,
    content: &str,
    mentions: &[UserId],
) -> Result<Verdict> {
    if !are_members(tx, deed, mentions).await? {
        return Ok(Err(STRANGERS.into()));
    }
    if let Err(refusal) = lock_contact(tx, deed, contact).await? {
        return Ok(Err(refusal));
    }
    let done = sqlx::query!(
        "insert into notes (id, workspace_id, contact_id, author_id, content, mentions, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do nothing",
        note.0,
        deed.workspace.0,
        contact.0,
        deed.user.0,
        content,
        &each_once(mentions),
        deed.now,
    )
    .execute(tx)
    .await?;
    Ok(if done.rows_affected() > 0 { Ok(()) } else { Err("Another note has this id.".into()) })
}

pub(super) async fn edit(
    tx: &mut PgConnection,
    deed: Deed,
    note: NoteId,
    content: &str,
    mentions: &[UserId],
) -> Result<Verdict> {
    match author_of(tx, deed, note).await? {
        None => return Ok(Err(NO_NOTE.into())),
        Some(author) if author != deed.user => return Ok(Err("Only its author can change a note.".into())),
        Some(_) => {}
    }
    if !are_members(tx, deed, mentions).await? {
        return Ok(Err(STRANGERS.into()));
    }
    sqlx::query!(
        "update notes set content = $2, mentions = $3, edited_at = $4 where id = $1",
        note.0,
        content,
        &each_once(mentions),
        deed.now,
    )
    .execute(tx)
    .await?;
    Ok(Ok(()))
}

pub(super) async fn delete(tx: &mut PgConnection, deed: Deed, note: NoteId) -> Result<Verdict> {
    match author_of(tx, deed, note).await? {
        None => return Ok(Err(NO_NOTE.into())),
        Some(author) if author != deed.user && !deed.role.is_admin() => {
            return Ok(Err("Only its author, an admin or an owner can delete a note.".into()));
        }
        Some(_) => {}
    }
    sqlx::query!("delete from notes where id = $1", note.0).execute(tx).await?;
    Ok(Ok(()))
}

/// Locks the note.
async fn author_of(tx: &mut PgConnection, deed: Deed, note: NoteId) -> Result<Option<UserId>> {
    let author = sqlx::query_scalar!(
        "select author_id from notes where workspace_id = $1 and id = $2 for update",
        deed.workspace.0,
        note.0,
    )
    .fetch_optional(tx)
    .await?;
    Ok(author.map(UserId))
}

fn each_once(users: &[UserId]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
