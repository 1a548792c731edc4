//! See `tests/src/fuzz/csv.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| deskline_fuzz::csv::holds(input));
