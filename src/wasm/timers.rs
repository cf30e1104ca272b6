//! Time from `Date.now` and `setTimeout`.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

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

    fn sleep(&self, ms: u64) -> impl Future<Output = ()> {
        Sleep { left: ms, timer: None }
    }
}

/// Many of the program's futures wait, so this is one that is written once, and not a state of each.
struct Sleep {
    left: u64,
    timer: Option<Timer>,
}

impl Future for Sleep {
    type Output = ();

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let step = self.left.min(LONGEST_MS);
            let timer = self.timer.get_or_insert_with(|| Timer::new(step));
            ready!(timer.bell.poll(context));
            self.timer = None;
            self.left -= step;
            if self.left == 0 {
                return Poll::Ready(());
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
