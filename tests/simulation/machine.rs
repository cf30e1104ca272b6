//! One thread, virtual time, and dice that choose who runs next. A process is a set of tasks that can be ended together at any
//! await, as an isolate, an object or a page is.

use crate::support::{START_MS, SeededRandom};
use futures_util::{FutureExt, future::LocalBoxFuture};
use pb_fulfillment::ports::Clock;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// The number of a process.
pub type Process = usize;

/// The machine. Clones are the same one.
#[derive(Clone)]
pub struct Machine(Rc<Inner>);

struct Inner {
    dice: SeededRandom,
    /// Milliseconds since the run began; it never goes back.
    now_ms: Cell<u64>,
    next: Cell<u64>,
    tasks: RefCell<BTreeMap<u64, Task>>,
    sleepers: RefCell<BTreeMap<(u64, u64), Waker>>,
    /// How far the clock of each process is off.
    skews: RefCell<Vec<i64>>,
    /// What was done so far, in one number.
    trace: Cell<u64>,
    /// Whether it tells what happens.
    aloud: bool,
}

struct Task {
    process: Process,
    future: LocalBoxFuture<'static, ()>,
    ready: Arc<Flag>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Machine {
    pub fn new(seed: u64) -> Self {
        Self(Rc::new(Inner {
            dice: SeededRandom::new(seed),
            now_ms: Cell::new(0),
            next: Cell::new(0),
            tasks: RefCell::default(),
            sleepers: RefCell::default(),
            skews: RefCell::default(),
            trace: Cell::new(seed),
            aloud: std::env::var_os("SIMULATION_SEED").is_some(),
        }))
    }

    /// A number below the bound, which must not be 0.
    pub fn below(&self, bound: u64) -> u64 {
        self.0.dice.below(bound)
    }

    pub fn elapsed_ms(&self) -> u64 {
        self.0.now_ms.get()
    }

    /// A number that two runs have in common only if the same things happened in them in the same order.
    pub fn trace(&self) -> u64 {
        self.0.trace.get()
    }

    /// Tells what happens, if somebody wants to read it.
    pub fn tell(&self, what: impl FnOnce() -> String) {
        if self.0.aloud {
            println!("{:>9} ms  {}", self.elapsed_ms(), what());
        }
    }

    /// Adds to the trace.
    pub fn note(&self, what: u64) {
        self.0.trace.set((self.0.trace.get().rotate_left(5) ^ what).wrapping_mul(0x517c_c1b7_2722_0a95));
    }

    pub fn new_process(&self) -> Process {
        let mut skews = self.0.skews.borrow_mut();
        skews.push(0);
        skews.len() - 1
    }

    pub fn clock(&self, process: Process) -> SimClock {
        SimClock { machine: self.clone(), process }
    }

    /// The clock of the process is set to another time, an hour off at most.
    pub fn jump(&self, process: Process, ms: i64) {
        let skew = &mut self.0.skews.borrow_mut()[process];
        *skew = (*skew + ms).clamp(-3_600_000, 3_600_000);
    }

    fn number(&self) -> u64 {
        self.0.next.replace(self.0.next.get() + 1)
    }

    pub fn spawn(&self, process: Process, future: impl Future<Output = ()> + 'static) -> u64 {
        let id = self.number();
        let ready = Arc::new(Flag(AtomicBool::new(true)));
        self.0.tasks.borrow_mut().insert(id, Task { process, future: future.boxed_local(), ready });
        id
    }

    /// Runs the future in the process. What comes of it, nothing if the process dies over it.
    pub fn call<T: 'static>(&self, process: Process, future: impl Future<Output = T> + 'static) -> Answer<T> {
        let slot = Rc::new(Slot { value: Cell::new(None), over: Cell::new(false), waker: Cell::new(None) });
        let over = Over(slot.clone());
        let task = self.spawn(process, async move {
            let value = future.await;
            over.0.value.set(Some(value));
            drop(over);
        });
        Answer { slot, task }
    }

    /// Ends a task where it is, if it has not ended yet.
    pub fn abort(&self, task: u64) {
        let task = self.0.tasks.borrow_mut().remove(&task);
        drop(task);
    }

    /// Ends all that the process does, where it is.
    pub fn crash(&self, process: Process) {
        let dead: Vec<_> = {
            let mut tasks = self.0.tasks.borrow_mut();
            let dead: Vec<_> = tasks.iter().filter(|(_, task)| task.process == process).map(|(id, _)| *id).collect();
            dead.iter().filter_map(|id| tasks.remove(id)).collect()
        };
        // Dropped with nothing borrowed: what is dropped may wake others.
        drop(dead);
    }

    /// Lets one task run until it waits, and tells whose it was. If all wait, time moves on first. Nothing if nobody waits for
    /// a time either.
    pub fn step(&self) -> Option<Process> {
        loop {
            let ready: Vec<u64> = {
                let tasks = self.0.tasks.borrow();
                tasks.iter().filter(|(_, task)| task.ready.0.load(Ordering::Relaxed)).map(|(id, _)| *id).collect()
            };
            if ready.is_empty() {
                let next = self.0.sleepers.borrow_mut().pop_first();
                let ((at, _), waker) = next?;
                self.0.now_ms.set(at.max(self.0.now_ms.get()));
                waker.wake();
                continue;
            }
            let index = usize::try_from(self.below(ready.len() as u64)).unwrap();
            let id = ready[index];
            let mut task = self.0.tasks.borrow_mut().remove(&id).unwrap();
            task.ready.0.store(false, Ordering::Relaxed);
            self.note(id ^ self.0.now_ms.get() << 20);
            let waker = Waker::from(task.ready.clone());
            let process = task.process;
            if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                self.0.tasks.borrow_mut().insert(id, task);
            }
            return Some(process);
        }
    }

    pub async fn sleep(&self, ms: u64) {
        let inner = &*self.0;
        let key = (inner.now_ms.get().saturating_add(ms), self.number());
        let _sleeper = Sleeper(inner, key);
        let mut polled = false;
        poll_fn(|context| {
            // Even a sleep of 0 lets others run first, as a timer does.
            if std::mem::replace(&mut polled, true) && inner.now_ms.get() >= key.0 {
                return Poll::Ready(());
            }
            inner.sleepers.borrow_mut().insert(key, context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

struct Sleeper<'a>(&'a Inner, (u64, u64));

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.0.sleepers.borrow_mut().remove(&self.1);
    }
}

/// What a process takes for the time. Its waits are those of the machine: a clock that is set wrong does not run faster.
#[derive(Clone)]
pub struct SimClock {
    machine: Machine,
    process: Process,
}

impl Clock for SimClock {
    fn now_ms(&self) -> u64 {
        let skew = self.machine.0.skews.borrow()[self.process];
        (START_MS + self.machine.elapsed_ms()).saturating_add_signed(skew)
    }

    async fn sleep(&self, ms: u64) {
        self.machine.sleep(ms).await;
    }
}

struct Slot<T> {
    value: Cell<Option<T>>,
    over: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

/// Tells whoever waits that nothing more will come.
struct Over<T>(Rc<Slot<T>>);

impl<T> Drop for Over<T> {
    fn drop(&mut self) {
        self.0.over.set(true);
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }
}

/// What will come of a call to another process.
pub struct Answer<T> {
    slot: Rc<Slot<T>>,
    /// The task that works on it.
    pub task: u64,
}

impl<T> Future for Answer<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        if self.slot.over.get() {
            return Poll::Ready(self.slot.value.take());
        }
        self.slot.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}
