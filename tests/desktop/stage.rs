//! What a test of the real window needs around it, and one test at a time on it.
//!
//! One display and one notification service serve all tests of this binary, so they take turns.

use std::{env, path::PathBuf};

use deskline_e2e::World;
use tokio::sync::{Mutex, MutexGuard};

use crate::{driver, notifications::Notifications, tray::Panel, window::Place};

static TURN: Mutex<()> = Mutex::const_new(());

/// A world, and the screen for as long as the test runs.
pub(crate) struct Stage {
    /// Everything behind the windows.
    pub(crate) world: World,
    /// The panel with the tray icons.
    pub(crate) panel: Panel,
    /// What is on the screen besides windows.
    pub(crate) notifications: Notifications,
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    /// Waits for its turn, and looks that nothing is missing.
    pub(crate) async fn enter() -> Self {
        let turn = TURN.lock().await;
        for (name, what) in [
            ("DISPLAY", "names no X display to open windows on"),
            ("DBUS_SESSION_BUS_ADDRESS", "names no session bus, which the keychain and the notifications need"),
            ("DATABASE_URL", "names no Postgres in which databases may be created"),
            ("DESKLINE_APP", "names no built app, such as target/debug/deskline"),
        ] {
            assert!(
                env::var_os(name).is_some(),
                "{name} {what}: run `cargo xtask test --only desktop`, which brings it"
            );
        }
        assert!(app().is_file(), "DESKLINE_APP is {}, and there is no such file: build the app first", app().display());
        driver::check();
        let notifications = Notifications::start().await;
        Self { world: World::start().await, panel: Panel::start().await, notifications, _turn: turn }
    }

    /// A new desktop on which nobody is signed in.
    #[expect(clippy::unused_self, reason = "a place belongs on a stage")]
    pub(crate) fn place(&self) -> Place {
        Place::new()
    }
}

/// The app to test.
pub(crate) fn app() -> PathBuf {
    env::var_os("DESKLINE_APP").map(PathBuf::from).unwrap_or_default()
}
