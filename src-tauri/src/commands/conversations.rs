//! The list of conversations, and what is kept with each of them.

use deskline_client::view::{
    Consent, ContactCard, Conversation, ConversationPage, ConversationQuery, Counts, HistoryLine,
};
use deskline_domain::{
    ids::{ContactId, WorkspaceId},
    protocol::ReplySettings,
};
use tauri::State;

use crate::{desk::Desk, error::Result};

#[tauri::command]
pub(crate) async fn conversations(desk: State<'_, Desk>, query: ConversationQuery) -> Result<ConversationPage> {
    Ok(desk.client().await?.conversations(query).await?)
}

#[tauri::command]
pub(crate) async fn conversation(desk: State<'_, Desk>, contact_id: ContactId) -> Result<Conversation> {
    Ok(desk.client().await?.conversation(contact_id).await?)
}

#[tauri::command]
pub(crate) async fn unread_count(desk: State<'_, Desk>) -> Result<i64> {
    Ok(desk.client().await?.unread_count().await?)
}

#[tauri::command]
pub(crate) async fn counts(desk: State<'_, Desk>, workspace_id: Option<WorkspaceId>) -> Result<Counts> {
    Ok(desk.client().await?.counts(workspace_id).await?)
}

#[tauri::command]
pub(crate) async fn contact_card(desk: State<'_, Desk>, contact_id: ContactId) -> Result<ContactCard> {
    Ok(desk.client().await?.contact_card(contact_id).await?)
}

#[tauri::command]
pub(crate) async fn consents(desk: State<'_, Desk>, contact_id: ContactId) -> Result<Vec<Consent>> {
    Ok(desk.client().await?.consents(contact_id).await?)
}

#[tauri::command]
pub(crate) async fn history(desk: State<'_, Desk>, contact_id: ContactId) -> Result<Vec<HistoryLine>> {
    Ok(desk.client().await?.history(contact_id).await?)
}

#[tauri::command]
pub(crate) async fn opt_out(desk: State<'_, Desk>, contact_id: ContactId, reason: String) -> Result<()> {
    Ok(desk.client().await?.opt_out(contact_id, reason).await?)
}

#[tauri::command]
pub(crate) async fn opt_in(desk: State<'_, Desk>, contact_id: ContactId, reason: String) -> Result<()> {
    Ok(desk.client().await?.opt_in(contact_id, reason).await?)
}

#[tauri::command]
pub(crate) async fn mark_read(desk: State<'_, Desk>, contact_id: ContactId) -> Result<()> {
    Ok(desk.client().await?.mark_read(contact_id).await?)
}

#[tauri::command]
pub(crate) async fn save_draft(desk: State<'_, Desk>, contact_id: ContactId, text: String) -> Result<()> {
    Ok(desk.client().await?.save_draft(contact_id, text).await?)
}

#[tauri::command]
pub(crate) async fn save_reply(desk: State<'_, Desk>, contact_id: ContactId, reply: ReplySettings) -> Result<()> {
    Ok(desk.client().await?.save_reply(contact_id, reply).await?)
}
