//! The whole system without windows: each file is a story that goes through every layer.
//!
//! Run by `cargo xtask test`, which brings Postgres.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "that is how a test fails, in its functions too")]

mod admin;
mod chaos;
mod convergence;
mod direct;
mod drafts;
mod guarded;
mod inbound;
mod manners;
mod media;
mod outbound;
mod secrecy;
mod side_by_side;
mod teams;
