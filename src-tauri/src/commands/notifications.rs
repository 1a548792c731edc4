//! What the agent wants to be told.

use deskline_client::NotificationSettings;
use deskline_domain::ids::ContactId;
use tauri::State;

use crate::{desk::Desk, error::Result};

#[tauri::command]
pub(crate) async fn notification_settings(desk: State<'_, Desk>) -> Result<NotificationSettings> {
    Ok(desk.client().await?.notification_settings().await?)
}

#[tauri::command]
pub(crate) async fn set_notification_settings(desk: State<'_, Desk>, settings: NotificationSettings) -> Result<()> {
    Ok(desk.client().await?.set_notification_settings(settings).await?)
}

#[tauri::command]
pub(crate) async fn set_muted(desk: State<'_, Desk>, contact_id: ContactId, muted: bool) -> Result<()> {
    Ok(desk.client().await?.set_muted(contact_id, muted).await?)
}
