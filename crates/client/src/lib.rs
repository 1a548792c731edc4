//! The desktop without windows: encrypted cache, sync, outbox and everything an agent can do.
//!
//! Used by the shell (`src-tauri`), the end-to-end tests and the benchmarks through [`Client`]. Knows no window, no
//! keychain and no notification centre: those come in as [`CredentialStore`] and [`Notifier`].

mod alone;
mod asked;
mod cache;
mod client;
mod core;
mod credentials;
mod database;
mod files;
mod inbox;
mod media;
mod mend;
mod network;
mod options;
mod outbox;
mod overlay;
mod presence;
mod sealed;
mod search;
mod session;
mod sync;
mod upstream;

pub mod error;
pub mod event;
pub mod notify;
pub mod view;

pub use client::{Client, diagnose::Diagnostics, notify::Answered};
pub use credentials::{CredentialStore, MemoryCredentials};
pub use error::{Error, ErrorCode};
pub use event::ClientEvent;
pub use network::{Network, Proxy};
pub use notify::{
    Notification, Notifier, RecordingNotifier, Slot,
    settings::{DoNotDisturb, NotificationContent, NotificationSettings},
};
pub use options::{Clock, Dice, Options, Patience};
pub use outbox::hold::HoldConditions;

/// What almost everything here answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
