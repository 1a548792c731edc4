//! Keeps the cache equal to the server's feed: snapshot, pages, and what the socket brings as it happens.
//!
//! One task, [`run`], does all of it one thing after the other: it alone asks for pages and hands them to [`apply`], the only
//! writer of synced rows. A socket message is never the only carrier of anything; losing all of them costs latency.

pub(crate) mod ahead;
pub(crate) mod announce;
pub(crate) mod apply;
pub(crate) mod awake;
pub(crate) mod backoff;
mod draft_files;
pub(crate) mod drafts;
pub(crate) mod live;
pub(crate) mod pull;
pub(crate) mod rows;
pub(crate) mod run;
mod team;
pub(crate) mod wire;
