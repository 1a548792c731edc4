//! Reading the change feed: whoever has seen change 412 asks for what came after 412.
//!
//! Called by the server's fan-out and by `GET /sync`. Numbers are given by a trigger at commit (migrations), never here.

use deskline_domain::{
    change::{ChangePage, Cursor},
    ids::WorkspaceId,
};

use crate::{Listener, Result, Store};

impl Store {
    /// The feed's newest number.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn head(&self, workspace: WorkspaceId) -> Result<Cursor> {
        todo!()
    }

    /// What changed after `after`, at most `limit` (1 to 1,000) entities, all as of one moment.
    ///
    /// A page whose `head` is smaller than `after` says that the reader comes from another feed: it must start over.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn changes_after(&self, workspace: WorkspaceId, after: i64, limit: i64) -> Result<ChangePage> {
        todo!()
    }

    /// Starts listening for changes of every workspace. The first thing heard is [`crate::Wake::All`], once it listens.
    #[must_use]
    pub fn listen(&self) -> Listener {
        Listener::start(&self.pool)
    }
}
