//! Where the windows of the demonstration sit: at the display of the person at the machine, or at a desk of our own.
//!
//! At the display, the person's own keychain and notifications are used where there is a keychain; its entries are named after the
//! folders under `target/demo`. Where there is none, a session bus of our own brings both.

use std::process::Command;

use anyhow::Result;

use super::{pictures::Theme, place::Place};
use crate::{desk::Desk, process, say::say};

/// A place to open windows in.
pub(super) struct Session {
    desk: Option<Desk>,
    folders: Vec<(&'static str, String)>,
    has_keychain: bool,
}

impl Session {
    /// At a display that nobody sees, with room for so many windows side by side.
    pub(super) fn alone(place: &Place, windows: usize, theme: Theme) -> Result<Self> {
        theme.set(place)?;
        let width = WIDTH * u32::try_from(windows)?;
        let desk = Desk::start(&place.path("home"), width, HEIGHT)?;
        Ok(Self { desk: Some(desk), folders: Vec::new(), has_keychain: true })
    }

    /// At the display of the person who started us.
    pub(super) fn at_the_display(place: &Place) -> Result<Self> {
        let folder = |name: &str| place.path("home").join(name).display().to_string();
        let folders = vec![
            ("XDG_CONFIG_HOME", folder("config")),
            ("XDG_DATA_HOME", folder("data")),
            ("XDG_CACHE_HOME", folder("cache")),
            ("XDG_STATE_HOME", folder("state")),
        ];
        if !cfg!(target_os = "linux") || keychain_answers() {
            say!("The keychain of this session keeps the sign-ins of the demonstration, as app.deskline.desktop");
            return Ok(Self { desk: None, folders, has_keychain: true });
        }
        match Desk::start_at_this_display(&place.path("home")) {
            Ok(desk) => {
                say!("There is no keychain in this session: the demonstration brings its own");
                Ok(Self { desk: Some(desk), folders, has_keychain: true })
            }
            Err(error) => {
                say!("There is no keychain in this session, and none can be brought along: {error:#}");
                Ok(Self { desk: None, folders, has_keychain: false })
            }
        }
    }

    /// Sits a program down.
    pub(super) fn seat(&self, command: &mut Command) {
        if let Some(desk) = &self.desk {
            desk.seat(command);
        }
        command.envs(self.folders.iter().map(|(name, value)| (*name, value.as_str())));
    }

    /// Whether a sign-in outlives the program that signed in.
    pub(super) fn has_keychain(&self) -> bool {
        self.has_keychain
    }

    /// The desk, where it is our own.
    pub(super) fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }
}

/// The size of our own display, and of the window in the picture.
pub(super) const WIDTH: u32 = 1280;
pub(super) const HEIGHT: u32 = 820;

/// Whether a window can be shown here.
pub(super) fn has_display() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Whether a Secret Service answers on the session bus, or would be started when asked.
fn keychain_answers() -> bool {
    ["ListNames", "ListActivatableNames"].iter().any(|method| {
        let mut command = Command::new("dbus-send");
        command.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]);
        command.arg(format!("org.freedesktop.DBus.{method}"));
        std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some()
            && process::answer(&mut command).is_some_and(|names| names.contains("\"org.freedesktop.secrets\""))
    })
}
