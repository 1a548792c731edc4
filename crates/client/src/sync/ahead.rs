//! Pages that are fetched while the ones before are written, and put together into one.
//!
//! Called by [`super::pull`]. What a transaction costs is pages of the file, each of which is encrypted when it is written: a thousand
//! changes touch nearly as many of them as eight thousand do. So the reader goes on for as long as the writer is busy, and what it
//! then has is written in one go. Nothing here is kept or shown: what goes wrong is asked for again when it is its turn, and fails
//! then for everybody to see.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use deskline_domain::{
    change::{Change, ChangePage, Cursor},
    ids::WorkspaceId,
    protocol::SnapshotPage,
};

use crate::{core::Core, upstream::answer::CallError};

/// Rows that are put together at most, give or take a page: they are in memory twice for a moment, and nobody else writes meanwhile.
const MOST: usize = 8_000;

/// What was fetched while the page before it was being written. A page that is not the next one any more is fetched again.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    /// With the place that it was asked for. No page of the feed may be applied between asking for it and writing it: it would put older
    /// rows over newer ones.
    pub(super) history: Option<(String, SnapshotPage)>,
    /// Stretches of history since the feed was looked at.
    pub(super) in_a_row: u32,
    pub(super) changes: Option<ChangePage>,
}

/// Whether the writer is done, for the reader beside it.
#[derive(Debug, Default)]
pub(super) struct Written(AtomicBool);

impl Written {
    /// Says so once `writing` is over.
    pub(super) async fn after<T>(&self, writing: impl Future<Output = T>) -> T {
        let done = writing.await;
        self.0.store(true, Ordering::Relaxed);
        done
    }

    fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub(super) async fn history(core: &Arc<Core>, team: WorkspaceId, place: &str) -> Result<SnapshotPage, CallError> {
    core.call(|caller| async move { caller.snapshot(team, Some(place)).await }).await
}

pub(super) async fn changes(core: &Arc<Core>, team: WorkspaceId, cursor: Cursor) -> Result<ChangePage, CallError> {
    core.call(|caller| async move { caller.changes(team, cursor).await }).await
}

/// History from `place` on.
pub(super) async fn history_ahead(
    core: &Arc<Core>,
    team: WorkspaceId,
    place: Option<&str>,
    written: &Written,
) -> Option<SnapshotPage> {
    let mut so_far = history(core, team, place?).await.ok()?;
    while let Some(place) = so_far.next.clone()
        && so_far.messages.len() < MOST
        && !written.is_over()
    {
        let Ok(next) = history(core, team, &place).await else { break };
        if (next.workspace_id, next.feed) != (so_far.workspace_id, so_far.feed) {
            break;
        }
        so_far = joined_history(so_far, next);
    }
    Some(so_far)
}

/// The feed from a cursor on.
pub(super) async fn changes_ahead(
    core: &Arc<Core>,
    team: WorkspaceId,
    cursor: Option<Cursor>,
    written: &Written,
) -> Option<ChangePage> {
    let mut so_far = changes(core, team, cursor?).await.ok()?;
    while so_far.has_more() && so_far.changes.len() < MOST && !written.is_over() {
        let place = Cursor { feed: so_far.feed, seq: so_far.up_to };
        let Ok(next) = changes(core, team, place).await else { break };
        let fits = (next.workspace_id, next.feed, next.after) == (so_far.workspace_id, so_far.feed, so_far.up_to);
        if !fits || next.up_to <= next.after {
            break;
        }
        so_far = joined_changes(so_far, next);
    }
    Some(so_far)
}

fn joined_history(first: SnapshotPage, next: SnapshotPage) -> SnapshotPage {
    let mut joined = first;
    joined.contacts.extend(next.contacts);
    joined.messages.extend(next.messages);
    joined.notes.extend(next.notes);
    SnapshotPage { next: next.next, total: next.total, ..joined }
}

/// Two pages that follow each other, as one. What changed in both stands in the second alone, and is new if it was new in the first.
fn joined_changes(first: ChangePage, next: ChangePage) -> ChangePage {
    let again: HashMap<_, _> =
        next.changes.iter().enumerate().map(|(at, change)| ((change.entity.clone(), change.id), at)).collect();
    let mut later = next.changes;
    let mut changes: Vec<Change> = Vec::with_capacity(first.changes.len() + later.len());
    for change in first.changes {
        match again.get(&(change.entity.clone(), change.id)).and_then(|at| later.get_mut(*at)) {
            Some(newer) => newer.created |= change.created,
            None => changes.push(change),
        }
    }
    changes.append(&mut later);
    ChangePage { up_to: next.up_to, head: next.head, changes, ..first }
}

#[cfg(test)]
mod tests {
    use deskline_domain::{ids::FeedId, row::RawRow};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn page(after: i64, up_to: i64, head: i64, changes: Vec<Change>) -> ChangePage {
        let (team, feed) = (WorkspaceId(Uuid::from_u128(1)), FeedId(Uuid::from_u128(2)));
        ChangePage { workspace_id: team, feed, after, up_to, head, changes }
    }

    fn change(seq: i64, entity: &str, id: u128, created: bool, row: Option<u32>) -> Change {
        let row = row.map(|row| RawRow::from(json!(row)));
        Change { seq, entity: entity.to_owned(), id: Uuid::from_u128(id), created, row }
    }

    #[test]
    fn pages_that_follow_each_other_become_one_with_the_last_of_each_row() {
        let first = page(
            3,
            6,
            9,
            vec![
                change(4, "message", 7, true, Some(1)),
                change(5, "contact", 7, false, Some(2)),
                change(6, "message", 8, true, None),
            ],
        );
        let next = page(
            6,
            9,
            9,
            vec![
                change(7, "message", 7, false, Some(3)),
                change(8, "message", 8, false, Some(4)),
                change(9, "message", 9, false, Some(5)),
            ],
        );

        let joined = joined_changes(first, next);

        let expected = vec![
            change(5, "contact", 7, false, Some(2)),
            change(7, "message", 7, true, Some(3)),
            change(8, "message", 8, true, Some(4)),
            change(9, "message", 9, false, Some(5)),
        ];
        assert_eq!(joined, page(3, 9, 9, expected));
        assert!(!joined.has_more());
    }
}
