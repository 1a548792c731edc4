//! The X window around the page: its title, its close button, the keyboard, and pictures of it.

use std::path::Path;

use deskline_e2e::eventually;
use serde_json::json;

use super::{Window, script};
use crate::processes;

impl Window {
    /// The X window's title, as the task bar shows it.
    pub(crate) fn title(&self) -> String {
        self.x_window().map(|window| name_of(&window)).unwrap_or_default()
    }

    /// Waits for a title.
    pub(crate) async fn has_title(&self, title: &str) {
        eventually(&format!("the window is called \"{title}\""), || async { (self.title() == title).then_some(()) })
            .await;
    }

    /// Asks the window to close, as its close button does.
    pub(crate) fn close(&self) {
        let window = self.x_window().expect("the window is on the screen");
        let window = window.parse().expect("xdotool names windows by number");
        processes::close_window(window).expect("the display takes a message");
    }

    /// Whether it can be seen.
    pub(crate) fn is_visible(&self) -> bool {
        let app = self.app().to_string();
        processes::output("xdotool", &["search", "--onlyvisible", "--pid", &app])
            .split_whitespace()
            .any(|window| name_of(window).ends_with(NAME))
    }

    /// Gives the window the keyboard, as a click on it does where there is a window manager. Another window that opens at
    /// this moment may take it again, so it is asked for until it is there.
    pub(crate) async fn focus(&self) {
        self.when("the window has the focus", async |page| {
            processes::output("xdotool", &["windowfocus", &self.x_window()?]);
            (script(page, "return document.hasFocus()", &[]).await? == json!(true)).then_some(())
        })
        .await;
    }

    /// Keeps a picture of the X window, when `DESKLINE_SCREENSHOTS` names a folder for them.
    pub(crate) fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("DESKLINE_SCREENSHOTS") else { return };
        std::fs::create_dir_all(&folder).expect("the folder for pictures can be made");
        let file = Path::new(&folder).join(format!("{name}.png")).display().to_string();
        let window = self.x_window().expect("the window is on the screen");
        processes::output("xdotool", &["windowraise", &window]);
        processes::output("import", &["-window", &window, &file]);
    }

    /// The X window: the one of the app's that has a title like ours.
    fn x_window(&self) -> Option<String> {
        let app = self.app().to_string();
        processes::output("xdotool", &["search", "--pid", &app])
            .split_whitespace()
            .find(|window| name_of(window).ends_with(NAME))
            .map(ToOwned::to_owned)
    }
}

/// What every title of the window ends with.
const NAME: &str = "Deskline";

fn name_of(window: &str) -> String {
    processes::output("xdotool", &["getwindowname", window]).trim().to_owned()
}
