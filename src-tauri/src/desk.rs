//! The engine as the commands find it: opened in the background while the window is already there.
//!
//! Opening asks the keychain, which may ask the agent for a password and so take any time. Until it is open, commands
//! wait; when it could not be opened, each of them answers with the reason, and the window shows that sentence.

use std::sync::Arc;

use deskline_client::Client;
use tokio::sync::SetOnce;

use crate::error::{CommandError, Result};

/// The engine, once it is open.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    opened: Arc<SetOnce<Result<Client>>>,
}

impl Desk {
    /// The engine; waits for it.
    pub(crate) async fn client(&self) -> Result<Client> {
        self.opened.wait().await.clone()
    }

    /// The engine, if it is open by now.
    pub(crate) fn client_if_open(&self) -> Option<Client> {
        self.opened.get()?.as_ref().ok().cloned()
    }

    /// Called once, when opening is over.
    pub(crate) fn set(&self, opened: std::result::Result<Client, deskline_client::Error>) {
        if self.opened.set(opened.map_err(CommandError::from)).is_err() {
            tracing::error!("The engine was opened twice");
        }
    }
}

#[cfg(test)]
mod tests {
    use deskline_client::{Error, ErrorCode};

    use super::*;

    #[tokio::test]
    async fn every_command_says_why_the_folder_could_not_be_opened() {
        let desk = Desk::default();
        desk.set(Err(Error::InUse("/data".to_owned())));

        for _ in 0..2 {
            assert_eq!(desk.client().await.unwrap_err().code, ErrorCode::InUse);
        }
        assert!(desk.client_if_open().is_none());
    }
}
