//! A function that JavaScript calls, as a future. One for all uses: each type of function costs the program half a kilobyte.

use std::{
    cell::Cell,
    fmt,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use wasm_bindgen::prelude::*;

/// Rings when its function is called, and is heard once, however often that was.
pub struct Bell {
    wire: Rc<Wire>,
    function: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct Wire {
    rung: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Bell {
    /// One that has not rung.
    #[must_use]
    pub fn new() -> Self {
        let wire = Rc::new(Wire::default());
        let far_end = Rc::clone(&wire);
        let function = Closure::new(move || {
            far_end.rung.set(true);
            if let Some(waker) = far_end.waker.take() {
                waker.wake();
            }
        });
        Self { wire, function }
    }

    /// The function. It must not be called once the bell is gone.
    #[must_use]
    pub const fn function(&self) -> &Closure<dyn FnMut()> {
        &self.function
    }

    /// Whether it has rung since it was last asked; if not, the task is woken when it does.
    pub fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.wire.rung.replace(false) {
            return Poll::Ready(());
        }
        self.wire.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Default for Bell {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bell")
    }
}
