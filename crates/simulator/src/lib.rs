//! A Twilio for tests and demonstrations: its REST API, its webhooks and status callbacks, its failures, and people who text.
//!
//! Tests start a [`Simulator`] inside their own process and speak to it in typed verbs; `deskline-simulator` is the same thing as
//! a program, with a small control API. It never talks to the real Twilio and never sends anything to a phone.
//!
//! Everything can be awaited, and with a seed everything happens the same way again.

mod api;
mod callback;
mod clock;
mod config;
mod control;
mod faults;
mod files;
mod inner;
mod lifecycle;
mod listener;
pub mod people;
mod simulator;
mod state;

pub use callback::{Answer, Delivery};
pub use config::{AccountConfig, Config, NumberConfig};
pub use faults::{Fault, Scope};
pub use files::{Fetched, MediaFault, Served};
pub use lifecycle::{CallbackPlan, Step};
pub use simulator::{
    Simulator, StartError,
    receive::{InboundMedia, InboundText, Signing},
    wait::TimedOut,
};
pub use state::{Asked, Sent};
