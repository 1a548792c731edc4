//! Searching everything on this machine.

use deskline_client::view::search::{SearchPage, SearchQuery};
use tauri::State;

use crate::{desk::Desk, error::Result};

#[tauri::command]
pub(crate) async fn search(desk: State<'_, Desk>, query: SearchQuery) -> Result<SearchPage> {
    Ok(desk.client().await?.search(query).await?)
}
