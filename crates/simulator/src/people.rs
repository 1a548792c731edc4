//! People who text: each with a name, a number, a habit and a script.
//!
//! The demonstration starts them; the cast is public, so that whoever fills a database with histories can use the same names and
//! numbers. What they do is decided by a [`Director`], which knows no time; [`run`](Simulator::start_people) gives it some.

mod afternoon;
mod cast;
mod director;
mod evening;
mod morning;
mod run;

pub use cast::{CAST, Habit, Line, Persona, persona};
pub use director::Director;
pub(crate) use run::PeopleTask;
pub use run::{People, Said};

#[cfg(doc)]
use crate::Simulator;
