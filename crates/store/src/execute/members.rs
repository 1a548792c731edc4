//! What colleagues call each other.

use deskline_domain::ids::UserId;
use sqlx::PgConnection;

use super::{Deed, Verdict, if_there};
use crate::Result;

pub(super) async fn rename(tx: &mut PgConnection, deed: Deed, user: UserId, name: &str) -> Result<Verdict> {
    if user != deed.user && !deed.role.is_admin() {
        return Ok(Err("Only admins and owners can give somebody else a name.".into()));
    }
    let done = sqlx::query!(
        "update workspace_members set name = $3 where workspace_id = $1 and user_id = $2",
        deed.workspace.0,
        user.0,
        name.trim(),
    )
    .execute(tx)
    .await?;
    if_there(done.rows_affected(), "This user is not a member of this workspace.")
}
