//! Which orders leave next: put into a batch, and written down as on their way.

use super::{
    Outbox, keys,
    memory::{Batch, Memory, not_before},
    order::Content,
    unreadable,
};
use crate::{
    batch::{MAX_BYTES, MAX_ORDERS},
    ports::{Clock, Random, StoreError, Table, Write},
    wire::ids,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

/// A batch that this instance is sending.
#[derive(Debug)]
pub(super) struct Flight<'a> {
    pub(super) id: u64,
    pub(super) orders: Vec<Content>,
    /// Of the call that is written down.
    pub(super) transaction_id: String,
    under_way: &'a RefCell<BTreeSet<u64>>,
    stale: &'a Cell<bool>,
    landed: bool,
}

impl Flight<'_> {
    /// What became of it is written down.
    pub(super) fn land(&mut self) {
        self.landed = true;
        self.under_way.borrow_mut().remove(&self.id);
    }
}

impl Drop for Flight<'_> {
    /// Given up in the middle, it is in doubt as after a crash.
    fn drop(&mut self) {
        if !self.landed {
            self.under_way.borrow_mut().remove(&self.id);
            self.stale.set(true);
        }
    }
}

/// A place to prepare a call from, until the batch is claimed: so that no more tokens and leases are asked for than calls are due.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Cell<usize>);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl<T: Table, C: Clock, R: Random> Outbox<T, C, R> {
    /// Asks for a place to prepare a call from: there is one for each call that is due and that nobody else prepares.
    pub(super) async fn place(&self) -> Result<Option<Place<'_>>, StoreError> {
        let mut slot = self.turn.lock().await;
        let memory = self.take(&mut slot).await?;
        let taken = self.preparing.get();
        let place = (self.may_send(&memory) && taken < self.due(&memory)).then(|| {
            self.preparing.set(taken + 1);
            Place(&self.preparing)
        });
        Self::keep(&mut slot, memory);
        Ok(place)
    }

    fn may_send(&self, memory: &Memory) -> bool {
        not_before(memory.meta.hold_until, self.clock.now_ms()) <= self.clock.now_ms()
            && self.under_way.borrow().len() < self.options.limits.concurrency
    }

    /// How many calls are due.
    fn due(&self, memory: &Memory) -> usize {
        let now_ms = self.clock.now_ms();
        let due = |batch: &&Batch| batch.is_due(&memory.meta, now_ms);
        let full = usize::try_from(memory.meta.waiting()).unwrap_or(usize::MAX) / MAX_ORDERS;
        let to_make = if self.may_batch(memory) { full.max(1) } else { 0 };
        memory.batches.values().filter(due).count().saturating_add(to_make)
    }

    /// The batch that has been due longest, unless orders that are in none yet have been for longer: one that fails again and again
    /// is not before all others each time.
    fn next_batch(&self, memory: &Memory) -> Option<u64> {
        let now_ms = self.clock.now_ms();
        let due = memory.batches.iter().filter(|(_, batch)| batch.is_due(&memory.meta, now_ms));
        let since = due.map(|(id, batch)| (not_before(batch.not_before, now_ms), *id)).min();
        let later = |at_ms: u64| self.may_batch(memory) && memory.meta.oldest_at < at_ms;
        since.filter(|(at_ms, _)| !later(*at_ms)).map(|(_, id)| id)
    }

    fn may_batch(&self, memory: &Memory) -> bool {
        let now_ms = self.clock.now_ms();
        // Those for another API are to be given up first.
        !memory.meta.foreign_wait() && memory.meta.batch_at(&self.options, now_ms).is_some_and(|at_ms| at_ms <= now_ms)
    }

    /// Takes the next batch that is due, or makes one of the orders that wait, and writes down that it is on its way.
    pub(super) async fn claim(&self) -> Result<Option<Flight<'_>>, StoreError> {
        let mut slot = self.turn.lock().await;
        let mut memory = self.take(&mut slot).await?;
        if !self.may_send(&memory) {
            Self::keep(&mut slot, memory);
            return Ok(None);
        }
        let (id, orders) = match self.next_batch(&memory) {
            Some(id) => {
                let batch = memory.batches.get(&id).cloned().unwrap_or_default();
                (id, self.contents(&batch).await?)
            }
            None if self.may_batch(&memory) => self.make_batch(&mut memory).await?,
            None => {
                Self::keep(&mut slot, memory);
                return Ok(None);
            }
        };
        let transaction_id = ids::transaction_id(&self.random);
        let write = self.begin(&mut memory, id, &transaction_id)?;
        // From here on another call may take it for lost, but for this.
        self.under_way.borrow_mut().insert(id);
        let (under_way, stale) = (&self.under_way, &self.stale);
        let flight = Flight { id, orders, transaction_id, under_way, stale, landed: false };
        self.commit(&mut slot, memory, vec![write]).await?;
        drop(slot);
        self.synced().await?;
        Ok(Some(flight))
    }

    /// Writes down that the batch goes once more, with another transaction id.
    pub(super) async fn claim_again(&self, flight: &mut Flight<'_>) -> Result<(), StoreError> {
        let mut slot = self.turn.lock().await;
        let mut memory = self.take(&mut slot).await?;
        flight.transaction_id = ids::transaction_id(&self.random);
        let write = self.begin(&mut memory, flight.id, &flight.transaction_id)?;
        self.commit(&mut slot, memory, vec![write]).await?;
        drop(slot);
        self.synced().await
    }

    fn begin(&self, memory: &mut Memory, id: u64, transaction_id: &str) -> Result<Write, StoreError> {
        let batch = memory.batches.get_mut(&id).ok_or_else(|| unreadable("a batch"))?;
        batch.begin(transaction_id, self.clock.now_ms());
        Ok(Write::Put(keys::batch(id), batch.write()))
    }

    /// A batch of the orders that have waited longest, as many as may travel together. It is in the memory and not yet written.
    pub(super) async fn make_batch(&self, memory: &mut Memory) -> Result<(u64, Vec<Content>), StoreError> {
        let meta = &mut memory.meta;
        let (from, to) = (keys::content(meta.batched.saturating_add(1)), keys::content(meta.numbers.saturating_add(1)));
        let rows = self.table.list(&from, &to, MAX_ORDERS + 1, MAX_BYTES).await?;
        let mut rows = rows.into_iter().map(|(key, value)| Content::read(&key, value).ok_or_else(|| unreadable(&key)));
        let mut orders: Vec<Content> = Vec::new();
        let mut bytes = 0;
        let mut next = None;
        for order in rows.by_ref() {
            let order = order?;
            bytes += order.bytes.len();
            // Those for another API do not travel with the others.
            let apart = orders.last().is_some_and(|last| meta.is_foreign(last.number) != meta.is_foreign(order.number));
            if orders.len() == MAX_ORDERS || (bytes > MAX_BYTES && !orders.is_empty()) || apart {
                next = Some(order);
                break;
            }
            orders.push(order);
        }
        let (Some(first), Some(last)) = (orders.first(), orders.last()) else {
            return Err(unreadable("the orders that wait"));
        };
        meta.batches += 1;
        meta.batched = last.number;
        let batch = Batch {
            orders: orders.iter().map(|order| order.number).collect(),
            oldest_at: first.stored_at,
            doubt: false,
            ..Batch::default()
        };
        // What is above the bytes is not read with them.
        if next.is_none() && meta.batched < meta.numbers {
            let row = self.table.list(&keys::content(meta.batched.saturating_add(1)), &to, 1, MAX_BYTES).await?;
            let row = row.into_iter().next().ok_or_else(|| unreadable("the orders that wait"))?;
            next = Some(Content::read(&row.0, row.1).ok_or_else(|| unreadable("the orders that wait"))?);
        }
        meta.oldest_at = next.map_or(0, |order| order.stored_at);
        memory.batches.insert(meta.batches, batch);
        Ok((meta.batches, orders))
    }
}
