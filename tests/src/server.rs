//! A Deskline server that can be killed: it lives on a runtime of its own, and killing it drops every task at once.
//!
//! Used by [`crate::world`]. Listens on the same port after a restart, as a real one does.

use std::net::{SocketAddr, TcpListener};

use deskline_server::Config;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Killed when dropped.
#[derive(Debug)]
pub struct RunningServer {
    runtime: Option<Runtime>,
    stop: CancellationToken,
    address: SocketAddr,
}

impl RunningServer {
    /// Starts one on `address`; port 0 takes a free one.
    #[must_use]
    pub fn start(address: SocketAddr, config: impl FnOnce(SocketAddr) -> Config) -> Self {
        let listener = TcpListener::bind(address).expect("the server's port is free");
        listener.set_nonblocking(true).expect("a socket can be made non-blocking");
        let address = listener.local_addr().expect("a bound socket has an address");
        let config = config(address);
        let stop = CancellationToken::new();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("server")
            .enable_all()
            .build()
            .expect("a runtime can be made");
        let stopped = stop.clone();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener can be handed to tokio");
            let shutdown = async move { stopped.cancelled().await };
            if let Err(error) = deskline_server::run(listener, config, shutdown).await {
                panic!("the server ended: {error:#}");
            }
        });
        Self { runtime: Some(runtime), stop, address }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Pulls the plug: no goodbye to anybody, requests under way are cut.
    pub fn kill(mut self) {
        self.pull_the_plug();
    }

    fn pull_the_plug(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.stop.cancel();
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.pull_the_plug();
    }
}
