//! An `AbortSignal` as a future.

use std::{
    future::poll_fn,
    task::{Poll, ready},
};

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::bell::Bell;

#[wasm_bindgen]
extern "C" {
    /// What is used of an `EventTarget`, by its methods and not by its class, so that a signal of another realm will do.
    type Target;
    #[wasm_bindgen(method, js_name = addEventListener)]
    fn add(this: &Target, event: &str, listener: &Closure<dyn FnMut()>);
    #[wasm_bindgen(method, js_name = removeEventListener)]
    fn remove(this: &Target, event: &str, listener: &Closure<dyn FnMut()>);
}

/// Resolves when the signal is aborted, or never. When dropped it stops listening.
pub async fn aborted(signal: AbortSignal) {
    let subscription = Subscription { signal, bell: Bell::new() };
    subscription.signal.unchecked_ref::<Target>().add("abort", subscription.bell.function());
    poll_fn(|context| {
        // An event alone ends nothing: a page can dispatch one itself.
        while !subscription.signal.aborted() {
            ready!(subscription.bell.poll(context));
        }
        Poll::Ready(())
    })
    .await;
}

/// The listener, which is taken off when it is not wanted any more: a signal may outlive many submissions.
struct Subscription {
    signal: AbortSignal,
    bell: Bell,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.signal.unchecked_ref::<Target>().remove("abort", self.bell.function());
    }
}
