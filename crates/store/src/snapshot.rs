//! Reading a whole workspace page by page, for a desktop that has nothing yet: conversations newest first, each with its newest
//! texts, then older history.
//!
//! Called by `GET /sync?snapshot=`. Whatever changes while pages are read has a number above the first page's `head`, so that
//! snapshot and feed together are complete. Rows may come twice; none is left out.

use deskline_domain::{ids::WorkspaceId, protocol::SnapshotPage};

use crate::{Result, Store};

/// How much goes on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotSizes {
    /// Conversations on a page.
    pub contacts: i64,
    /// Newest texts that come with each of them.
    pub messages_each: i64,
    /// Texts on a page of older history.
    pub messages: i64,
}

impl Default for SnapshotSizes {
    fn default() -> Self {
        Self { contacts: 100, messages_each: 20, messages: 1_000 }
    }
}

impl Store {
    /// The page that `token` names: `None` or `"start"` for the first, `next` of the page before for each later one.
    ///
    /// # Errors
    /// [`crate::Error::BadToken`]; [`crate::Error::Database`].
    pub async fn snapshot(&self, workspace: WorkspaceId, token: Option<&str>, sizes: SnapshotSizes) -> Result<SnapshotPage> {
        todo!()
    }
}
