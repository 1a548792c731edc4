//! What follows once a page is in the cache: the outbox forgets, the window is told, notifications come and go.
//!
//! Called after the transaction, never inside it: if the program ends in between, the next start finds the same rows.

use deskline_domain::ids::WorkspaceId;
use tracing::warn;

use super::apply::Applied;
use crate::{
    Result,
    core::Core,
    event::ClientEvent,
    notify::policy::{self, Arrival},
};

/// From so many contacts on, the window loads everything on screen again rather than row after row.
const MANY: usize = 50;

/// Does all of it.
pub(crate) async fn announce(core: &Core, workspace_id: WorkspaceId, applied: &Applied, arrival: Arrival) {
    if let Err(error) = forget(core, workspace_id, applied).await {
        warn!(%error, "The outbox cannot forget what the server has; it is shown once all the same");
    }
    tell(core, workspace_id, applied);
    for contact_id in &applied.read {
        core.options.notifier.withdraw(*contact_id);
    }
    for notification in policy::decide(arrival, &applied.news, core.focus()) {
        core.options.notifier.show(notification);
    }
    core.announce_unread().await;
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
        core.emit(ClientEvent::shown_by(&kept.command, kept.contact_id));
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
