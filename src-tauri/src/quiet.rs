//! "Do not disturb" in the tray: shows whether it holds for every account, and turns it on and off for all of them.
//!
//! What it means is the engine's to say (`deskline_client::notify`). Started by `setup` once the engine is open.

use chrono::{DateTime, Utc};
use deskline_client::{Client, ClientEvent, DoNotDisturb, NotificationSettings};
use tauri::{AppHandle, Manager};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{
    desk::{self, Desk},
    tray,
};

/// Keeps the mark in the tray's menu right until the engine is gone.
pub(crate) async fn follow(app: AppHandle, client: Client) {
    let mut events = client.events();
    // An account that is taken away must not be kept open from here.
    drop(client);
    loop {
        let clients = signed_in(&app);
        tray::show_quiet(&app, holds(&clients).await);
        let end = first_end(&clients).await;
        drop(clients);
        tokio::select! {
            changed = changed(&mut events) => {
                if !changed {
                    return;
                }
            }
            () = until(end) => {}
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

/// When it ends next by itself, for any of them.
async fn first_end(clients: &[Client]) -> Option<DateTime<Utc>> {
    let mut first = None;
    for client in clients {
        let ends = client.notification_settings().await.unwrap_or_default().do_not_disturb.ends(now());
        first = [first, ends].into_iter().flatten().min();
    }
    first
}

async fn until(end: Option<DateTime<Utc>>) {
    match end.and_then(|at| (at - now()).to_std().ok()) {
        Some(left) => tokio::time::sleep(left).await,
        None => std::future::pending().await,
    }
}

/// The other way round: on until it is turned off, or off.
pub(crate) fn toggle(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let clients = signed_in(&app);
        let do_not_disturb = if holds(&clients).await { DoNotDisturb::Off } else { DoNotDisturb::On };
        for client in &clients {
            let settings = client.notification_settings().await.unwrap_or_default();
            let settings = NotificationSettings { do_not_disturb, ..settings };
            if let Err(error) = client.set_notification_settings(settings).await {
                tracing::warn!(code = ?error.code(), "Do not disturb could not be set");
            }
        }
        // The menu has put its mark already, whatever came of it.
        tray::show_quiet(&app, holds(&clients).await);
    });
}

fn signed_in(app: &AppHandle) -> Vec<Client> {
    let clients = app.state::<Desk>().clients().into_iter().map(|(_, client)| client);
    clients.filter(|client| desk::email(&client.session()).is_some()).collect()
}

/// Whether nobody of them wants to be disturbed.
async fn holds(clients: &[Client]) -> bool {
    for client in clients {
        if !client.notification_settings().await.unwrap_or_default().do_not_disturb.holds(now()) {
            return false;
        }
    }
    !clients.is_empty()
}

#[expect(clippy::disallowed_methods, reason = "the tray has the system's time")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
