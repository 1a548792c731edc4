//! Several accounts at once: which there are, another one, and the way between them.
//!
//! Each has a folder, an entry in the keychain and an engine of its own, so that nothing of one can get into another: the data folder itself
//! and `accounts/<number>` below it. Called by the commands, by notifications and by links.

use std::{fs, path::Path};

use deskline_client::{
    Client, CredentialStore as _, Error, Options,
    view::{Focus, Session},
};
use serde::Serialize;
use tauri::{AppHandle, Manager};
use ts_rs::TS;

use crate::{
    bridge::Bridge,
    desk::{self, Desk, Seat},
    keychain::Keychain,
    network,
    notifier::{DesktopNotifier, SeatNotifier},
    place::Place,
    quiet,
    settings::Settings,
    unread,
};

/// Between two tries to open a folder on a disk without room.
const BETWEEN_TRIES: std::time::Duration = std::time::Duration::from_secs(5);

/// An account of this desktop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccountView {
    /// Its number on this desktop.
    pub id: Seat,
    /// Who is signed in; `None` for nobody.
    pub email: Option<String>,
    /// Where.
    pub server: Option<String>,
    /// Unread texts over all of its teams.
    #[ts(type = "number")]
    pub unread: i64,
    /// Whether the window looks at it.
    pub current: bool,
}

/// Opens the engines of all accounts in the background. The window looks at the one that it looked at last.
pub(crate) fn open_all(app: &AppHandle, place: &Place) {
    let desk = app.state::<Desk>();
    let seats = known(place.dir());
    for seat in &seats {
        desk.add(*seat);
    }
    // One whose folder is gone leaves the window where it begins.
    desk.switch(app.state::<Settings>().account());
    for seat in seats {
        open(app, place, seat);
    }
}

/// The data folder's own, and those below it.
fn known(dir: &Path) -> Vec<Seat> {
    let below = fs::read_dir(dir.join(Place::ACCOUNTS)).into_iter().flatten().flatten();
    let mut seats: Vec<Seat> = below.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    seats.retain(|seat| *seat > 0);
    seats.sort_unstable();
    seats.insert(0, 0);
    seats
}

/// Opens an engine in the background, and ties it to window, tray and notifications once it is open.
fn open(app: &AppHandle, place: &Place, seat: Seat) {
    let desk = app.state::<Desk>().inner().clone();
    let notifier = SeatNotifier::new(app.state::<DesktopNotifier>().inner().clone(), seat, desk.clone());
    let (app, whole, place) = (app.clone(), place.clone(), place.of_account(seat));
    let mut options =
        Options::new(place.dir(), std::sync::Arc::new(Keychain::of(&place)), std::sync::Arc::new(notifier));
    #[cfg(debug_assertions)]
    if let Some(clock) = wrong_clock() {
        options.clock = clock;
    }
    tauri::async_runtime::spawn(async move {
        options.network = tauri::async_runtime::spawn_blocking(move || network::load(&whole)).await.unwrap_or_default();
        let mut opened = Client::open(options.clone()).await;
        let without_room = matches!(opened, Err(Error::DiskFull));
        if without_room {
            // The window says so meanwhile.
            desk.set(seat, Err(Error::DiskFull));
        }
        while matches!(opened, Err(Error::DiskFull)) {
            tokio::time::sleep(BETWEEN_TRIES).await;
            opened = Client::open(options.clone()).await;
        }
        let client = opened.as_ref().ok().cloned();
        match &opened {
            Ok(client) => {
                tracing::info!(seat, "The data folder is open");
                // Before anybody can ask: what happens from here on is told.
                let bridge = app.state::<Bridge>().inner().clone();
                tauri::async_runtime::spawn(bridge.carry(client.clone(), seat, desk.clone()));
            }
            Err(error) => tracing::warn!(seat, code = ?error.code(), "The data folder could not be opened"),
        }
        match opened {
            Ok(client) if without_room => {
                desk.renew(seat, client);
                app.state::<Bridge>().switched();
            }
            opened => desk.set(seat, opened),
        }
        if let Some(client) = client {
            tauri::async_runtime::spawn(unread::follow(app.clone(), client.clone()));
            tauri::async_runtime::spawn(quiet::follow(app, client));
        }
    });
}

