#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logs::fuzzing::line_ends(data));
