//! What has to hold for every input that a stranger can send, however it is made: one function a door, given any bytes.
//!
//! `cargo xtask fuzz` calls these with inputs that libFuzzer makes up (`tests/fuzz` only wires them to it, and compiles these very
//! files), and the test `seeds` calls them with the inputs in `tests/fuzz/seeds`. A function panics when something does not hold that
//! should, and does nothing else. What was once found lies among the seeds.

pub mod change;
pub mod csv;
pub mod form;
pub mod jwt;
pub mod media;
pub mod signature;
pub mod socket;
pub mod text;

/// One door: its name, which is the name of its module, its fuzz target and the folder of its seeds, and what has to hold.
pub type Target = (&'static str, fn(&[u8]));

/// Every door.
pub const TARGETS: [Target; 7] = [
    ("csv", csv::holds),
    ("form", form::holds),
    ("jwt", jwt::holds),
    ("media", media::holds),
    ("signature", signature::holds),
    ("socket", socket::holds),
    ("text", text::holds),
];
