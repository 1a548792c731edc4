//! The engine against a small server that speaks the protocol, with real files in a real folder.
#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

mod acting;
mod desk;
mod folder;
mod live;
mod outbox;
mod reading;
mod server;
mod session;
mod sync;
mod team;
mod wire;
