//! A server from its first listener to its last answer.
//!
//! Called by `main` and by tests alike: the listener, the settings and the end come in from outside.

use std::{future::Future, sync::Arc, time::Duration};

use deskline_store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    audit::Auditor,
    auth::password,
    chores,
    config::Config,
    database, http,
    listen::{self, Bounds},
    socket,
};

/// Sockets included. Each takes a file descriptor: the system's limit has to be higher.
const MOST_CONNECTIONS: usize = 20_000;

/// What is under way when the server is told to stop has this long to end.
const GOODBYE: Duration = Duration::from_secs(10);
/// Somebody who takes nothing of an answer for so long has gone, or does not mean well.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);
/// A database that does not answer within this is looked at again while the server runs.
const SCHEMA_PATIENCE: Duration = Duration::from_secs(3);

/// Serves until `shutdown` resolves, then ends what is under way.
///
/// Starts also while the database is out of reach: `/readyz` says so until it is back.
///
/// # Errors
/// A setting that cannot be used; a schema that is older than this program, in plain words.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    config.check_token_keys()?;
    let app = App::new(config)?;
    let schema_is_known = match tokio::time::timeout(SCHEMA_PATIENCE, app.store.schema()).await {
        Ok(Ok(state)) => database::check(state).map(|()| true)?,
        // What waiting does not help with is said at once.
        Ok(Err(error)) if error.trouble().is_some() && !error.is_unavailable() => return Err(error.into()),
        Ok(Err(_)) | Err(_) => {
            tracing::warn!("the database does not answer; serving begins, and it is tried again");
            false
        }
    };
    tokio::task::spawn_blocking(password::warm_up);
    let stop = CancellationToken::new();
    let (layer, io) = socket::layer(&app);
    let worker = tokio::spawn(app.sender.clone().work(stop.clone()));
    let fanout = tokio::spawn(app.fanout.clone().run());
    let auditor =
        tokio::spawn(Arc::new(Auditor::new(app.store.clone(), &app.config)).run(app.clock.clone(), stop.clone()));
    let files = tokio::spawn(app.media.clone().work(stop.clone()));
    let chores = tokio::spawn(chores::run(app.clone(), stop.clone()));
    tracing::info!(address = %listener.local_addr()?, "serving");

    let bounds = Bounds {
        connections: MOST_CONNECTIONS,
        header_timeout: app.config.timers.header_timeout,
        answer_timeout: ANSWER_PATIENCE,
    };
    let served = tokio::spawn(listen::serve(listener, http::router(app.clone(), layer), bounds, stop.clone()));
    let outcome = tokio::select! {
        () = shutdown => Ok(()),
        outdated = watch_schema(&app.store), if !schema_is_known => outdated,
    };
    tracing::info!("stopping");
    stop.cancel();
    io.close().await;
    app.fanout.stop().await;
    app.sender.drain(GOODBYE).await;
    let _ = tokio::time::timeout(GOODBYE, served).await;
    let _ = worker.await;
    let _ = auditor.await;
    let _ = files.await;
    let _ = chores.await;
    fanout.abort();
    outcome
}

/// Waits until the database answers, and ends only if its schema will not do.
async fn watch_schema(store: &Store) -> anyhow::Result<()> {
    loop {
        if let Ok(state) = store.schema().await {
            database::check(state)?;
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Resolves when the process is asked to end: Ctrl-C, or a polite kill.
///
/// A polite kill counts from this call on, not only once the future is waited for.
pub fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    #[cfg(unix)]
    let terminated = async {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    let interrupted = async {
        // Without a handler for it, Ctrl-C would end the process anyway.
        let _ = tokio::signal::ctrl_c().await;
    };
    async move {
        tokio::select! {
            () = interrupted => {}
            () = terminated => {}
        }
    }
}
