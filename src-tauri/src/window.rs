//! The one window: its size and place, where it may go (nowhere), and what closing it means.

mod frame;

use tauri::{
    AppHandle, Manager, Runtime, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::{NewWindowResponse, PageLoadEvent},
};

use crate::{bridge::Bridge, desk::Desk, place::Place, settings::Settings, tray};

/// The name that capabilities and events know it by.
pub(crate) const LABEL: &str = "main";

/// What it is called when nothing is unread.
pub(crate) const TITLE: &str = "Deskline";

/// Opens it, where it was when it was closed. A hidden one is in the tray, or where there is none yet, minimized.
pub(crate) fn open(app: &AppHandle, place: &Place, hidden: bool) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(TITLE)
        .inner_size(1200.0, 760.0)
        .min_inner_size(720.0, 480.0)
        .zoom_hotkeys_enabled(true)
        .data_directory(place.dir().join("webview"))
        .visible(false)
        // Files that are dropped are the page's business, on every system alike.
        .disable_drag_drop_handler()
        .on_navigation(|url| {
            let inside = is_inside(url);
            if !inside {
                tracing::warn!("The window was asked to leave the app, and stayed");
            }
            inside
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(|window, page| {
            if page.event() == PageLoadEvent::Started {
                window.state::<Bridge>().close();
            }
        })
        .build()?;
    frame::put_back(&window, place.dir())?;
    match (hidden, tray::is_there(app)) {
        (false, _) => window.show(),
        (true, true) => Ok(()),
        (true, false) => window.minimize().and_then(|()| window.show()),
    }
}

/// Remembers where it is, if it is still there.
pub(crate) fn keep(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if let Err(error) = frame::keep(&window, app.state::<Place>().dir()) {
        tracing::warn!(%error, "The window's place could not be kept");
    }
}

/// Whether an address is the app's own page.
fn is_inside(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Windows serves the app under this name, which leads nowhere else.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    }
}

/// Brings it to the front, wherever it was.
pub(crate) fn raise<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if let Err(error) = show(&window) {
        tracing::warn!(%error, "The window could not be raised");
    }
}

fn show<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

/// Closing hides it when the agent wants it so and the tray can bring it back, and quits otherwise. An agent who turns to it, after a night's sleep of
/// the machine say, has everything that waits tried at once.
pub(crate) fn on_event(window: &tauri::Window, event: &WindowEvent) {
    let app = window.app_handle();
    match event {
        WindowEvent::Focused(true) => {
            for (_, client) in app.state::<Desk>().clients() {
                client.wake();
            }
        }
        WindowEvent::CloseRequested { api, .. } => {
            keep(app);
            if app.state::<Settings>().close_to_tray() && tray::is_there(app) {
                api.prevent_close();
                if let Err(error) = window.hide() {
                    tracing::warn!(%error, "The window could not be hidden");
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_its_own_page() {
        let outside = [
            "https://example.com/",
            "http://localhost/",
            "http://ipc.localhost/",
            "file:///etc/passwd",
            "data:text/html,hello",
            "javascript:alert(1)",
            "tauri://elsewhere/",
            "https://tauri.localhost.example.com/",
            "about:blank",
            "deskline-media://localhost/attachment/x/small",
        ];

        assert!(is_inside(&Url::parse("tauri://localhost/index.html").unwrap()));
        for url in outside {
            assert!(!is_inside(&Url::parse(url).unwrap()), "{url}");
        }
    }
}
