//! Tells the glue of a panic before the instance is gone.
//!
//! A panic aborts: the instance is left as it was in the middle of its work and must not be entered again, and no promise it
//! gave out would ever settle. The hook below is the last thing that runs; the glue then rejects what is pending and makes a
//! new instance. Running out of memory and overflowing the stack reach no hook; the glue sees them as the trap they end in.

use std::panic;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The glue's, with the text of a panic.
    #[wasm_bindgen(js_name = onPanic)]
    fn on_panic(text: &str);
}

/// Has the glue told of panics. It calls this first on every new instance.
#[wasm_bindgen(js_name = tellPanics)]
pub fn tell_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| [place.file(), ":", &place.line().to_string(), ": "].concat());
        let payload = panic.payload();
        let formatted = payload.downcast_ref::<String>().map(String::as_str);
        let why = formatted.or_else(|| payload.downcast_ref::<&str>().copied());
        on_panic(&[&*place.unwrap_or_default(), why.unwrap_or_default()].concat());
    }));
}
