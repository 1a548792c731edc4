//! How the program behaves on this desktop, and what to tell whoever is asked for help.

use deskline_client::view::Storage;
use tauri::{AppHandle, State};

use crate::{
    desk::Desk,
    diagnostics::{self, Ground},
    error::Result,
    logging::Recent,
    place::Place,
    settings::{self, DesktopSettings, Settings},
    tray,
    update::Installed,
};

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn desktop_settings(app: AppHandle, place: State<'_, Place>, kept: State<'_, Settings>) -> DesktopSettings {
    settings::read(&app, &place, &kept)
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn set_desktop_settings(
    app: AppHandle,
    place: State<'_, Place>,
    kept: State<'_, Settings>,
    settings: DesktopSettings,
) -> Result<()> {
    Ok(settings::set(&app, &place, &kept, settings)?)
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn update_ready(installed: State<'_, Installed>) -> bool {
    installed.is_replaced()
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn restart(app: AppHandle) {
    tracing::info!("Deskline starts again, as it is installed now");
    app.request_restart();
}

#[tauri::command]
pub(crate) async fn diagnostics(app: AppHandle, desk: State<'_, Desk>, recent: State<'_, Recent>) -> Result<String> {
    let ground = Ground::look(tray::is_there(&app));
    let engine = match desk.client().await {
        Ok(client) => Ok(client.diagnostics().await),
        Err(error) => Err(format!("{:?}", error.code)),
    };
    let engine = engine.as_ref().map_err(String::as_str);
    Ok(diagnostics::write(engine, &ground, &recent.all(), now()))
}

#[tauri::command]
pub(crate) async fn storage(desk: State<'_, Desk>) -> Result<Storage> {
    Ok(desk.client().await?.storage().await?)
}

#[tauri::command]
pub(crate) async fn rebuild(desk: State<'_, Desk>) -> Result<()> {
    Ok(desk.client().await?.rebuild().await?)
}

#[expect(clippy::disallowed_methods, reason = "diagnostics have the system's time")]
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}
