//! The list of conversations, and what is kept with each of them.

use deskline_client::view::{Conversation, ConversationPage, ConversationQuery};
use deskline_domain::ids::ContactId;
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
pub(crate) async fn mark_read(desk: State<'_, Desk>, contact_id: ContactId) -> Result<()> {
    Ok(desk.client().await?.mark_read(contact_id).await?)
}

#[tauri::command]
pub(crate) async fn save_draft(desk: State<'_, Desk>, contact_id: ContactId, text: String) -> Result<()> {
    Ok(desk.client().await?.save_draft(contact_id, text).await?)
}
