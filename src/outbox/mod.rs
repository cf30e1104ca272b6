//! The outbox: it takes orders, stores them, and sends them to the API in batches, until each has ended visibly.
//!
//! It is pure: a [`Table`] outlives it, everything else comes as ports. One instance owns one table, as a Durable Object does; its
//! calls may overlap, it makes them take turns where they must. How to drive it:
//!
//! * [`Outbox::enqueue`] validates and stores; once it has given receipts, the orders outlive any crash.
//! * The table has an alarm, set together with what makes it necessary. When it rings, call [`Outbox::work`]; the alarm counts as
//!   rung only when that has returned without an error, else it rings again. Nothing else makes the outbox do anything.
//! * After a crash make a new instance over the same table. What was on its way is in doubt from then on.
//!
//! ```text
//! enqueue ──> pending ──> sending ──> accepted, rejected, unknown
//!               ^ │          │
//!               │ └> dead    └──> pending again: refused as a whole, throttled, unavailable, ...
//!               └── resend: of a dead letter or an unknown order, as it was or mended
//! ```
//!
//! An order is the bytes that were validated. Its batch is written down with the transaction id before the API is asked, so that
//! a process that dies over the call leaves a doubt and no gap. With [`OnAmbiguous::Report`](crate::wire::OnAmbiguous) what is in
//! doubt ends as unknown; with `Resend` it is sent again. A 500 is sent again with either, since the API's reference calls that
//! safe. What was never in doubt may be sent again at will, and is dead when its time is over; what was in doubt once can only end
//! as accepted or unknown. An order has one life at a time, so that the same order never travels beside itself.
//!
//! A batch that is refused as a whole for what is in it (400, 413, 422) is halved until the guilty orders stand alone. Throttling,
//! 503 and whatever else keeps all orders back holds the whole outbox for a while: as long as `Retry-After` says, and never less
//! than a back-off that grows.

mod accept;
mod claim;
mod desk;
mod errand;
mod keys;
mod lists;
mod memory;
mod options;
mod order;
mod route;
mod settle;
mod tidy;
mod work;

pub use accept::Receipt;
pub use desk::{Authorize, Desk, DeskOptions, DeskPorts, OutboxName, Outboxes};
pub use errand::{Cursor, Errand, OrderName, shard_of};
pub use lists::{Letter, List, PAGE_SIZE, Page};
pub use options::{OutboxLimits, OutboxOptions};
pub use order::{OrderRecord, OrderState, Reason};
pub use tidy::{OrderOutcome, Outcomes};
pub use work::WorkPorts;

use crate::{
    broker::LEASE_MS,
    ports::{Clock, Random, StoreError, Table, Wake, Write},
    wire::{Problem, ProblemCode},
};
use futures_util::lock::Mutex;
use memory::{Batch, Memory, Meta};
use order::{Content, OrderRecord as Record};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

/// How many rows are read at a time.
const PAGE: usize = 500;

/// An outbox over a table of its own. All calls about that table must come to one instance, as they do in a Durable Object.
#[derive(Debug)]
pub struct Outbox<T, C, R> {
    options: OutboxOptions,
    table: T,
    clock: C,
    random: R,
    /// What the table holds, as far as it is kept in memory; nothing until it is read. Held from reading to writing, so that no
    /// call decides by what another is about to change.
    turn: Mutex<Option<Memory>>,
    /// The batches that this instance is sending.
    under_way: RefCell<BTreeSet<u64>>,
    /// How many calls are being prepared.
    preparing: Cell<usize>,
    /// How long leases of calls are asked to be good for, in milliseconds.
    lease_ms: Cell<u64>,
    /// Whether outcomes are being told.
    telling: Cell<bool>,
    /// Whether a call was given up in the middle, so that the memory must be read anew.
    stale: Cell<bool>,
}

/// Why the outbox does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub problem: Box<Problem>,
    /// How long to wait before asking again, in seconds.
    pub retry_after_s: Option<u64>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), retry_after_s: None }
    }
}

impl From<ProblemCode> for Refusal {
    fn from(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(_: StoreError) -> Self {
        Self { retry_after_s: Some(1), ..ProblemCode::OutboxUnavailable.into() }
    }
}

impl<T: Table, C: Clock, R: Random> Outbox<T, C, R> {
    /// The outbox over that table.
    pub fn new(options: OutboxOptions, table: T, clock: C, random: R) -> Self {
        let (turn, under_way, preparing, telling, stale) = Default::default();
        let lease_ms = Cell::new(LEASE_MS);
        Self { options, table, clock, random, turn, under_way, preparing, lease_ms, telling, stale }
    }

