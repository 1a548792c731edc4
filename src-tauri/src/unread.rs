//! The number of unread texts, over all accounts, on everything outside the page: window title, tray and badge.
//!
//! Counted anew from the engine each time something may have changed it, never added up here.

use deskline_client::{Client, ClientEvent};
use tauri::{AppHandle, Manager};
use tokio::sync::broadcast::error::RecvError;

use crate::{desk::Desk, tray, window};

/// Keeps the number right until the engine is gone.
pub(crate) async fn follow(app: AppHandle, client: Client) {
    let mut events = client.events();
    drop(client);
    show(&app).await;
    loop {
        match events.recv().await {
            Ok(ClientEvent::UnreadChanged { .. } | ClientEvent::SessionChanged | ClientEvent::Reload)
            | Err(RecvError::Lagged(_)) => show(&app).await,
            Ok(_) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Counts and shows.
pub(crate) async fn show(app: &AppHandle) {
    let mut count = 0;
    for (_, client) in app.state::<Desk>().clients() {
        count += match client.unread_count().await {
            Ok(count) => count,
            // Nobody is signed in, or the cache is being rebuilt: there is nothing that could be unread.
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "Unread texts could not be counted");
                0
            }
        };
    }
    if let Some(window) = app.get_webview_window(window::LABEL) {
        if let Err(error) = window.set_title(&title(count)) {
            tracing::warn!(%error, "The window's title could not be set");
        }
        // Where the platform has no badge (Windows, most Linux desktops), this does nothing.
        if let Err(error) = window.set_badge_count((count > 0).then_some(count)) {
            tracing::debug!(%error, "The badge could not be set");
        }
        #[cfg(windows)]
        if let Err(error) = window.set_overlay_icon((count > 0).then(tray::dot)) {
            tracing::debug!(%error, "The overlay icon could not be set");
        }
    }
    tray::show_unread(app, count);
}

/// `(3) Deskline`, or plain `Deskline`.
pub(crate) fn title(count: i64) -> String {
    if count > 0 { format!("({count}) {}", window::TITLE) } else { window::TITLE.to_owned() }
}

/// `3 unread`, or `Nothing unread`.
pub(crate) fn words(count: i64) -> String {
    if count > 0 { format!("{count} unread") } else { "Nothing unread".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_counts_only_when_there_is_something_to_count() {
        assert_eq!([0, 1, 1200].map(title), ["Deskline", "(1) Deskline", "(1200) Deskline"]);
        assert_eq!([0, 3].map(words), ["Nothing unread", "3 unread"]);
    }
}
