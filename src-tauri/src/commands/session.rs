//! Signing in and out, how the desktop stands to its server, its disk, and the server to Twilio, and what the agent looks at.

use deskline_client::{
    ClientEvent,
    view::{Audit, Connection, Focus, LocalCopy, Session, SignIn},
};
use tauri::State;

use crate::{bridge::Bridge, desk::Desk, error::Result};

#[tauri::command]
pub(crate) async fn session(desk: State<'_, Desk>) -> Result<Session> {
    Ok(desk.client().await?.session())
}

#[tauri::command]
pub(crate) async fn sign_in(desk: State<'_, Desk>, request: SignIn) -> Result<Session> {
    Ok(desk.client().await?.sign_in(request).await?)
}

#[tauri::command]
pub(crate) async fn sign_out(desk: State<'_, Desk>) -> Result<()> {
    Ok(desk.client().await?.sign_out().await?)
}

#[tauri::command]
pub(crate) async fn change_password(desk: State<'_, Desk>, current: String, next: String) -> Result<()> {
    Ok(desk.client().await?.change_password(&current.into(), &next.into()).await?)
}

#[tauri::command]
pub(crate) async fn connection(desk: State<'_, Desk>) -> Result<Connection> {
    Ok(desk.client().await?.connection())
}

#[tauri::command]
pub(crate) async fn audit(desk: State<'_, Desk>) -> Result<Option<Audit>> {
    Ok(desk.client().await?.audit().await?)
}

#[tauri::command]
pub(crate) async fn local_copy(desk: State<'_, Desk>) -> Result<LocalCopy> {
    Ok(desk.client().await?.local_copy())
}

#[tauri::command]
pub(crate) async fn dismiss_notice(desk: State<'_, Desk>, id: u32) -> Result<()> {
    desk.client().await?.dismiss_notice(id);
    Ok(())
}

#[tauri::command]
pub(crate) async fn set_focus(desk: State<'_, Desk>, focus: Focus) -> Result<()> {
    desk.client().await?.set_focus(focus).await;
    Ok(())
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn ui_ready(bridge: State<'_, Bridge>) {
    bridge.open();
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn take_events(bridge: State<'_, Bridge>) -> Vec<ClientEvent> {
    bridge.take()
}
