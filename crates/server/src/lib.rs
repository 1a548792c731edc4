//! The Deskline server: takes Twilio's webhooks, sends texts, and keeps every desktop and dashboard live.
//!
//! [`run`] is the whole of it; the binary and the tests both start it there. The truth is in Postgres (`deskline-store`), and everything
//! that Twilio spells is in `deskline-twilio`; here is what happens between them and the network.
//!
//! An inbound text: [`http::webhook`] → store → notification → [`fanout`] → sockets. An outbound one: [`http::sms`] or [`socket`] →
//! [`sender`] → store → Twilio → store. A delivery callback: [`http::status`] → store → the same road out.

pub mod admin;
pub mod app;
pub mod audit;
pub mod auth;
pub mod chores;
pub mod config;
pub mod database;
pub mod direct;
pub mod doctor;
pub mod edge;
pub mod error;
pub mod fanout;
pub mod form;
pub mod http;
pub mod import;
pub mod intake;
pub mod listen;
pub mod media;
pub mod metrics;
pub mod pace;
pub mod payload;
pub mod point_numbers;
pub mod public_url;
pub mod routing;
mod run;
pub mod sender;
pub mod socket;
pub mod telemetry;
pub mod together;

pub use config::{Config, ConfigError, Timers};
pub use run::{asked_to_stop, run};
