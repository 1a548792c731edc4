//! Puts the desktop together: plugins, window, tray, engine, and the roads between them.

use std::time::Duration;

use tauri::{AppHandle, Manager, RunEvent};

use crate::{
    accounts, again,
    bridge::Bridge,
    collector, commands,
    desk::Desk,
    graphics, link, logging, media,
    notifier::{DesktopNotifier, Heard},
    place::Place,
    settings::Settings,
    tray,
    update::Installed,
    window,
};

/// The longest that quitting waits for the engine.
const FAREWELL: Duration = Duration::from_secs(5);

/// With this argument the session starts the program at login.
const HIDDEN: &str = "--hidden";

/// How the program was started.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Without showing the window.
    pub hidden: bool,
    /// A link to follow, as somebody gave it.
    pub link: Option<String>,
}

/// Runs the window until it is quit.
///
/// # Errors
/// When there is no data folder, no display, or no way to log. Everything later is told in the window.
pub fn run(start: Start) -> anyhow::Result<()> {
    graphics::prepare();
    collector::prepare();
    let place = Place::find()?;
    let (_guard, recent) = logging::start(place.dir())?;
    log_panics();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "Deskline starts");

    let mut builder = tauri::Builder::default();
    if let Some(plugin) = single_instance(&place) {
        builder = builder.plugin(plugin);
    }
    builder
        .plugin(tauri_plugin_autostart::Builder::new().app_name(window::TITLE).arg(HIDDEN).build())
        .manage(Desk::default())
        .manage(Settings::of(&place))
        .manage(recent)
        .manage(Installed::at_start())
        .register_asynchronous_uri_scheme_protocol(media::SCHEME, media::serve)
        .invoke_handler(commands::handler())
        .on_window_event(window::on_event)
        .setup(move |app| {
            let app = app.handle();
            app.manage(Bridge::to_window(app.clone()));
            app.manage(place.clone());
            // A hidden window asks whether there is a tray; one that is seen is there sooner without.
            if start.hidden {
                tray::start(app, place.dir());
            }
            window::open(app, &place, start.hidden)?;
            if !start.hidden {
                tray::start(app, place.dir());
            }
            app.manage(DesktopNotifier::start({
                let app = app.clone();
                move |heard| on_notification(&app, heard)
            }));
            accounts::open_all(app, &place);
            if let Some(link) = &start.link {
                link::follow(app, link);
            }
            quit_on_signal(app);
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(again::after)?
        .run(|app, event| on_event(app, &event));
    Ok(())
}

/// A second start of the same folder raises the window of the first, unless it is the session's, and hands over its link.
///
/// Outside Linux the plugin knows the app and not the folder, so that a folder of its own goes without: there the lock on
/// the folder tells a second start to give way.
fn single_instance(place: &Place) -> Option<tauri::plugin::TauriPlugin<tauri::Wry>> {
    (cfg!(target_os = "linux") || place.is_default()).then(|| {
        tauri_plugin_single_instance::Builder::new()
            .callback(|app, arguments, _folder| {
                if !arguments.iter().any(|argument| argument == HIDDEN) {
                    window::raise(app);
                }
                link::follow_argument(app, arguments.iter().skip(1).map(String::as_str));
            })
            .dbus_id(place.instance())
            .build()
    })
}

/// A click brings the window to the front and opens the conversation; an answer leaves as if it had been written there.
fn on_notification(app: &AppHandle, heard: Heard) {
    match heard {
        Heard::Opened { seat, contact_id } => {
            window::raise(app);
            accounts::switch(app, seat);
            if let Some(client) = app.state::<Desk>().client_of(seat) {
                client.open_conversation(contact_id);
            }
        }
        Heard::Answered { seat, contact_id, newest, text } => {
            let Some(client) = app.state::<Desk>().client_of(seat) else { return };
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                if let Err(error) = client.answer(contact_id, newest, text).await {
                    // Nothing could be kept: the window says why, and the agent writes it there.
                    tracing::warn!(code = ?error.code(), "An answer from a notification could not be kept");
                    window::raise(&app);
                    accounts::switch(&app, seat);
                    client.open_conversation(contact_id);
                }
            });
        }
    }
}

fn on_event(app: &AppHandle, event: &RunEvent) {
    match event {
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::raise(app),
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => urls.iter().for_each(|url| link::follow(app, url.as_str())),
        RunEvent::ExitRequested { .. } => window::keep(app),
        RunEvent::Exit => say_goodbye(app),
        _ => {}
    }
}

/// Closes the files and takes the notifications away, since nobody would answer a click.
fn say_goodbye(app: &AppHandle) {
    let clients = app.state::<Desk>().clients();
    let notifier = app.state::<DesktopNotifier>().inner().clone();
    let done = tauri::async_runtime::block_on(async move {
        tokio::time::timeout(FAREWELL, async move {
            for (_, client) in clients {
                client.shutdown().await;
            }
            notifier.withdraw_all().await;
        })
        .await
    });
    match done {
        Ok(()) => tracing::info!("Deskline ends"),
        Err(_) => tracing::warn!("Deskline ends before everything was closed"),
    }
}

/// A terminal's Ctrl-C and a session's end quit like the menu does.
#[cfg(unix)]
fn quit_on_signal(app: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let (Ok(mut term), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            tracing::warn!("Signals cannot be heard");
            return;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        app.exit(0);
    });
}

#[cfg(not(unix))]
const fn quit_on_signal(_app: &AppHandle) {}

/// Where it happened goes into the log; what it says may quote a text, and goes to the terminal alone.
fn log_panics() {
    let to_terminal = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "Something that cannot happen happened");
        to_terminal(panic);
    }));
}
