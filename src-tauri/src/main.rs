//! The Deskline desktop.
fn main() {}
