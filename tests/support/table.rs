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

    async fn list(
        &self,
        from: &str,
        to: &str,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let rows = self.0.rows.borrow();
        let range = rows.range(from.to_owned()..to.to_owned());
        let range = range.take(limit).map(|(key, value)| (key.clone(), value.clone()));
        Ok(up_to(max_bytes, range))
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

/// The first rows that together have no more than so many bytes, and one at least.
pub fn up_to(max_bytes: usize, rows: impl Iterator<Item = (String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    let mut size = 0;
    let fits = |(index, (_, value)): &(usize, (String, Vec<u8>))| {
        size += value.len();
        *index == 0 || size <= max_bytes
    };
    rows.enumerate().take_while(fits).map(|(_, row)| row).collect()
}

type Commit = (Vec<Write>, Wake);

/// A table whose operations take a millisecond each, whose commits become durable with the next operation or with a sync, and that
/// stops after so many operations, before or after the last has taken effect. From then on nothing reaches it.
#[derive(Clone, Debug)]
pub struct DyingTable {
    /// What is durable.
    pub durable: MemoryTable,
    /// What this life sees.
    seen: MemoryTable,
    /// What is seen and not durable.
    late: Rc<RefCell<Vec<Commit>>>,
    clock: VirtualClock,
    /// How many operations are left.
    left: Rc<Cell<usize>>,
    last_takes_effect: bool,
}

impl DyingTable {
    pub fn new(durable: MemoryTable, clock: VirtualClock, left: usize, last_takes_effect: bool) -> Self {
        let seen = MemoryTable::default();
        seen.0.rows.borrow_mut().extend(durable.rows());
        seen.0.alarm.set(durable.0.alarm.get());
        let (late, left) = (Rc::default(), Rc::new(Cell::new(left)));
        Self { durable, seen, late, clock, left, last_takes_effect }
    }

    /// Whether the operation comes through, and whether its answer does.
    async fn step(&self) -> Result<(bool, bool), StoreError> {
        self.clock.sleep(1).await;
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        let step = match left {
            0 => (false, false),
            1 => (self.last_takes_effect, false),
            _ => (true, true),
        };
        if step.0 {
            let late = self.late.take();
            for (writes, wake) in late {
                self.durable.commit(writes, wake).await?;
            }
        }
        Ok(step)
    }
}

fn dead<T>() -> Result<T, StoreError> {
    Err(StoreError("the process has died".into()))
}

impl Table for DyingTable {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if self.step().await?.1 { self.seen.get(key).await } else { dead() }
    }

    async fn list(
        &self,
        from: &str,
        to: &str,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        if self.step().await?.1 { self.seen.list(from, to, limit, max_bytes).await } else { dead() }
    }

    async fn commit(&self, writes: Vec<Write>, wake: Wake) -> Result<(), StoreError> {
        let (through, answered) = self.step().await?;
        if through {
            self.late.borrow_mut().push((writes.clone(), wake));
            self.seen.commit(writes, wake).await?;
        }
        if answered { Ok(()) } else { dead() }
    }

    async fn sync(&self) -> Result<(), StoreError> {
        if self.step().await?.1 { Ok(()) } else { dead() }
    }
}
