//! Canned replies. Whether their variables are spelt right was checked before: see `deskline_domain::canned`.

use deskline_domain::{command::rules::MAX_CANNED_REPLIES, ids::CannedReplyId};
use sqlx::PgConnection;

use super::{Deed, Verdict, if_there};
use crate::Result;

const NO_REPLY: &str = "This canned reply is no longer there.";
const TAKEN: &str = "There is already a canned reply with this name.";

pub(super) async fn create(
    tx: &mut PgConnection,
    deed: Deed,
    reply: CannedReplyId,
    name: &str,
    content: &str,
) -> Result<Verdict> {
    let known = sqlx::query!(
        r#"select (select count(*) from canned_replies where workspace_id = $1) as "count!",
                  exists (select from canned_replies where workspace_id = $1 and lower(name) = lower($2)) as "taken!",
                  exists (select from canned_replies where id = $3) as "used!""#,
        deed.workspace.0,
        name.trim(),
        reply.0,
    )
    .fetch_one(&mut *tx)
    .await?;
    if known.used {
        return Ok(Err("Another canned reply has this id.".into()));
    }
    if known.taken {
        return Ok(Err(TAKEN.into()));
    }
    if known.count >= MAX_CANNED_REPLIES {
        return Ok(Err(format!("A workspace can have {MAX_CANNED_REPLIES} canned replies at most.").into()));
    }
    // Whoever makes the same one at this moment collides here; `retry` then finds it above.
    sqlx::query!(
        "insert into canned_replies (id, workspace_id, name, content, created_at) values ($1, $2, $3, $4, $5)",
        reply.0,
        deed.workspace.0,
        name.trim(),
        content,
        deed.now,
    )
    .execute(tx)
    .await?;
    Ok(Ok(()))
}

pub(super) async fn update(
    tx: &mut PgConnection,
    deed: Deed,
    reply: CannedReplyId,
    name: &str,
    content: &str,
) -> Result<Verdict> {
    let taken = sqlx::query_scalar!(
        r#"select exists (
             select from canned_replies where workspace_id = $1 and id <> $2 and lower(name) = lower($3)
           ) as "taken!""#,
        deed.workspace.0,
        reply.0,
        name.trim(),
    )
    .fetch_one(&mut *tx)
    .await?;
    if taken {
        return Ok(Err(TAKEN.into()));
    }
    let done = sqlx::query!(
        "update canned_replies set name = $3, content = $4 where workspace_id = $1 and id = $2",
        deed.workspace.0,
        reply.0,
        name.trim(),
        content,
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), NO_REPLY)
}

pub(super) async fn delete(tx: &mut PgConnection, deed: Deed, reply: CannedReplyId) -> Result<Verdict> {
    let done =
        sqlx::query!("delete from canned_replies where workspace_id = $1 and id = $2", deed.workspace.0, reply.0)
            .execute(tx)
            .await?;
    if_there(done.rows_affected(), NO_REPLY)
}
