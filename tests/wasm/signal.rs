//! The signals of a runtime.

use crate::js;
use futures_util::FutureExt;
use pb_fulfillment::{
    ports::Clock,
    wasm::{signal::aborted, timers::Timers, values::field},
};
use std::pin::pin;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

fn controller() -> JsValue {
    js::value("new AbortController()")
}

fn signal(controller: &JsValue) -> web_sys::AbortSignal {
    field(controller, "signal").unchecked_into()
}

#[wasm_bindgen_test]
fn one_that_is_aborted_already_ends_the_wait_at_once() {
    let signal = js::value("AbortSignal.abort()").unchecked_into();
    assert!(aborted(signal).now_or_never().is_some());
}

#[wasm_bindgen_test]
async fn one_that_is_aborted_later_ends_it_then() {
    let controller = controller();
    let mut waiting = pin!(aborted(signal(&controller)));
    assert!(waiting.as_mut().now_or_never().is_none());
    js::run(&[("controller", &controller)], "setTimeout(() => controller.abort(), 5);");
    waiting.await;
    assert!(signal(&controller).aborted());
}

/// A listener may be called for other reasons, such as an event that a page dispatches itself.
#[wasm_bindgen_test]
async fn an_event_without_an_abort_does_not_end_it() {
    let controller = controller();
    let mut waiting = pin!(aborted(signal(&controller)));
    assert!(waiting.as_mut().now_or_never().is_none());
    js::call(&signal(&controller), "dispatchEvent", &[js::value("new Event('abort')")]);
    Timers.sleep(0).await;
    assert!(waiting.as_mut().now_or_never().is_none());
    js::call(&controller, "abort", &[]);
    waiting.await;
}

/// By its methods and not by its class: a signal of another realm, or of an older library, will do. It may outlive many
/// submissions.
#[wasm_bindgen_test]
async fn the_listener_is_taken_off_when_nobody_waits_any_more() {
    let signal = js::value(
        "{
            aborted: false,
            listeners: new Map(),
            addEventListener(type, listener) { this.listeners.set(listener, type); },
            removeEventListener(type, listener) {
                if (this.listeners.get(listener) === type) this.listeners.delete(listener);
            },
            abort() { this.aborted = true; for (const listener of this.listeners.keys()) listener(); },
        }",
    );
    let listening = || field(&field(&signal, "listeners"), "size").as_f64();
    let waiting = || Box::pin(aborted(signal.clone().unchecked_into()));

    let (mut first, mut second) = (waiting(), waiting());
    assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
    assert_eq!(listening(), Some(2.0));
    drop(first);
    assert_eq!(listening(), Some(1.0));
    js::call(&signal, "abort", &[]);
    second.await;
    assert_eq!(listening(), Some(0.0));
}
