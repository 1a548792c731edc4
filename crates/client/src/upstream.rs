//! The way to the truth: through the team's server.
//!
//! One way stands so far; a second one (straight to Postgres and Twilio) becomes a trait over what [`server`] does.

pub(crate) mod answer;
pub(crate) mod server;
