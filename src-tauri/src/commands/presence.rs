//! What the agent does right now, and what colleagues do.

use deskline_client::view::{Claim, Colleagues};
use deskline_domain::ids::ContactId;
use tauri::State;

use crate::{desk::Desk, error::Result};

#[tauri::command]
pub(crate) async fn colleagues(desk: State<'_, Desk>) -> Result<Colleagues> {
    Ok(desk.client().await?.colleagues()?)
}

#[tauri::command]
pub(crate) async fn set_away(desk: State<'_, Desk>, away: bool) -> Result<()> {
    desk.client().await?.set_away(away);
    Ok(())
}

#[tauri::command]
pub(crate) async fn typing(desk: State<'_, Desk>, contact_id: ContactId, blank: bool) -> Result<()> {
    Ok(desk.client().await?.typing(contact_id, blank).await?)
}

#[tauri::command]
pub(crate) async fn claim(desk: State<'_, Desk>, contact_id: ContactId) -> Result<Option<Claim>> {
    Ok(desk.client().await?.claim(contact_id).await?)
}
