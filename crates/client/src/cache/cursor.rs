//! How far each team's feed was read. Moved by `sync/apply` alone, in the transaction that stores the rows.

use deskline_domain::{change::Cursor, ids::WorkspaceId};
use sqlx::FromRow;

use super::Cache;
use crate::{Result, database::bad_cell};

/// One team's progress.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    pub(crate) cursor: Cursor,
    /// Every change up to here is in the rows. The cursor may be further: a row that changed again is told under its later number
    /// alone, and so a page that is not the last one may lack it.
    pub(crate) whole: i64,
    /// What to ask for next; `None` once the snapshot is complete.
    pub(crate) snapshot_next: Option<String>,
    /// Rows of the snapshot so far.
    pub(crate) done: i64,
    /// Rows of the snapshot, about.
    pub(crate) total: i64,
}

#[derive(FromRow)]
struct Cells {
    feed: String,
    seq: i64,
    whole_seq: i64,
    snapshot_next: Option<String>,
    snapshot_done: i64,
    snapshot_total: i64,
}

impl Cache {
    /// `None` before the first page of the first snapshot.
    pub(crate) async fn progress(&self, workspace_id: WorkspaceId) -> Result<Option<Progress>> {
        let cells: Option<Cells> = sqlx::query_as(
            "select feed, seq, whole_seq, snapshot_next, snapshot_done, snapshot_total from cursors where workspace_id = ?",
        )
        .bind(workspace_id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        let Some(cells) = cells else { return Ok(None) };
        Ok(Some(Progress {
            cursor: Cursor { feed: cells.feed.parse().map_err(bad_cell("feed"))?, seq: cells.seq },
            whole: cells.whole_seq,
            snapshot_next: cells.snapshot_next,
            done: cells.snapshot_done,
            total: cells.snapshot_total,
        }))
    }
}
