//! A wire between a desktop and its server that can be cut.

use std::sync::{Arc, Mutex};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
};
use tokio_util::task::AbortOnDropHandle;

/// Carries every connection to one address.
pub(crate) struct Wire {
    pub(crate) url: String,
    connections: Arc<Mutex<JoinSet<()>>>,
    stalled: Arc<Notify>,
    _task: AbortOnDropHandle<()>,
}

impl Wire {
    /// `url` is the server's.
    pub(crate) async fn to(url: &str) -> Self {
        let server = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections: Arc<Mutex<JoinSet<()>>> = Arc::default();
        let all = Arc::clone(&connections);
        let stalled = Arc::new(Notify::new());
        let stall = Arc::clone(&stalled);
        let task = tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let server = server.clone();
                let stall = Arc::clone(&stall);
                all.lock().unwrap().spawn(async move {
                    let Ok(mut far) = TcpStream::connect(server).await else { return };
                    let stalled = tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => false,
                        () = stall.notified() => true,
                    };
                    if stalled {
                        // Open for good, as far as either end can tell.
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { url, connections, stalled, _task: AbortOnDropHandle::new(task) }
    }

    /// What goes over it now arrives nowhere, and nobody is told. Connections made later are carried.
    pub(crate) fn stall(&self) {
        self.stalled.notify_waiters();
    }

    /// Cuts what goes over it now. Connections made later are carried.
    pub(crate) fn cut(&self) {
        self.connections.lock().unwrap().abort_all();
    }
}
