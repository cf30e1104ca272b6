//! Futures of the program as promises of JavaScript.
//!
//! wasm-bindgen-futures does the same, with a queue that knows which future was woken, in two kilobytes of program. The
//! client's futures are few, and to poll one that was not woken does no harm: here all of them are, in one microtask.

use std::{
    cell::{Cell, OnceCell, RefCell},
    pin::Pin,
    sync::Arc,
    task::{Context, Wake, Waker},
};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

type Task = Pin<Box<dyn Future<Output = ()>>>;

struct Tasks {
    running: RefCell<Vec<Task>>,
    is_queued: Cell<bool>,
    turn: OnceCell<Closure<dyn FnMut()>>,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(function: &Closure<dyn FnMut()>);
}

thread_local! {
    static TASKS: Tasks =
        const { Tasks { running: RefCell::new(Vec::new()), is_queued: Cell::new(false), turn: OnceCell::new() } };
}

impl Tasks {
    fn queue(&self) {
        if !self.is_queued.replace(true) {
            queue_microtask(self.turn.get_or_init(|| Closure::new(|| TASKS.with(Self::poll))));
        }
    }

    /// Polls all of them once.
    fn poll(&self) {
        self.is_queued.set(false);
        // A task may start others.
        let mut tasks = self.running.take();
        let waker = Waker::from(Arc::new(Alarm));
        let mut context = Context::from_waker(&waker);
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        tasks.append(&mut self.running.borrow_mut());
        self.running.replace(tasks);
    }
}

/// A promise of what the future gives. It is first polled in a microtask.
pub fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let mut future = Some(future);
    Promise::new(&mut |resolve, reject| {
        let Some(future) = future.take() else { return };
        let task: Task = Box::pin(async move {
            let (settle, value) = match future.await {
                Ok(value) => (resolve, value),
                Err(error) => (reject, error),
            };
            // Those of a promise throw nothing.
            let _ = settle.call1(&JsValue::UNDEFINED, &value);
        });
        TASKS.with(|tasks| {
            tasks.running.borrow_mut().push(task);
            tasks.queue();
        });
    })
}

struct Alarm;

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        TASKS.with(Tasks::queue);
    }
}
