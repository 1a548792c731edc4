//! See `tests/src/fuzz/media.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| deskline_fuzz::media::holds(input));
