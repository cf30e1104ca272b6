//! Ports on virtual time: nothing waits for real, and a seed replays a run.
#![allow(dead_code, unreachable_pub, clippy::indexing_slicing, reason = "each test file uses a part of it")]

pub mod broker;
pub mod table;

use pb_fulfillment::ports::{Clock, Random, Store, StoreError};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// 2026-03-01T00:00:00Z, where virtual time begins.
pub const START_MS: u64 = 1_772_323_200_000;

/// A clock that moves only when nothing else is left to do. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct VirtualClock(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    now_ms: Cell<u64>,
    next: Cell<u64>,
    sleepers: RefCell<BTreeMap<(u64, u64), Waker>>,
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self(Rc::new(Inner { now_ms: Cell::new(START_MS), next: Cell::new(0), sleepers: RefCell::default() }))
    }
}

/// Takes its sleeper off the clock, also when the sleep is given up.
struct Sleeper<'a>(&'a Inner, (u64, u64));

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.0.sleepers.borrow_mut().remove(&self.1);
    }
}

impl Clock for VirtualClock {
    fn now_ms(&self) -> u64 {
        self.0.now_ms.get()
    }

    async fn sleep(&self, ms: u64) {
        let inner = &*self.0;
        let key = (inner.now_ms.get().saturating_add(ms), inner.next.replace(inner.next.get() + 1));
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

impl VirtualClock {
    /// Milliseconds since virtual time began.
    pub fn elapsed_ms(&self) -> u64 {
        self.now_ms() - START_MS
    }

    /// Sets the time back by so much. Nobody may be asleep.
    pub fn set_back(&self, ms: u64) {
        let inner = &*self.0;
        inner.now_ms.set(inner.now_ms.get() - ms);
        let sleepers = std::mem::take(&mut *inner.sleepers.borrow_mut());
        assert!(sleepers.is_empty(), "nobody may be asleep");
    }

    /// Goes to the next moment somebody waits for. Whether anybody does.
    fn advance(&self) -> bool {
        let Some(((at, _), waker)) = self.0.sleepers.borrow_mut().pop_first() else { return false };
        self.0.now_ms.set(at.max(self.0.now_ms.get()));
        waker.wake();
        true
    }

    /// Runs a future to its end; whenever it waits, time moves on to what it waits for.
    ///
    /// # Panics
    /// If it waits for something that never comes.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let woken = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut future = pin!(future);
        loop {
            while woken.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return value;
                }
            }
            assert!(self.advance(), "the future waits for something that never comes");
        }
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Random bytes from a seed (SplitMix64). Not secure, and not meant to be. Clones share their state.
#[derive(Clone, Debug)]
pub struct SeededRandom(Rc<Cell<u64>>);

impl SeededRandom {
    /// The same seed gives the same bytes.
    pub fn new(seed: u64) -> Self {
        Self(Rc::new(Cell::new(seed)))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mut value = state;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    /// A number below the bound, which must not be 0.
    pub fn below(&self, bound: u64) -> u64 {
        self.next() % bound
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *to = from;
            }
        }
    }
}

/// A store in memory. Clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

impl Store for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.borrow().get(key).cloned())
    }

    async fn put(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.0.borrow_mut().insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.0.borrow_mut().remove(key);
        Ok(())
    }
}
