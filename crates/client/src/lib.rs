//! The desktop without windows: encrypted cache, sync, outbox and everything an agent can do.
pub mod error;
pub mod event;
pub mod view;
