//! How WebKit paints the page on Linux: with the graphics card, or by itself where there is none.
//!
//! Without a card (virtual machines, remote desktops) OpenGL is played by the processor, and a page drawn through it takes several times as long to
//! appear as one that WebKit draws itself. Called once, when the window is opened.

use std::{fs, path::Path};

use tauri::WebviewWindow;
use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

/// Where the kernel shows a graphics card that can draw.
const CARDS: &str = "/dev/dri";

/// Has WebKit draw by itself, unless there is a card.
pub(super) fn choose(window: &WebviewWindow) -> tauri::Result<()> {
    if has_card(Path::new(CARDS)) {
        return Ok(());
    }
    tracing::info!("There is no graphics card: the page is drawn without one");
    window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

fn has_card(folder: &Path) -> bool {
    let nodes = fs::read_dir(folder).into_iter().flatten().flatten();
    nodes.map(|node| node.file_name()).any(|name| name.to_string_lossy().starts_with("renderD"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_one_that_can_draw() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_card(&folder.path().join("nothing")));
        fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has_card(folder.path()), "a screen alone draws nothing");

        fs::write(folder.path().join("renderD128"), "").unwrap();

        assert!(has_card(folder.path()));
    }
}
