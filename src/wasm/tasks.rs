//! Futures of the program as promises of JavaScript.
//!
//! wasm-bindgen-futures does the same, with a queue that knows which future was woken, in two kilobytes of program. The
//! client's futures are few, and to poll one that was not woken does no harm: here all of them are, in one microtask.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    sync::Arc,
    task::{Context, Wake, Waker},
};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

type Task = Pin<Box<dyn Future<Output = ()>>>;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(function: &Closure<dyn FnMut()>);
}

thread_local! {
    static TASKS: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
    static IS_QUEUED: Cell<bool> = const { Cell::new(false) };
    static TURN: Closure<dyn FnMut()> = Closure::new(turn);
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
        TASKS.with_borrow_mut(|tasks| tasks.push(task));
        queue();
    })
}

struct Alarm;

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        queue();
    }
}

fn queue() {
    if !IS_QUEUED.replace(true) {
        TURN.with(queue_microtask);
    }
}

/// Polls all tasks once.
fn turn() {
    IS_QUEUED.set(false);
    // A task may start others.
    let mut tasks = TASKS.take();
    let waker = Waker::from(Arc::new(Alarm));
    let mut context = Context::from_waker(&waker);
    tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
    TASKS.with_borrow_mut(|started| {
        tasks.append(started);
        *started = tasks;
    });
}
