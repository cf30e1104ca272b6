//! Time from `Date.now` and `setTimeout`.

use std::future::poll_fn;

use wasm_bindgen::prelude::*;

use super::bell::Bell;
use crate::ports::Clock;

/// `setTimeout` keeps its delay in 31 bits and fires at once when it does not fit (HTML, section 8.6).
const LONGEST_MS: u64 = 0x7fff_ffff;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Closure<dyn FnMut()>, ms: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// The runtime's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timers;

impl Clock for Timers {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds of this age fit")]
    fn now_ms(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    async fn sleep(&self, ms: u64) {
        let mut left = ms;
        loop {
            let step = left.min(LONGEST_MS);
            let timer = Timer::new(step);
            poll_fn(|context| timer.bell.poll(context)).await;
            left -= step;
            if left == 0 {
                return;
            }
        }
    }
}

/// A running timer, and the bell that it rings; when dropped earlier it is cleared, so that it does not keep a process alive.
struct Timer {
    id: JsValue,
    bell: Bell,
}

impl Timer {
    #[allow(clippy::cast_precision_loss, reason = "at most 31 bits")]
    fn new(ms: u64) -> Self {
        let bell = Bell::new();
        Self { id: set_timeout(bell.function(), ms as f64), bell }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
