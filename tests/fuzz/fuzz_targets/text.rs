//! See `tests/src/fuzz/text.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| deskline_fuzz::text::holds(input));
