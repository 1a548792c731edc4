//! The engine against a small server that speaks the protocol, with real files in a real folder.
#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

mod acting;
mod attachments;
mod awake;
mod away;
mod beside;
mod both_ways;
mod consent;
mod damage;
mod desk;
mod diagnostics;
mod draft_files;
mod drafts;
mod folder;
mod full_disk;
mod hold;
mod keychain;
mod later;
mod lease;
mod live;
mod media;
mod network;
mod notifications;
mod outbox;
mod outlook;
mod reading;
mod reply;
mod revocation;
mod search;
mod server;
mod session;
mod sync;
mod team;
mod wire;
