#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pb_fulfillment_fuzz::outbox::check(data));
