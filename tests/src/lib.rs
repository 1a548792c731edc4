//! A whole Deskline in one process: Postgres, server, Twilio simulator and desktops without windows.
//!
//! Used by the system tests (`e2e/`), the window tests (`desktop/`) and the benchmarks (`benches/`); the tests under fire (`chaos/`)
//! run real processes, and take its desktops; [`fuzz`] is what has to hold for any input. Nothing of it is part of the product, and
//! nothing in it stands in for a part of the product: only Twilio is simulated.

#![expect(clippy::expect_used, reason = "a test world that cannot be built has nothing to report to")]
#![expect(clippy::missing_panics_doc, reason = "everything in a test may panic; that is how it fails")]

pub mod database;
pub mod desktop;
pub mod eventually;
pub mod flaky;
pub mod fuzz;
pub mod guarded;
pub mod history;
pub mod pooler;
pub mod postgres;
pub mod seen;
pub mod server;
pub mod world;

pub use desktop::Desktop;
pub use eventually::{PATIENCE, eventually, eventually_within};
pub use flaky::Flaky;
pub use world::World;
