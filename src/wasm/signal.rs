//! An `AbortSignal` as a future.

use std::{
    cell::RefCell,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

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
    let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
    let listener = Closure::new({
        let waker = Rc::clone(&waker);
        move || {
            let waiting = waker.borrow_mut().take();
            if let Some(waiting) = waiting {
                waiting.wake();
            }
        }
    });
    let subscription = Subscription { signal, listener };
    subscription.signal.unchecked_ref::<Target>().add("abort", &subscription.listener);
    poll_fn(|context| {
        if subscription.signal.aborted() {
            return Poll::Ready(());
        }
        *waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
}

/// The listener, which is taken off when it is not wanted any more: a signal may outlive many submissions.
struct Subscription {
    signal: AbortSignal,
    listener: Closure<dyn FnMut()>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.signal.unchecked_ref::<Target>().remove("abort", &self.listener);
    }
}
