//! How the window is painted on Linux: by a graphics card where there is one, else by WebKit's own hands.
//!
//! Called by [`crate::setup::run`] before anything else, while the program has one thread. Other systems need nothing of it.
//!
//! Without a card (a virtual machine, a terminal server, a thin client) WebKitGTK still composes its pages with OpenGL, which the processor then
//! has to play: a start takes a third longer, a frame of scrolling three times as long, and all processes together hold 90 MiB more. It can be told
//! so only through its environment, since the view is made by a library and reads it once:
//! <https://webkitgtk.org/reference/webkit2gtk/stable/environment-variables.html>.

/// Tells WebKit to compose pages itself, unless there is a card or somebody said otherwise.
#[cfg(target_os = "linux")]
pub(crate) fn prepare() {
    const BY_ITSELF: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

    if std::env::var_os(BY_ITSELF).is_none() && !has_card(std::path::Path::new("/dev/dri")) {
        // Fails for want of memory alone, and nobody logs yet: the window is slower then, and nothing else.
        let _ = glib::setenv(BY_ITSELF, "1", false);
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) const fn prepare() {}

/// Whether the kernel has a device that draws: each has a node of its own, and a card that only shows pictures has none.
#[cfg(target_os = "linux")]
fn has_card(devices: &std::path::Path) -> bool {
    std::fs::read_dir(devices)
        .is_ok_and(|found| found.flatten().any(|device| device.file_name().to_string_lossy().starts_with("renderD")))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_machine_has_a_card_when_the_kernel_has_a_device_that_draws() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_card(&devices.path().join("dri")), "there is no such folder");

        fs::write(devices.path().join("card0"), "").unwrap();
        assert!(!has_card(devices.path()), "a screen without a card that draws");

        fs::write(devices.path().join("renderD128"), "").unwrap();
        assert!(has_card(devices.path()));
    }
}
