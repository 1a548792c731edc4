//! The icon in the system's tray: how many texts are unread, a way back to the window, do not disturb, and a way out.
//!
//! Many Linux desktops have no tray. Then nothing fails: the icon is not made or not seen, and closing the window quits.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use tauri::{
    AppHandle, Manager,
    image::Image,
    menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};

use crate::{quiet, unread, window};

const CALM: Image<'_> = tauri::include_image!("icons/tray.png");
const UNREAD: Image<'_> = tauri::include_image!("icons/tray-unread.png");

const SHOW: &str = "show";
const QUIET: &str = "quiet";
const QUIT: &str = "quit";

/// What is changed when the number changes.
struct Tray {
    icon: TrayIcon,
    line: MenuItem<tauri::Wry>,
    quiet: CheckMenuItem<tauri::Wry>,
}

/// Puts the icon there, if this machine can. Called once, on the main thread.
pub(crate) fn start(app: &AppHandle, data_dir: &Path) {
    // The library behind it is loaded at run time, and panics where it is not installed.
    match catch_unwind(AssertUnwindSafe(|| build(app, data_dir))) {
        Ok(Ok(tray)) => {
            app.manage(tray);
        }
        Ok(Err(error)) => tracing::warn!(%error, "There is no tray icon"),
        Err(_) => tracing::warn!("There is no tray icon: libayatana-appindicator3 is not installed"),
    }
}

fn build(app: &AppHandle, data_dir: &Path) -> tauri::Result<Tray> {
    let line = MenuItem::new(app, unread::words(0), false, None::<&str>)?;
    let show = MenuItem::with_id(app, SHOW, "Show Deskline", true, None::<&str>)?;
    let quiet = CheckMenuItem::with_id(app, QUIET, "Do not disturb", true, false, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?;
    let menu = Menu::with_items(
        app,
        &[&line, &PredefinedMenuItem::separator(app)?, &show, &quiet, &PredefinedMenuItem::separator(app)?, &quit],
    )?;
    let icon = TrayIconBuilder::with_id("main")
        .icon(CALM)
        .tooltip(window::TITLE)
        .menu(&menu)
        .show_menu_on_left_click(false)
        // Linux hands the picture over as a file.
        .temp_dir_path(data_dir.join("tray"))
        .on_menu_event(|app, event| match event.id().as_ref() {
            SHOW => window::raise(app),
            QUIET => quiet::toggle(app),
            QUIT => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|icon, event| {
            let released = matches!(
                event,
                TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
            );
            if released {
                window::raise(icon.app_handle());
            }
        })
        .build(app)?;
    Ok(Tray { icon, line, quiet })
}

/// Shows the number, where there is an icon.
pub(crate) fn show_unread(app: &AppHandle, count: i64) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let shown = tray
        .line
        .set_text(unread::words(count))
        .and_then(|()| tray.icon.set_tooltip(Some(unread::title(count))))
        .and_then(|()| tray.icon.set_icon(Some(if count > 0 { UNREAD } else { CALM })));
    if let Err(error) = shown {
        tracing::warn!(%error, "The tray icon could not be changed");
    }
}

/// Shows whether do not disturb holds, where there is an icon.
pub(crate) fn show_quiet(app: &AppHandle, holds: bool) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    if let Err(error) = tray.quiet.set_checked(holds) {
        tracing::warn!(%error, "The tray's menu could not be changed");
    }
}

/// The mark on the task bar's button.
#[cfg(windows)]
pub(crate) fn dot() -> Image<'static> {
    UNREAD
}

/// Whether a hidden window could be brought back through the tray. Asked anew each time, since panels come and go.
pub(crate) fn is_there(app: &AppHandle) -> bool {
    app.try_state::<Tray>().is_some() && has_host()
}

/// Asks the session bus whether anything shows such icons.
#[cfg(target_os = "linux")]
fn has_host() -> bool {
    fn ask() -> zbus::Result<bool> {
        let bus = zbus::blocking::Connection::session()?;
        let watcher = zbus::blocking::Proxy::new(
            &bus,
            "org.kde.StatusNotifierWatcher",
            "/StatusNotifierWatcher",
            "org.kde.StatusNotifierWatcher",
        )?;
        watcher.get_property("IsStatusNotifierHostRegistered")
    }
    ask().unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
const fn has_host() -> bool {
    true
}
