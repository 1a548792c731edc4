//! See `tests/src/fuzz/jwt.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| deskline_fuzz::jwt::holds(input));
