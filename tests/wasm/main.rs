//! The border to JavaScript as a runtime has it: the ports, what crosses, and a client in front of a broker and the
//! emulator. The same program runs in Node and in a browser.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod crossing;
mod entropy;
mod fetch;
mod journey;
mod js;
mod signal;
mod storage;
mod timers;
