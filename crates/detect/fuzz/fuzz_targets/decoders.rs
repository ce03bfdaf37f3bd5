#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| detect_fuzz::decoders::run(data));
