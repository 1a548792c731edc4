//! The HTTP client, made when somebody first asks for it: reading the system's certificates takes longer than the first page of the list.
//!
//! Held by `core`, asked for by everything that calls the server. The window is open long before; nobody waits for it but who needs it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::OnceCell;

use super::Road;
use crate::upstream::answer::CallError;

/// See the module.
#[derive(Debug)]
pub(crate) struct Http {
    road: Road,
    /// Limits each request from beginning to end.
    answer: Duration,
    made: Mutex<Arc<OnceCell<reqwest::Client>>>,
}

impl Http {
    pub(crate) fn new(road: Road, answer: Duration) -> Self {
        Self { road, answer, made: Mutex::default() }
    }

    /// The client, with the connections that it has.
    ///
    /// # Errors
    /// [`CallError::NoAnswer`] when the system gives no certificates, or a library for them is missing.
    pub(crate) async fn client(&self) -> Result<reqwest::Client, CallError> {
        let made = Arc::clone(&self.made.lock().unwrap_or_else(PoisonError::into_inner));
        made.get_or_try_init(|| self.make()).await.cloned()
    }

    /// Whoever asks from now on gets another one: connections that were made before may be dead.
    pub(crate) fn begin_anew(&self) {
        *self.made.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    async fn make(&self) -> Result<reqwest::Client, CallError> {
        let (road, answer) = (self.road.clone(), self.answer);
        let failed = |reason: String| CallError::NoAnswer { reason, never_left: true };
        tokio::task::spawn_blocking(move || road.http(answer))
            .await
            .map_err(|_| failed("the program is closing".to_owned()))?
            .map_err(|error| failed(format!("no secure connection can be made on this system ({error})")))
    }
}
