//! See `tests/src/fuzz/signature.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| deskline_fuzz::signature::holds(input));
