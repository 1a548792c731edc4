//! What the window is shown: the cache's rows, and over them what this machine knows and the server does not yet.
//!
//! Called by `client`. The outbox is read before the cache: a text leaves the outbox only after the cache has its row, so
//! that it is found in one of them at any moment, and shown once when it is found in both.

mod around;
mod card;
mod conversations;
mod counts;
mod notes;
pub(crate) mod page;
pub(crate) mod state;
mod team;
pub(crate) mod thread;

pub(crate) use conversations::display_name;

use crate::{cache::Cache, outbox::Outbox};

/// Both files.
#[derive(Clone, Debug)]
pub(crate) struct Inbox {
    pub(crate) cache: Cache,
    pub(crate) outbox: Outbox,
}
