//! What a command changes on screen before the server has heard of it: pure functions from a row to a row.
//!
//! Asked by `inbox` for every row that it shows, with the commands that wait in the order in which they were given. Each says
//! what `store::execute` will do to the same row, so that doing it twice is doing it once, and so that a row that has it
//! already stays as it is. Every match names every action: a new one has to say here what it changes.
//!
//! Merging is shown only when the server has done it: it cannot be undone, and only the server sees whether it may be.

mod contact;
#[cfg(test)]
mod convergence;
mod notes;
mod team;
mod texts;

pub(crate) use contact::to_contact;
pub(crate) use notes::{added_note, to_note};
pub(crate) use team::to_team;
pub(crate) use texts::resends;
