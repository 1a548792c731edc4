//! What is set for this desktop, whoever is signed in: kept as `desktop.json` in the data folder.
//!
//! A file that cannot be read counts as none. Whether the program starts with the session is the system's to know, and is asked there.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt as _;
use ts_rs::TS;

use crate::place::Place;

const FILE: &str = "desktop.json";

/// How the program behaves on this desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DesktopSettings {
    /// Whether closing the window keeps the program in the tray, where there is one.
    pub close_to_tray: bool,
    /// Whether the program starts with the session, without a window; `None` where it cannot.
    pub start_at_login: Option<bool>,
}

/// What the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Kept {
    close_to_tray: bool,
    /// The account that the window looked at last.
    account: u32,
}

impl Default for Kept {
    fn default() -> Self {
        Self { close_to_tray: true, account: 0 }
    }
}

/// The settings of this run.
#[derive(Debug)]
pub(crate) struct Settings {
    file: PathBuf,
    kept: Mutex<Kept>,
}

impl Settings {
    /// Reads them.
    pub(crate) fn of(place: &Place) -> Self {
        let file = place.dir().join(FILE);
        let kept = fs::read(&file).ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
        Self { file, kept: Mutex::new(kept) }
    }

    /// Whether closing the window keeps the program running.
    pub(crate) fn close_to_tray(&self) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).close_to_tray
    }

    /// The account that the window looked at last.
    pub(crate) fn account(&self) -> u32 {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).account
    }

    /// Remembers at which account the window looks.
    pub(crate) fn set_account(&self, account: u32) {
        if let Err(error) = self.change(|kept| kept.account = account) {
            tracing::warn!(%error, "The account that the window looks at could not be remembered");
        }
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) -> io::Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wanted = *kept;
        change(&mut wanted);
        write(&self.file, &wanted)?;
        *kept = wanted;
        Ok(())
    }
}

fn write(file: &Path, kept: &Kept) -> io::Result<()> {
    // Whole or not at all.
    let unfinished = file.with_extension("json.new");
    fs::write(&unfinished, serde_json::to_vec_pretty(kept)?)?;
    fs::rename(unfinished, file)
}

/// As they stand.
pub(crate) fn read(app: &AppHandle, place: &Place, settings: &Settings) -> DesktopSettings {
    // The session starts the program without our environment, and so in the platform's own folder.
    let start_at_login = place.is_default().then(|| app.autolaunch().is_enabled().unwrap_or(false));
    DesktopSettings { close_to_tray: settings.close_to_tray(), start_at_login }
}

/// Sets them.
pub(crate) fn set(
    app: &AppHandle,
    place: &Place,
    settings: &Settings,
    wanted: DesktopSettings,
) -> Result<(), deskline_client::Error> {
    let failed = |source| deskline_client::Error::Io { path: FILE.to_owned(), source };
    let before = read(app, place, settings);
    if wanted.start_at_login != before.start_at_login {
        let done = match wanted.start_at_login {
            Some(true) => app.autolaunch().enable(),
            Some(false) => app.autolaunch().disable(),
            None => Ok(()),
        };
        done.map_err(|error| failed(io::Error::other(error)))?;
    }
    if wanted.close_to_tray != before.close_to_tray {
        settings.change(|kept| kept.close_to_tray = wanted.close_to_tray).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &Path) -> Settings {
        let file = folder.join(FILE);
        let kept = fs::read(&file).ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
        Settings { file, kept: Mutex::new(kept) }
    }

    #[test]
    fn they_read_back_and_rubbish_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            settings(folder.path()).close_to_tray(),
            "a window that is closed stays reachable unless somebody says no"
        );

        settings(folder.path()).change(|kept| kept.close_to_tray = false).unwrap();
        settings(folder.path()).set_account(3);
        assert_eq!((settings(folder.path()).close_to_tray(), settings(folder.path()).account()), (false, 3));

        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(settings(folder.path()).close_to_tray());
    }
}
