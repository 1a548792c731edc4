//! Asks for pages: the snapshot's first, then history and the feed in turn, until the cache stands at the head.
//!
//! One step at a time, so that [`super::run`] can be called away between two. Everything it learns is in the cache after
//! each step: a program that is killed goes on with the next page.

use std::sync::Arc;

use deskline_domain::ids::WorkspaceId;
use tracing::{info, warn};

use super::{announce::announce, apply};
use crate::{
    cache::cursor::Progress, core::Core, event::ClientEvent, notify::policy::Arrival, upstream::answer::CallError,
};

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Whether anything changed.
    pub(crate) news: bool,
    /// Whether another step is needed.
    pub(crate) more: bool,
    /// Rows of the snapshot so far and in all, while there is one to fetch.
    pub(crate) progress: Option<(i64, i64)>,
}

/// One page of whatever the team lacks most.
pub(crate) async fn step(core: &Arc<Core>, workspace_id: WorkspaceId) -> Result<Step, CallError> {
    match core.inbox().cache.progress(workspace_id).await? {
        None => start(core, workspace_id).await,
        Some(progress) => match go_on(core, workspace_id, &progress).await {
            Err(CallError::FeedChanged) => {
                warn!(%workspace_id, "The server's feed is another one; starting over from a snapshot");
                core.inbox().outbox.forget_done_commands(workspace_id).await?;
                start(core, workspace_id).await
            }
            other => other,
        },
    }
}

/// The first page of a snapshot: the window is usable after it.
async fn start(core: &Arc<Core>, workspace_id: WorkspaceId) -> Result<Step, CallError> {
    let page = core.call(|caller| async move { caller.snapshot(workspace_id, None).await }).await?;
    check(workspace_id, page.workspace_id)?;
    let applied = apply::snapshot(&core.inbox().cache, &page, true, core.now()).await?;
    announce(core, workspace_id, &applied, Arrival::First).await;
    core.emit(ClientEvent::Reload);
    let rows = page.contacts.len() + page.messages.len();
    info!(%workspace_id, rows, total = page.total, "The first page of the snapshot is here");
    Ok(Step { news: true, more: true, progress: Some((i64::try_from(rows).unwrap_or(i64::MAX), page.total)) })
}

/// A page of history, if the snapshot is not complete, and then a page of the feed.
async fn go_on(core: &Arc<Core>, workspace_id: WorkspaceId, progress: &Progress) -> Result<Step, CallError> {
    let mut more = false;
    if let Some(next) = &progress.snapshot_next {
        let page = core
            .call(|caller| {
                let next = next.clone();
                async move { caller.snapshot(workspace_id, Some(&next)).await }
            })
            .await;
        let page = match page {
            // The server does not know this place any more: what is here stays until the new first page replaces it.
            Err(CallError::Said { status, .. }) if status == 400 || status == 410 => {
                return start(core, workspace_id).await;
            }
            page => page?,
        };
        check(workspace_id, page.workspace_id)?;
        if page.feed != progress.cursor.feed {
            return Err(CallError::FeedChanged);
        }
        let applied = apply::snapshot(&core.inbox().cache, &page, false, core.now()).await?;
        announce(core, workspace_id, &applied, Arrival::First).await;
        more = page.next.is_some();
        if !more {
            info!(%workspace_id, "The snapshot is complete");
            core.emit(ClientEvent::Reload);
        }
    }

    let cursor = progress.cursor;
    let page = core.call(|caller| async move { caller.changes(workspace_id, cursor).await }).await?;
    check(workspace_id, page.workspace_id)?;
    if page.feed != cursor.feed {
        return Err(CallError::FeedChanged);
    }
    let news = !page.changes.is_empty() || page.up_to != page.after;
    if news {
        let applied = apply::changes(&core.inbox().cache, &page, core.now()).await?;
        // Nobody else moves the cursor, so it is the page that asked for another one.
        let applied = applied.ok_or_else(|| {
            CallError::Local(crate::Error::Server("a page of changes does not begin where it was asked to".to_owned()))
        })?;
        announce(core, workspace_id, &applied, Arrival::CatchUp).await;
    }
    // A page that says there is more and does not move would be asked for forever.
    more |= page.has_more() && page.up_to > page.after;
    let snapshot = more.then_some((progress.done, progress.total)).filter(|_| progress.snapshot_next.is_some());
    Ok(Step { news, more, progress: snapshot })
}

/// A page of another team would be put into the wrong place.
fn check(asked: WorkspaceId, answered: WorkspaceId) -> Result<(), CallError> {
    if asked == answered {
        return Ok(());
    }
    Err(CallError::Local(crate::Error::Server("it answered with another team's page".to_owned())))
}
