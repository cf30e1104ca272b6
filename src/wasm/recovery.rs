//! Tells the glue of a panic before the instance is gone.
//!
//! A panic aborts: the instance is left as it was in the middle of its work and must not be entered again, and no promise it
//! gave out would ever settle. The hook below is the last thing that runs; the glue then rejects what is pending and makes a
//! new instance. Running out of memory and overflowing the stack reach no hook; the glue sees them as the trap they end in.

use std::{cell::RefCell, panic};

use js_sys::Function;
use wasm_bindgen::prelude::*;

thread_local! {
    static ON_PANIC: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Sets the function that is called with the text of a panic. The glue calls this first on every new instance.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(report: Function) {
    ON_PANIC.set(Some(report));
    panic::set_hook(Box::new(|panic| {
        let text = JsValue::from(panic.to_string());
        ON_PANIC.with(|slot| {
            // A panic while the slot is being set has nobody to go to; the trap that follows tells of it.
            if let Ok(slot) = slot.try_borrow()
                && let Some(report) = slot.as_ref()
            {
                let _ = report.call1(&JsValue::UNDEFINED, &text);
            }
        });
    }));
}
