//! The store against a real Postgres: every test has a database of its own, made on the server that `DATABASE_URL` names.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap in a test is a failed test")]

mod access;
mod audits;
mod canceling;
mod commands;
mod concurrent;
mod config;
mod consent;
mod conversations;
mod direct;
mod drafts;
mod feed;
mod history;
mod inbound;
mod keeping;
mod listener;
mod media;
mod merging;
mod outbound;
mod pace;
mod replica;
mod resend;
mod scheduled;
mod schema;
mod snapshot;
mod status;
mod strangers;
mod team;
mod together;
mod world;
