#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| detect_fuzz::accepted::run(data));
