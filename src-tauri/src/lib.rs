//! The shell around the engine: window, tray, keychain and notifications.
//!
//! Called by `main`. Everything that Deskline knows and does is in `deskline_client`; here it meets the desktop. Commands
//! are three lines long, events go through [`bridge`], and no row, text or secret is kept in this crate.

mod accounts;
mod again;
mod bridge;
mod clipboard;
mod collector;
mod commands;
mod desk;
mod diagnostics;
mod downloads;
mod error;
mod graphics;
mod keychain;
mod link;
mod logging;
mod media;
mod network;
mod notifier;
mod place;
mod quiet;
mod settings;
mod setup;
mod sign_in;
mod tray;
mod unread;
mod update;
mod window;

pub use accounts::AccountView;
pub use error::CommandError;
pub use network::{CertificatesWish, NetworkSettings, NetworkWish, ProxyChoice};
pub use settings::DesktopSettings;
pub use setup::{Start, run};
pub use sign_in::sign_in;
