//! See `tests/src/fuzz/socket.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| deskline_fuzz::socket::holds(input));
