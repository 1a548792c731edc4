//! Working without the server: how it stands, and Twilio accounts that are entered by hand.

use deskline_client::view::direct::{DirectWork, TwilioLogin};
use tauri::State;

use crate::{desk::Desk, error::Result};

#[tauri::command]
pub(crate) async fn direct_work(desk: State<'_, Desk>) -> Result<DirectWork> {
    Ok(desk.client().await?.direct_work().await)
}

#[tauri::command]
pub(crate) async fn enter_twilio(desk: State<'_, Desk>, login: TwilioLogin) -> Result<DirectWork> {
    Ok(desk.client().await?.enter_twilio(login).await?)
}

#[tauri::command]
pub(crate) async fn forget_twilio(desk: State<'_, Desk>, account_sid: String) -> Result<DirectWork> {
    Ok(desk.client().await?.forget_twilio(&account_sid).await?)
}
