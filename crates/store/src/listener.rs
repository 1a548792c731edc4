//! Hearing that something changed: Postgres notifications under a connection of their own, which is made again when it is cut.
//!
//! Used by the server's fan-out. A wake says where to look and nothing else, so that a lost one costs time and no change:
//! after each (re)connection everything is declared changed.

use deskline_domain::ids::WorkspaceId;
use sqlx::PgPool;

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// This workspace's feed has grown.
    Workspace(WorkspaceId),
    /// Any workspace's may have: the listener has just (re)connected.
    All,
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Listener {}

impl Listener {
    pub(crate) fn start(pool: &PgPool) -> Self {
        todo!()
    }

    /// Waits for the next wake. Wakes for the same workspace that nobody fetched are one. Cancelling loses nothing.
    pub async fn next(&mut self) -> Wake {
        todo!()
    }
}
