//! Random bytes from `crypto.getRandomValues`.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::ports::Random;

/// `getRandomValues` refuses to fill more than this many bytes in one call (Web Cryptography, section 10.1.1).
const MOST_AT_ONCE: usize = 65_536;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(buffer: &Uint8Array);
}

/// The runtime's cryptographically secure source.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entropy;

impl Random for Entropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(MOST_AT_ONCE) {
            // A chunk has at most 65,536 bytes.
            let bytes = Uint8Array::new_with_length(u32::try_from(chunk.len()).unwrap_or(u32::MAX));
            get_random_values(&bytes);
            bytes.copy_to(chunk);
        }
    }
}
