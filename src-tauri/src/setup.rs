//! Puts the desktop together: plugins, window, tray, engine, and the roads between them.

use std::{sync::Arc, time::Duration};

use deskline_client::{Client, Options};
use tauri::{AppHandle, Manager, RunEvent};

use crate::{
    again, bridge::Bridge, commands, desk::Desk, keychain::Keychain, logging, notifier::DesktopNotifier, place::Place,
    tray, unread, window,
};

/// The longest that quitting waits for the engine.
const FAREWELL: Duration = Duration::from_secs(5);

/// Runs the window until it is quit.
///
/// # Errors
/// When there is no data folder, no display, or no way to log. Everything later is told in the window.
pub fn run() -> anyhow::Result<()> {
    let place = Place::find()?;
    let _guard = logging::start(place.dir())?;
    log_panics();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "Deskline starts");

    let mut builder = tauri::Builder::default();
    if let Some(plugin) = single_instance(&place) {
        builder = builder.plugin(plugin);
    }
    builder
        .manage(Desk::default())
        .invoke_handler(commands::handler())
        .on_window_event(window::on_event)
        .setup(move |app| {
            let app = app.handle();
            app.manage(Bridge::to_window(app.clone()));
            app.manage(place.clone());
            window::open(app, &place)?;
            tray::start(app, place.dir());
            open_engine(app, &place);
            quit_on_signal(app);
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(again::after)?
        .run(|app, event| on_event(app, &event));
    Ok(())
}

/// A second start of the same folder raises the window of the first.
///
/// Outside Linux the plugin knows the app and not the folder, so that a folder of its own goes without: there the lock on
/// the folder tells a second start to give way.
fn single_instance(place: &Place) -> Option<tauri::plugin::TauriPlugin<tauri::Wry>> {
    (cfg!(target_os = "linux") || place.is_default()).then(|| {
        tauri_plugin_single_instance::Builder::new()
            .callback(|app, _arguments, _folder| window::raise(app))
            .dbus_id(place.instance())
            .build()
    })
}

/// Opens the engine in the background, and ties it to window, tray and notifications once it is open.
fn open_engine(app: &AppHandle, place: &Place) {
    let notifier = DesktopNotifier::start({
        let app = app.clone();
        move |contact_id| {
            window::raise(&app);
            if let Some(client) = app.state::<Desk>().client_if_open() {
                client.open_conversation(contact_id);
            }
        }
    });
    app.manage(notifier.clone());
    #[cfg_attr(not(debug_assertions), expect(unused_mut, reason = "only debug builds can be told a wrong time"))]
    let mut options = Options::new(place.dir(), Arc::new(Keychain::of(place)), Arc::new(notifier));
    #[cfg(debug_assertions)]
    if let Some(clock) = wrong_clock() {
        options.clock = clock;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let opened = Client::open(options).await;
        match &opened {
            Ok(client) => {
                tracing::info!("The data folder is open");
                tauri::async_runtime::spawn(app.state::<Bridge>().inner().clone().carry(client.clone()));
                tauri::async_runtime::spawn(unread::follow(app.clone(), client.clone()));
            }
            Err(error) => tracing::warn!(code = ?error.code(), "The data folder could not be opened"),
        }
        app.state::<Desk>().set(opened);
    });
}

/// The tests of the window cannot set the machine's clock: `DESKLINE_CLOCK_WRONG_BY` names seconds.
#[cfg(debug_assertions)]
fn wrong_clock() -> Option<deskline_client::Clock> {
    let wrong_by = chrono::TimeDelta::seconds(std::env::var("DESKLINE_CLOCK_WRONG_BY").ok()?.parse().ok()?);
    let right = deskline_client::Clock::default();
    Some(deskline_client::Clock::new(move || right.now() + wrong_by))
}

fn on_event(app: &AppHandle, event: &RunEvent) {
    match event {
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::raise(app),
        RunEvent::ExitRequested { .. } => window::keep(app),
        RunEvent::Exit => say_goodbye(app),
        _ => {}
    }
}

/// Closes the files and takes the notifications away, since nobody would answer a click.
fn say_goodbye(app: &AppHandle) {
    let client = app.state::<Desk>().client_if_open();
    let notifier = app.state::<DesktopNotifier>().inner().clone();
    let done = tauri::async_runtime::block_on(async move {
        tokio::time::timeout(FAREWELL, async move {
            if let Some(client) = client {
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
