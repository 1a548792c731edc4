//! What an agent does beside texting, and what the team has for it.

use deskline_client::view::{Note, TakenBack, Team};
use deskline_domain::{
    command::Action,
    ids::{CannedReplyId, CommandId, ContactId, LabelId, NoteId, UserId, WorkspaceId},
};
use tauri::State;

use crate::{desk::Desk, error::Result};

#[tauri::command]
pub(crate) async fn team(desk: State<'_, Desk>, workspace_id: WorkspaceId) -> Result<Team> {
    Ok(desk.client().await?.team(workspace_id).await?)
}

#[tauri::command]
pub(crate) async fn note(desk: State<'_, Desk>, note_id: NoteId) -> Result<Note> {
    Ok(desk.client().await?.note(note_id).await?)
}

#[tauri::command]
pub(crate) async fn perform(desk: State<'_, Desk>, workspace_id: WorkspaceId, action: Action) -> Result<()> {
    Ok(desk.client().await?.perform(workspace_id, action).await?)
}

#[tauri::command]
pub(crate) async fn add_note(
    desk: State<'_, Desk>,
    contact_id: ContactId,
    content: String,
    mentions: Vec<UserId>,
) -> Result<Note> {
    Ok(desk.client().await?.add_note(contact_id, content, mentions).await?)
}

#[tauri::command]
pub(crate) async fn create_label(
    desk: State<'_, Desk>,
    workspace_id: WorkspaceId,
    name: String,
    color: String,
) -> Result<LabelId> {
    Ok(desk.client().await?.create_label(workspace_id, name, color).await?)
}

#[tauri::command]
pub(crate) async fn create_canned_reply(
    desk: State<'_, Desk>,
    workspace_id: WorkspaceId,
    name: String,
    content: String,
) -> Result<CannedReplyId> {
    Ok(desk.client().await?.create_canned_reply(workspace_id, name, content).await?)
}

#[tauri::command]
pub(crate) async fn taken_back(desk: State<'_, Desk>) -> Result<Vec<TakenBack>> {
    Ok(desk.client().await?.taken_back().await?)
}

#[tauri::command]
pub(crate) async fn dismiss_taken_back(desk: State<'_, Desk>, command_id: CommandId) -> Result<()> {
    Ok(desk.client().await?.dismiss_taken_back(command_id).await?)
}
