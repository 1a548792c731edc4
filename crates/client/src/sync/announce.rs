//! What follows once a page is in the cache: the outbox forgets, the window is told, notifications come and go.
//!
//! Called after the transaction, never inside it: if the program ends in between, the next start finds the same rows.

use deskline_domain::ids::{ContactId, WorkspaceId};
use tracing::warn;

use super::apply::Applied;
use crate::{
    Result,
    core::Core,
    event::ClientEvent,
    notify::policy::{Arrival, Circumstances, News, silence},
    view::Session,
};

/// From so many contacts on, the window loads everything on screen again rather than row after row.
const MANY: usize = 50;

/// Does all of it.
pub(crate) async fn announce(core: &Core, workspace_id: WorkspaceId, applied: &Applied, arrival: Arrival) {
    if let Err(error) = forget(core, workspace_id, applied).await {
        warn!(%error, "The outbox cannot forget what the server has; it is shown once all the same");
    }
    tell(core, workspace_id, applied);
    core.withdraw(&applied.read).await;
    if let Err(error) = notify(core, workspace_id, &applied.news, arrival).await {
        warn!(%error, "Nobody was notified of what came in");
    }
    core.announce_unread().await;
}

/// What is worth telling is told.
async fn notify(core: &Core, workspace_id: WorkspaceId, news: &[News], arrival: Arrival) -> Result<()> {
    if news.is_empty() {
        return Ok(());
    }
    let at = Circumstances {
        me: core.me()?,
        focus: core.focus(),
        settings: core.notification_settings().await,
        now: core.now(),
    };
    let contacts: Vec<ContactId> = news.iter().map(|news| news.contact_id).collect();
    let muted = core.inbox().outbox.muted(&contacts).await?;
    let team = team_name(&core.session(), workspace_id);
    let news =
        news.iter().map(|news| News { muted: muted.contains(&news.contact_id), team: team.clone(), ..news.clone() });
    let worth: Vec<News> = news.filter(|news| silence(arrival, news, &at).is_none()).collect();
    core.on_board(|board| board.tell(arrival, &worth, &at.settings, at.now));
    Ok(())
}

/// Which team it is, for somebody who has several.
fn team_name(session: &Session, workspace_id: WorkspaceId) -> Option<String> {
    let Session::SignedIn { workspaces, .. } = session else { return None };
    let team = workspaces.iter().find(|team| team.id == workspace_id)?;
    (workspaces.len() > 1).then(|| team.name.clone())
}

async fn forget(core: &Core, workspace_id: WorkspaceId, applied: &Applied) -> Result<()> {
    if !core.inbox().settle(&applied.settled, &core.options).await?.is_empty() {
        // A head that went lets the next text of its conversation go.
        core.wake_sender.notify_one();
    }
    forget_commands(core, workspace_id).await
}

/// Commands that the cache shows by now are forgotten, and the window is told: a row that a colleague changed after the agent was
/// shown as the agent had left it.
pub(crate) async fn forget_commands(core: &Core, workspace_id: WorkspaceId) -> Result<()> {
    let inbox = core.inbox();
    let Some(progress) = inbox.cache.progress(workspace_id).await? else { return Ok(()) };
    for kept in inbox.outbox.forget_commands(workspace_id, progress.whole).await? {
        ClientEvent::shown_by(&kept.command, kept.contact_id).into_iter().for_each(|event| core.emit(event));
    }
    Ok(())
}

fn tell(core: &Core, workspace_id: WorkspaceId, applied: &Applied) {
    if applied.audit {
        core.emit(ClientEvent::AuditChanged);
    }
    if applied.team {
        core.emit(ClientEvent::TeamChanged { workspace_id });
    }
    for (contact_id, note_ids) in &applied.notes {
        core.emit(ClientEvent::NotesChanged { contact_id: *contact_id, note_ids: note_ids.clone() });
    }
    if applied.contacts.len() > MANY {
        core.emit(ClientEvent::Reload);
        return;
    }
    for (contact_id, message_ids) in &applied.messages {
        core.emit(ClientEvent::MessagesChanged { contact_id: *contact_id, message_ids: message_ids.clone() });
    }
    for (contact_id, message_ids) in &applied.received {
        core.emit(ClientEvent::Received { contact_id: *contact_id, message_ids: message_ids.clone() });
    }
    if !applied.contacts.is_empty() {
        core.emit(ClientEvent::ConversationsChanged { contact_ids: applied.contacts.iter().copied().collect() });
    }
}