    /// What is in memory, taken out of it; [`Self::commit`] or [`Self::keep`] puts it back. If neither happens, the next call
    /// reads the table anew, which costs time and nothing else.
    async fn take(&self, slot: &mut Option<Memory>) -> Result<Memory, StoreError> {
        match slot.take().filter(|_| !self.stale.replace(false)) {
            Some(memory) => Ok(memory),
            None => self.load(slot).await,
        }
    }

    /// Puts back what was not changed.
    fn keep(slot: &mut Option<Memory>, memory: Memory) {
        *slot = Some(memory);
    }

    /// Waits until all that was written is durable: before anything of it leaves, be it an answer, a call or an outcome. Not while it
    /// is one's turn, so that what others write meanwhile becomes durable with it.
    async fn synced(&self) -> Result<(), StoreError> {
        let synced = self.table.sync().await;
        if synced.is_err() {
            self.stale.set(true);
        }
        synced
    }

    /// Writes what has changed, and keeps it in memory.
    async fn commit(
        &self,
        slot: &mut Option<Memory>,
        memory: Memory,
        mut writes: Vec<Write>,
    ) -> Result<(), StoreError> {
        writes.push(Write::Put(keys::META.into(), memory.meta.write()));
        self.table.commit(writes, self.wake(&memory)).await?;
        *slot = Some(memory);
        Ok(())
    }

    fn wake(&self, memory: &Memory) -> Wake {
        let busy = self.under_way.borrow().len() >= self.options.limits.concurrency;
        memory.wake(&self.options, busy, self.clock.now_ms())
    }

    /// Reads the table. What another life of this outbox was sending is in doubt.
    async fn load(&self, slot: &mut Option<Memory>) -> Result<Memory, StoreError> {
        let meta = match self.table.get(keys::META).await? {
            Some(bytes) => Meta::read(&bytes).ok_or_else(|| unreadable(keys::META))?,
            None => Meta::default(),
        };
        let mut memory = Memory { meta, ..Memory::default() };
        memory.meta.head_for(self.options.upstream.origin());
        let (mut from, to) = (keys::BATCHES.to_owned(), keys::end_of(keys::BATCHES));
        loop {
            let rows = self.table.list(&from, &to, PAGE, usize::MAX).await?;
            for (key, value) in &rows {
                let batch = keys::number_of(key).zip(Batch::read(value)).ok_or_else(|| unreadable(key))?;
                memory.batches.extend([batch]);
            }
            match rows.last() {
                Some((key, _)) if rows.len() == PAGE => from = [key, "\0"].concat(),
                _ => break,
            }
        }
        let lost = |id: &u64, batch: &Batch| batch.sending_since.is_some() && !self.under_way.borrow().contains(id);
        let lost: Vec<u64> = memory.batches.iter().filter(|(id, batch)| lost(id, batch)).map(|(id, _)| *id).collect();
        for id in lost {
            let writes = self.interrupted(&mut memory, id).await?;
            self.commit(slot, memory, writes).await?;
            memory = slot.take().unwrap_or_default();
        }
        Ok(memory)
    }

    /// The orders of a batch.
    async fn contents(&self, batch: &Batch) -> Result<Vec<Content>, StoreError> {
        let (Some(first), Some(last)) = (batch.orders.first(), batch.orders.last()) else { return Ok(Vec::new()) };
        let (from, to) = (keys::content(*first), keys::content(last.saturating_add(1)));
        let rows = self.table.list(&from, &to, usize::MAX, usize::MAX).await?;
        let of_batch =
            |key: &str| keys::number_of(key).is_some_and(|number| batch.orders.binary_search(&number).is_ok());
        let contents: Vec<Content> = rows
            .into_iter()
            .filter(|(key, _)| of_batch(key))
            .map(|(key, value)| Content::read(&key, value).ok_or_else(|| unreadable(&key)))
            .collect::<Result<_, _>>()?;
        if contents.len() == batch.orders.len() { Ok(contents) } else { Err(unreadable("an order of a batch")) }
    }

    /// What is known of an order.
    async fn record(&self, client_id: &str, client_order_id: &str) -> Result<Option<Record>, StoreError> {
        let key = keys::order(client_id, client_order_id);
        let Some(bytes) = self.table.get(&key).await? else { return Ok(None) };
        Record::read(&bytes).map(Some).ok_or_else(|| unreadable(&key))
    }
}

/// What cannot be read is an error, not an absence: taking it for one would lose an order or send it again.
fn unreadable(what: &str) -> StoreError {
    StoreError(["the outbox's table cannot be read at ", what].concat())
}
