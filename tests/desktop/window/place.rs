//! A desktop that is off: the data folder, the home folder, and what the app is told by its environment.

use std::path::Path;

use tempfile::TempDir;

use super::{Window, script};
use crate::driver::Driver;

/// Read by debug builds alone.
const CLOCK: &str = "DESKLINE_CLOCK_WRONG_BY";

/// A desktop that is off.
pub(crate) struct Place {
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = TempDir::with_prefix("deskline-window-").expect("a folder can be made");
        let under = |name: &str| folder.path().join(name).display().to_string();
        let environment = vec![
            ("DESKLINE_DATA_DIR", under("data")),
            ("HOME", under("home")),
            ("XDG_CONFIG_HOME", under("home/.config")),
            ("XDG_DATA_HOME", under("home/.local/share")),
            ("XDG_CACHE_HOME", under("home/.cache")),
            ("DESKLINE_LOG", "trace".to_owned()),
        ];
        std::fs::create_dir_all(folder.path().join("home")).expect("a folder can be made");
        Self { folder, environment }
    }

    /// Everything that this desktop may write to: the data folder and the home folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// The environment of the app.
    pub(crate) fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }

    /// In the platform's own folder below the home folder, as on most desks.
    pub(crate) fn in_the_usual_folder(mut self) -> Self {
        self.environment.retain(|(name, _)| *name != "DESKLINE_DATA_DIR");
        self
    }

    /// By how many seconds the clock of the machine is wrong, as far as the engine can tell.
    pub(crate) fn set_clock(&mut self, seconds: i64) {
        self.environment.retain(|(name, _)| *name != CLOCK);
        self.environment.push((CLOCK, seconds.to_string()));
    }

    /// Started from an AppImage: the file that is answered. Whoever writes it anew has installed another version.
    pub(crate) fn installed_as_an_app_image(mut self) -> (Self, std::path::PathBuf) {
        let program = self.folder().join("Deskline.AppImage");
        std::fs::write(&program, "this version").expect("a file can be written");
        self.environment.push(("APPIMAGE", program.display().to_string()));
        (self, program)
    }

    /// Turns it on.
    pub(crate) async fn open(self) -> Window {
        self.open_with(&[]).await
    }

    /// Turns it on with these arguments.
    pub(crate) async fn open_with(self, arguments: &[&str]) -> Window {
        let window = Window { driver: Driver::start(&self.environment, arguments).await, place: self };
        window.when("the page is there", async |page| script(page, "return document.title", &[]).await).await;
        window
    }
}
