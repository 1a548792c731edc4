//! What this machine keeps: how much room it takes, and fetching the copy of the team's texts anew.
//!
//! Taking everything away is signing out.

use std::{fs, path::Path};

use super::{Client, mend::Damaged};
use crate::{
    Result,
    error::Error,
    view::{Connection, Storage},
};

/// Why the copy is being fetched, in the agent's words.
const ASKED_FOR: &str = "You asked for the copy of your team’s texts to be fetched anew.";

impl Client {
    /// How much room everything takes that is kept here, and what it holds.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::Database`], [`Error::Io`].
    pub async fn storage(&self) -> Result<Storage> {
        let core = self.core();
        core.me()?;
        let inbox = core.inbox();
        let count = |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(&inbox.cache.pool);
        let texts = count("select count(*) from messages").await?;
        let conversations = count("select count(*) from contacts").await?;
        let dir = core.options.data_dir.clone();
        let shown = dir.display().to_string();
        let measured = tokio::task::spawn_blocking(move || size_of(&dir)).await;
        let bytes = measured
            .unwrap_or_else(|error| Err(std::io::Error::other(error)))
            .map_err(|source| Error::Io { path: shown, source })?;
        Ok(Storage { bytes, texts, conversations })
    }

    /// Fetches the copy of the team's texts anew. Nothing that was written here is lost; what is missing meanwhile comes by itself.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without a connection, since nothing could be read until it is back, and where nothing is on disk;
    /// [`Error::SignedOut`], [`Error::Database`].
    pub async fn rebuild(&self) -> Result<()> {
        let core = self.core();
        core.me()?;
        if core.is_memory_only() {
            return Err(Error::NotAllowed("Nothing is kept on this disk. Restart Deskline to fetch everything anew."));
        }
        if core.connection() != Connection::Live {
            return Err(Error::NotAllowed(
                "The server cannot be reached at the moment. Try again when you are connected.",
            ));
        }
        self.inner.replace(Damaged { cache: true, outbox: false }).await?;
        core.change_local_copy(|copy| {
            if let Some(reason) = &mut copy.rebuilding {
                ASKED_FOR.clone_into(reason);
            }
        });
        Ok(())
    }
}

/// All files below a folder. One that goes away meanwhile takes no room.
fn size_of(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let Ok(entry) = entry else { continue };
        let Ok(about) = entry.metadata() else { continue };
        bytes += if about.is_dir() { size_of(&entry.path()).unwrap_or_default() } else { about.len() };
    }
    Ok(bytes)
}
