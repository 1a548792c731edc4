//! The words and rules of Deskline, and nothing that touches a disk, a socket or a clock.
//!
//! Every other crate imports this one; this one imports none of them. Time, ids and randomness come in as parameters.

pub mod canned;
pub mod change;
pub mod command;
pub mod contact;
pub mod delivery;
pub mod file;
pub mod gate;
pub mod ids;
pub mod keyword;
pub mod message;
pub mod outlook;
pub mod phone;
pub mod plain;
pub mod protocol;
pub mod row;
pub mod segments;
pub mod team;
pub mod zone;
