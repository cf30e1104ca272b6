//! Breaks the instance in each way that is known, for testing how the glue recovers. Not in what is published.
#![allow(clippy::panic, reason = "this is what it is for")]

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::{entropy::Entropy, fetch::Fetch, timers::Timers, values::field};
use crate::ports::{Clock, Http, Random, Request};

/// Panics, overflows the stack, runs out of memory or lets a JavaScript error through, as the text asked for says.
#[wasm_bindgen(js_name = breakNow)]
pub fn break_now(call: JsValue) {
    breakage(&field(&call, "how"));
}

/// The same, from a task that has waited before: no caller is on the stack then.
#[wasm_bindgen(js_name = breakLater)]
pub async fn break_later(call: JsValue) {
    Timers.sleep(1).await;
    breakage(&field(&call, "how"));
}

/// Resolves after `ms` milliseconds.
#[wasm_bindgen(js_name = sleep)]
pub async fn sleep(call: JsValue) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test's own number")]
    let ms = field(&call, "ms").as_f64().unwrap_or(0.0) as u64;
    Timers.sleep(ms).await;
    let mut byte = [0];
    Entropy.fill(&mut byte);
    f64::from(byte[0])
}

/// Sends a request by the `fetch` of the call, and gives its status or what went wrong.
#[wasm_bindgen(js_name = send)]
pub async fn send(call: JsValue) -> Result<f64, JsValue> {
    let fetch = Fetch::new(field(&call, "fetch").dyn_into::<Function>()?, 1 << 20);
    let url = field(&call, "url").as_string().unwrap_or_default();
    let request = Request { method: "GET", url, headers: crate::ports::Headers::new(), body: Vec::new() };
    let answer = fetch.send(request).await;
    answer.map(|answer| f64::from(answer.status)).map_err(|error| JsValue::from(error.to_string()))
}

fn breakage(how: &JsValue) {
    match how.as_string().as_deref() {
        Some("stack") => drop(deeper(&[0; 64])),
        Some("memory") => exhaust(),
        Some("throw") => wasm_bindgen::throw_str("an error that nothing in the instance expects"),
        _ => panic!("a panic for a test"),
    }
}

#[allow(unconditional_recursion, reason = "until the stack is full")]
fn deeper(above: &[u64; 64]) -> u64 {
    let here = std::hint::black_box(above.map(|word| word + 1));
    deeper(&here) + here[0]
}

fn exhaust() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(std::hint::black_box(vec![0_u8; 1 << 28]));
    }
}