/// The tests of the window cannot set the machine's clock: `DESKLINE_CLOCK_WRONG_BY` names seconds.
#[cfg(debug_assertions)]
fn wrong_clock() -> Option<deskline_client::Clock> {
    let wrong_by = chrono::TimeDelta::seconds(std::env::var("DESKLINE_CLOCK_WRONG_BY").ok()?.parse().ok()?);
    let right = deskline_client::Clock::default();
    Some(deskline_client::Clock::new(move || right.now() + wrong_by))
}

/// Every account that somebody is signed in to, and the one that the window looks at.
pub(crate) async fn list(desk: &Desk) -> Vec<AccountView> {
    let current = desk.current();
    let mut accounts = Vec::new();
    for (id, client) in desk.clients() {
        let session = client.session();
        let server = match &session {
            Session::SignedIn { server, .. } => Some(server.clone()),
            Session::SignedOut { .. } => None,
        };
        if server.is_some() || id == current {
            let unread = client.unread_count().await.unwrap_or_default();
            accounts.push(AccountView { id, email: desk::email(&session), server, unread, current: id == current });
        }
    }
    accounts
}

/// Lets the window look at another account, if it is not looking there already.
pub(crate) fn switch(app: &AppHandle, to: Seat) {
    let desk = app.state::<Desk>();
    let from = desk.current();
    if from == to || !desk.switch(to) {
        return;
    }
    if let Some(client) = desk.client_of(from) {
        // Nobody looks at its threads any more.
        tauri::async_runtime::spawn(async move { client.set_focus(Focus::default()).await });
    }
    app.state::<Settings>().set_account(to);
    app.state::<Bridge>().switched();
}

/// Lets the window look at an account that nobody is signed in to: one that there is, or a new one.
pub(crate) fn add(app: &AppHandle, place: &Place) {
    let desk = app.state::<Desk>().inner().clone();
    let free = desk.clients().into_iter().find(|(_, client)| desk::email(&client.session()).is_none());
    let seat = match free {
        Some((seat, _)) => seat,
        None => {
            let seat = known(place.dir()).last().map_or(1, |last| last + 1);
            desk.add(seat);
            open(app, place, seat);
            seat
        }
    };
    switch(app, seat);
}

/// After the agent signed out: takes the account's folder and entry away, and looks at another one, if there is any.
pub(crate) async fn leave(app: &AppHandle, place: &Place) -> deskline_client::Result<()> {
    let desk = app.state::<Desk>().inner().clone();
    let from = desk.current();
    let others = desk.clients().into_iter().filter(|(seat, _)| *seat != from);
    let Some((to, _)) = others.into_iter().find(|(_, client)| desk::email(&client.session()).is_some()) else {
        return Ok(());
    };
    switch(app, to);
    if from == 0 {
        // The data folder's own stays: everything else lies in it.
        return Ok(());
    }
    if let Some(client) = desk.remove(from) {
        client.shutdown().await;
    }
    let place = place.of_account(from);
    let dir = place.dir().to_owned();
    let removed = tauri::async_runtime::spawn_blocking(move || Keychain::of(&place).delete()).await;
    fs::remove_dir_all(&dir).map_err(|source| Error::Io { path: dir.display().to_string(), source })?;
    removed.unwrap_or_else(|_| Err(Error::Keychain("it broke down".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accounts_are_the_folders_with_a_number() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(known(folder.path()), [0]);

        for name in ["10", "2", "0", "notes", "-1"] {
            fs::create_dir_all(folder.path().join(Place::ACCOUNTS).join(name)).unwrap();
        }

        assert_eq!(known(folder.path()), [0, 2, 10]);
    }
}
