//! The seeds of the fuzz targets, replayed: what fuzzing starts from, and everything that it once found.
//!
//! `cargo xtask fuzz` goes on from here. Also sees to it that the targets, which are not compiled here, are what they should be.

#[cfg(test)]
mod replay;
