//! A table in memory, which outlives the outbox over it, and one that stops at a given operation.

use super::VirtualClock;
use pb_fulfillment::ports::{Clock, StoreError, Table, Wake, Write};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

/// A table in memory. Clones are the same table.
#[derive(Clone, Debug)]
pub struct MemoryTable(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    rows: RefCell<BTreeMap<String, Vec<u8>>>,
    alarm: Cell<Wake>,
}

impl Default for MemoryTable {
    fn default() -> Self {
        Self(Rc::new(Inner { rows: RefCell::default(), alarm: Cell::new(Wake::Never) }))
    }
}

impl MemoryTable {
    /// When the alarm rings.
    pub fn alarm(&self) -> Option<u64> {
        match self.0.alarm.get() {
            Wake::At(at_ms) => Some(at_ms),
            Wake::Never => None,
        }
    }

    /// All that is in it.
    pub fn rows(&self) -> Vec<(String, Vec<u8>)> {
        self.0.rows.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

impl Table for MemoryTable {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.rows.borrow().get(key).cloned())
    }

    async fn list(&self, from: &str, to: &str, limit: usize) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let rows = self.0.rows.borrow();
        let range = rows.range(from.to_owned()..to.to_owned());
        Ok(range.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    async fn commit(&self, writes: Vec<Write>, wake: Wake) -> Result<(), StoreError> {
        let mut rows = self.0.rows.borrow_mut();
        for write in writes {
            match write {
                Write::Put(key, value) => drop(rows.insert(key, value)),
                Write::Delete(key) => drop(rows.remove(&key)),
            }
        }
        self.0.alarm.set(wake);
        Ok(())
    }
}

/// A table whose operations take a millisecond each, and that stops after so many of them, before or after the last has taken
/// effect. From then on nothing reaches it.
#[derive(Clone, Debug)]
pub struct DyingTable {
    pub inner: MemoryTable,
    pub clock: VirtualClock,
    /// How many operations are left.
    pub left: Rc<Cell<usize>>,
    pub last_takes_effect: bool,
}

impl DyingTable {
    pub fn new(inner: MemoryTable, clock: VirtualClock, left: usize, last_takes_effect: bool) -> Self {
        Self { inner, clock, left: Rc::new(Cell::new(left)), last_takes_effect }
    }

    /// Whether the operation comes through, and whether its answer does.
    async fn step(&self) -> (bool, bool) {
        self.clock.sleep(1).await;
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        match left {
            0 => (false, false),
            1 => (self.last_takes_effect, false),
            _ => (true, true),
        }
    }
}

fn dead<T>() -> Result<T, StoreError> {
    Err(StoreError("the process has died".into()))
}

impl Table for DyingTable {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if self.step().await.1 { self.inner.get(key).await } else { dead() }
    }

    async fn list(&self, from: &str, to: &str, limit: usize) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        if self.step().await.1 { self.inner.list(from, to, limit).await } else { dead() }
    }

    async fn commit(&self, writes: Vec<Write>, wake: Wake) -> Result<(), StoreError> {
        let (through, answered) = self.step().await;
        if through {
            self.inner.commit(writes, wake).await?;
        }
        if answered { Ok(()) } else { dead() }
    }
}
