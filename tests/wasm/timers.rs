//! The clock of a runtime.

use crate::js::{self, Replaced};
use futures_util::{
    FutureExt,
    future::{join3, select},
};
use js_sys::Date;
use pb_fulfillment::{
    ports::Clock,
    wasm::{timers::Timers, values::field},
};
use serde_json::json;
use std::{cell::RefCell, pin::pin};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// Sees the timers of the runtime: the delays that were asked for, and the timers that are running.
struct Seen {
    seen: JsValue,
    _replaced: Replaced,
}

impl Seen {
    /// With `hurry` no timer waits.
    fn new(hurry: bool) -> Self {
        let seen = js::run(
            &[("hurry", &hurry.into())],
            "const { setTimeout, clearTimeout } = globalThis;
            const [delays, running] = [[], new Set()];
            return {
                delays,
                running,
                setTimeout(callback, ms) {
                    delays.push(ms);
                    const timer = setTimeout(() => (running.delete(timer), callback()), hurry ? 0 : ms);
                    running.add(timer);
                    return timer;
                },
                clearTimeout(timer) {
                    running.delete(timer);
                    clearTimeout(timer);
                },
            };",
        );
        let replaced = Replaced::new(js_sys::global().into(), &seen, &["setTimeout", "clearTimeout"]);
        Self { seen, _replaced: replaced }
    }

    fn delays(&self) -> serde_json::Value {
        js::json(&field(&self.seen, "delays"))
    }

    fn running(&self) -> Option<f64> {
        field(&field(&self.seen, "running"), "size").as_f64()
    }
}

#[wasm_bindgen_test]
fn the_time_is_that_of_the_runtime() {
    let (before, now, after) = (Date::now(), Timers.now_ms(), Date::now());
    assert!((before..=after).contains(&(now as f64)), "{before} {now} {after}");
}

#[wasm_bindgen_test]
async fn a_sleep_takes_its_time() {
    let start = Date::now();
    Timers.sleep(40).await;
    let took = Date::now() - start;
    // Timers and the clock do not round alike.
    assert!((39.0..2_000.0).contains(&took), "{took}");
}

#[wasm_bindgen_test]
async fn sleeps_end_in_the_order_of_their_times() {
    let ended = RefCell::new(Vec::new());
    let sleep = async |ms| {
        Timers.sleep(ms).await;
        ended.borrow_mut().push(ms);
    };
    join3(sleep(60), sleep(0), sleep(30)).await;
    assert_eq!(*ended.borrow(), [0, 30, 60]);
}

#[wasm_bindgen_test]
async fn a_sleep_that_is_given_up_clears_its_timer() {
    let seen = Seen::new(false);
    let mut long = Box::pin(Timers.sleep(60_000));
    assert!(long.as_mut().now_or_never().is_none());
    assert_eq!(seen.running(), Some(1.0));
    drop(long);
    assert_eq!(seen.running(), Some(0.0));

    select(pin!(Timers.sleep(5)), pin!(Timers.sleep(60_000))).await;
    assert_eq!((seen.delays(), seen.running()), (json!([60_000, 5, 60_000]), Some(0.0)));
}

#[wasm_bindgen_test]
async fn a_sleep_wakes_whoever_polled_it_last() {
    let mut sleep = pin!(Timers.sleep(5));
    assert!(sleep.as_mut().now_or_never().is_none(), "polled with a waker that wakes nobody");
    sleep.await;
}

/// A timer of a runtime holds 31 bits and rings at once if it is given more.
#[wasm_bindgen_test]
async fn a_sleep_that_is_too_long_for_one_timer_takes_several() {
    let seen = Seen::new(true);
    Timers.sleep(0x7fff_ffff).await;
    assert_eq!(seen.delays(), json!([0x7fff_ffff]));
    Timers.sleep(2 * 0x7fff_ffff + 5).await;
    assert_eq!(seen.delays(), json!([0x7fff_ffff, 0x7fff_ffff, 0x7fff_ffff, 5]));
    assert_eq!(seen.running(), Some(0.0));
}
