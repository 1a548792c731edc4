//! The files of `tests/src/fuzz`, compiled with coverage counters, without the rest of `deskline-e2e`.

#[path = "../../src/fuzz/change.rs"]
pub mod change;
#[path = "../../src/fuzz/csv.rs"]
pub mod csv;
#[path = "../../src/fuzz/form.rs"]
pub mod form;
#[path = "../../src/fuzz/jwt.rs"]
pub mod jwt;
#[path = "../../src/fuzz/media.rs"]
pub mod media;
#[path = "../../src/fuzz/signature.rs"]
pub mod signature;
#[path = "../../src/fuzz/socket.rs"]
pub mod socket;
#[path = "../../src/fuzz/text.rs"]
pub mod text;
