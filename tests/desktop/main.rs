//! The real window: the built app, driven over WebDriver, with a real keychain and a real notification service.
//!
//! Run by `cargo xtask test --only desktop`, which brings a display and a session bus. Everything behind the window is
//! [`deskline_e2e::World`]. Left out of a plain `cargo test`, since that has neither.

#![expect(clippy::expect_used, reason = "a test world that cannot be built has nothing to report to")]

mod answers;
mod damage;
mod driver;
mod files;
mod inbox;
mod keyboard;
mod locked;
mod manners;
mod notifications;
mod outage;
mod processes;
mod replies;
mod secrets;
mod sign_in;
mod stage;
mod team;
mod tray;
mod trouble;
mod unplugged;
mod window;
