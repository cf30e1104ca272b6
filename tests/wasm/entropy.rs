//! The random bytes of a runtime.

use crate::js::{self, Replaced};
use pb_fulfillment::{
    ports::Random,
    wasm::{entropy::Entropy, values::field},
};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

/// The most that `getRandomValues` fills in one call.
const MOST_AT_ONCE: usize = 65_536;

fn filled(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    Entropy.fill(&mut bytes);
    bytes
}

#[wasm_bindgen_test]
fn every_part_of_a_buffer_is_filled() {
    for length in [32, MOST_AT_ONCE, MOST_AT_ONCE + 32, 3 * MOST_AT_ONCE] {
        for (number, part) in filled(length).chunks(32).enumerate() {
            // Once in 2²⁵⁶ times this is wrong.
            assert!(part.iter().any(|&byte| byte != 0), "{length} bytes, part {number}");
        }
    }
    assert!(filled(0).is_empty());
}

#[wasm_bindgen_test]
fn two_buffers_differ() {
    assert_ne!(filled(32), filled(32));
    let long = filled(2 * MOST_AT_ONCE);
    assert_ne!(long[..MOST_AT_ONCE], long[MOST_AT_ONCE..], "nor is a part the copy of another");
}

#[wasm_bindgen_test]
fn what_is_beside_the_buffer_stays() {
    let mut bytes = [0; 96];
    Entropy.fill(&mut bytes[32..64]);
    assert_eq!((&bytes[..32], &bytes[64..]), (&[0; 32][..], &[0; 32][..]));
}

#[wasm_bindgen_test]
fn they_come_from_the_secure_source_and_from_no_other() {
    let source =
        js::value("((asked) => ({ asked, getRandomValues: (bytes) => asked.push(bytes.fill(7).length) }))([])");
    let replaced = Replaced::new(js::value("crypto"), &source, &["getRandomValues"]);
    let bytes = filled(MOST_AT_ONCE + 9);
    drop(replaced);
    assert!(bytes.iter().all(|&byte| byte == 7));
    assert_eq!(js::json(&field(&source, "asked")), json!([MOST_AT_ONCE, 9]));
}
