//! See `tests/src/fuzz/form.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| deskline_fuzz::form::holds(input));
