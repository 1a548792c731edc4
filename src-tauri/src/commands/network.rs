//! The way to the server. A change holds from the next start on, which follows at once.

use tauri::{AppHandle, State};

use crate::{
    error::Result,
    network::{self, NetworkSettings, NetworkWish},
    place::Place,
};

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn network_settings(place: State<'_, Place>) -> NetworkSettings {
    network::read(&place)
}

#[tauri::command]
pub(crate) async fn set_network_settings(app: AppHandle, place: State<'_, Place>, wish: NetworkWish) -> Result<()> {
    let place = place.inner().clone();
    let kept = tauri::async_runtime::spawn_blocking(move || network::set(&place, wish)).await;
    kept.unwrap_or_else(|_| Err(deskline_client::Error::Keychain("it broke down".to_owned())))?;
    tracing::info!("The way to the server is another one; Deskline starts again");
    app.request_restart();
    Ok(())
}
