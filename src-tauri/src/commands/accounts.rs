//! Several accounts at once.

use tauri::{AppHandle, State};

use crate::{
    accounts::{self, AccountView},
    desk::{Desk, Seat},
    error::Result,
    place::Place,
};

#[tauri::command]
pub(crate) async fn accounts(desk: State<'_, Desk>) -> Result<Vec<AccountView>> {
    Ok(accounts::list(&desk).await)
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn switch_account(app: AppHandle, id: Seat) {
    accounts::switch(&app, id);
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn add_account(app: AppHandle, place: State<'_, Place>) {
    accounts::add(&app, &place);
}

#[tauri::command]
pub(crate) async fn leave_account(app: AppHandle, place: State<'_, Place>) -> Result<()> {
    Ok(accounts::leave(&app, &place).await?)
}
