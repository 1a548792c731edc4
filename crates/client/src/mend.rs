//! Sees to what this machine keeps: whether the files are whole and in their place, whether there is room, and whether the cache
//! may still be read.
//!
//! [`crate::Client`] runs [`watch`](crate::client) over it. [`bell`] wakes that task wherever a file failed, [`check`] reads a file
//! from end to end, [`salvage`] brings what can be read of one file into another, [`lease`] says how long a cache may be read. What
//! the agent has to know stands in [`told`]. Nothing here closes or replaces a file: that is done with no task running, in `client`.

pub(crate) mod bell;
pub(crate) mod check;
pub(crate) mod clock;
pub(crate) mod lease;
pub(crate) mod room;
pub(crate) mod salvage;
pub(crate) mod told;
