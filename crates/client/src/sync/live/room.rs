//! A small runtime for each socket, in which nothing runs but the library's task.
//!
//! Made and asked by [`super::Live`], and ends with it.

use tokio::runtime::{Builder, Runtime};

/// Where the library's task lives. Ends it, wherever it is, when dropped.
pub(super) struct Room(pub(super) Option<Runtime>);

impl Room {
    pub(super) fn new() -> std::io::Result<Self> {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("deskline-socket")
            .enable_all()
            .build()
            .map(Some)
            .map(Self)
    }
}

impl Room {
    pub(super) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|runtime| runtime.metrics().num_alive_tasks() == 0)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
