//! Handing a claimed text to Twilio and writing down what came of it: the only caller of Twilio's create.
//!
//! Used by the server's sender and by a desktop that works directly, which differ in what an [`Office`] says. The line that texts wait in,
//! the gate and the ledger are the store's. Nothing here decides which text is next, and nothing keeps a text in memory alone: if
//! the process dies on the way, the lease runs out and the text is looked up by whoever claims it next.

mod attempt;
mod clock;
mod office;
mod reconcile;

pub use attempt::{Attempt, Later, attempt, failure_of, hold};
pub use clock::Clock;
pub use office::{Office, Pace};
