//! Removes content that no file of ours has: a process that died between storing a content and noting its file left it behind.
//!
//! Called by [`crate::chores`], once a day. Looks at nothing younger than a day, whose file may still be noted, and at nothing of a
//! workspace that the database does not have.

use std::{pin::pin, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;

use super::Media;
use crate::auth::time_delta;

/// Content that is younger may belong to a file that is being noted.
const YOUNGEST: Duration = Duration::from_secs(24 * 3_600);
/// Files asked about at once.
const CHUNK: usize = 500;
/// More are left to the next day: that many mean that something else is wrong.
const MOST: u64 = 1_000;

impl Media {
    /// Removes what nobody knows, and answers how much.
    ///
    /// # Errors
    /// When the object store or the database does not answer; what was removed until then is gone.
    pub async fn sweep_orphans(&self, now: DateTime<Utc>) -> anyhow::Result<u64> {
        let mut contents = pin!(self.objects.before(now - time_delta(YOUNGEST)).try_chunks(CHUNK));
        let mut removed = 0;
        while let Some(chunk) = contents.try_next().await? {
            for (workspace, file) in self.store.orphans(&chunk).await? {
                if removed == MOST {
                    return Ok(removed);
                }
                self.objects.delete(workspace, file).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}
