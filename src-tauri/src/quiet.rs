//! "Do not disturb" in the tray: shows whether it holds, and turns it on and off.
//!
//! What it means is the engine's to say (`deskline_client::notify`). Started by `setup` once the engine is open.

use chrono::{DateTime, Utc};
use deskline_client::{Client, ClientEvent, DoNotDisturb, NotificationSettings};
use tauri::{AppHandle, Manager};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{desk::Desk, tray};

/// Keeps the mark in the tray's menu right until the engine is gone.
pub(crate) async fn follow(app: AppHandle, client: Client) {
    let mut events = client.events();
    loop {
        let quiet = client.notification_settings().await.unwrap_or_default().do_not_disturb;
        tray::show_quiet(&app, quiet.holds(now()));
        tokio::select! {
            changed = changed(&mut events) => {
                if !changed {
                    return;
                }
            }
            () = end_of(quiet) => {}
        }
    }
}

/// Waits until the settings may be other ones; answers whether there is still anybody to ask.
async fn changed(events: &mut Receiver<ClientEvent>) -> bool {
    loop {
        match events.recv().await {
            Ok(ClientEvent::NotificationSettingsChanged | ClientEvent::SessionChanged | ClientEvent::Reload)
            | Err(RecvError::Lagged(_)) => return true,
            Ok(_) => {}
            Err(RecvError::Closed) => return false,
        }
    }
}

async fn end_of(quiet: DoNotDisturb) {
    match quiet.ends(now()).and_then(|at| (at - now()).to_std().ok()) {
        Some(left) => tokio::time::sleep(left).await,
        None => std::future::pending().await,
    }
}

/// The other way round: on until it is turned off, or off.
pub(crate) fn toggle(app: &AppHandle) {
    let Some(client) = app.state::<Desk>().client_if_open() else { return };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let settings = client.notification_settings().await.unwrap_or_default();
        let holds = settings.do_not_disturb.holds(now());
        let do_not_disturb = if holds { DoNotDisturb::Off } else { DoNotDisturb::On };
        if let Err(error) = client.set_notification_settings(NotificationSettings { do_not_disturb, ..settings }).await
        {
            tracing::warn!(code = ?error.code(), "Do not disturb could not be set");
            // The menu has put its mark already.
            tray::show_quiet(&app, holds);
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "the tray has the system's time")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
