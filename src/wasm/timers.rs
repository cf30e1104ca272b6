//! Time from `Date.now` and `setTimeout`.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    rc::Rc,
    task::{Poll, Waker},
};

use wasm_bindgen::prelude::*;

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
        while left > LONGEST_MS {
            timeout(LONGEST_MS).await;
            left -= LONGEST_MS;
        }
        timeout(left).await;
    }
}

/// Resolves after `ms` milliseconds; when dropped earlier, the timer is cleared, so that it does not keep a process alive.
#[allow(clippy::cast_precision_loss, reason = "at most 31 bits")]
fn timeout(ms: u64) -> impl Future<Output = ()> {
    let state = Rc::new(RefCell::new(Alarm::default()));
    let callback = Closure::once({
        let state = Rc::clone(&state);
        move || ring(&state)
    });
    let timer = Timer { id: set_timeout(&callback, ms as f64), _callback: callback };
    poll_fn(move |context| {
        let _keep = &timer;
        let mut alarm = state.borrow_mut();
        if alarm.rung {
            return Poll::Ready(());
        }
        alarm.waker = Some(context.waker().clone());
        Poll::Pending
    })
}

#[derive(Default)]
struct Alarm {
    rung: bool,
    waker: Option<Waker>,
}

fn ring(state: &RefCell<Alarm>) {
    let waker = {
        let mut alarm = state.borrow_mut();
        alarm.rung = true;
        alarm.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A running timer, and the callback that must live as long.
struct Timer {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
