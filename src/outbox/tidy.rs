//! After an order has ended: whoever wants to know is told, its data is purged, and at last it is forgotten.

use super::{
    Outbox, PAGE, keys,
    memory::{Memory, not_before},
    order::{OrderRecord, OrderState, number, text, texts},
    unreadable,
};
use crate::{
    broker::{HookError, within},
    json::{Tree, to_ascii_json},
    ports::{Clock, Random, StoreError, Table, Write},
    wire::ApiError,
};
use serde::Serialize;
use std::{cell::Cell, rc::Rc};

/// How many outcomes are told at a time: as many as a Cloudflare Queue takes in one batch.
const TOLD_AT_ONCE: usize = 100;

/// What an order has ended with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderOutcome {
    /// The same each time that this is told, and of nothing else: to recognise what was told before.
    pub id: String,
    /// Whose it is.
    pub client_id: String,
    /// Its id at that client.
    pub client_order_id: String,
    /// Its number in the outbox.
    pub number: u64,
    /// [`OrderState::Accepted`], [`OrderState::Rejected`], [`OrderState::Dead`] or [`OrderState::Unknown`].
    pub outcome: OrderState,
    /// When it ended, in milliseconds since 1970.
    pub ended_at: u64,
    /// Its id at Pitney Bowes, if it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Its status there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Why it was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the API said, in its own words; empty if the order has been sent anew since.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ApiError>,
    /// The ids of the calls that it was part of.
    pub transaction_ids: Vec<String>,
    /// How many calls it was part of.
    pub attempts: u32,
}

impl OrderOutcome {
    /// Without what the API said: that goes with the order's data, and this stays.
    pub(super) fn of(id: String, record: &OrderRecord, ended_at: u64) -> Self {
        Self {
            id,
            client_id: record.client_id.clone(),
            client_order_id: record.client_order_id.clone(),
            number: record.number,
            outcome: record.state,
            ended_at,
            order_id: record.order_id.clone(),
            status: record.status.clone(),
            code: record.code.clone(),
            errors: Vec::new(),
            transaction_ids: record.transaction_ids.clone(),
            attempts: record.attempts,
        }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        to_ascii_json(self).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let tree = Tree::parse(bytes).ok()?;
        Some(Self {
            id: text(&tree, "id")?,
            client_id: text(&tree, "clientId")?,
            client_order_id: text(&tree, "clientOrderId")?,
            number: number(&tree, "number")?,
            outcome: OrderState::from_name(tree.get("outcome")?.str()?)?,
            ended_at: number(&tree, "endedAt")?,
            order_id: text(&tree, "orderId"),
            status: text(&tree, "status"),
            code: text(&tree, "code"),
            errors: Vec::new(),
            transaction_ids: texts(&tree, "transactionIds"),
            attempts: number(&tree, "attempts")?.try_into().ok()?,
        })
    }
}

/// Whoever wants to know what orders have ended with.
#[allow(async_fn_in_trait, reason = "an isolate has one thread, so no bound is wanted")]
pub trait Outcomes {
    /// Hears of up to 100 outcomes, in the order in which they came about; how many of them it has taken, at least one. Each is
    /// told at least once: again if this fails or takes too long, or if the process ends before it is written down.
    async fn tell(&self, outcomes: &[OrderOutcome]) -> Result<usize, HookError>;
}

impl<T: Outcomes> Outcomes for Rc<T> {
    async fn tell(&self, outcomes: &[OrderOutcome]) -> Result<usize, HookError> {
        (**self).tell(outcomes).await
    }
}

/// That somebody is telling, until it ends or is given up.
struct Telling<'a>(&'a Cell<bool>);

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl<T: Table, C: Clock, R: Random> Outbox<T, C, R> {
    /// Whether there is something to tell now.
    pub(super) async fn has_news(&self) -> Result<bool, StoreError> {
        let mut slot = self.turn.lock().await;
        let memory = self.take(&mut slot).await?;
        let news = self.is_news(&memory);
        Self::keep(&mut slot, memory);
        Ok(news)
    }

    fn is_news(&self, memory: &Memory) -> bool {
        let (meta, now_ms) = (&memory.meta, self.clock.now_ms());
        meta.told < meta.events && not_before(meta.tell_at, now_ms) <= now_ms
    }

    /// Tells of what has ended, until all is told, telling fails or no more may be told. One tells at a time, so that all is told in
    /// order.
    pub(super) async fn tell(&self, listener: &impl Outcomes, left: &Cell<usize>) -> Result<(), StoreError> {
        if self.telling.replace(true) {
            return Ok(());
        }
        let _telling = Telling(&self.telling);
        loop {
            let (events, outcomes) = {
                let mut slot = self.turn.lock().await;
                let memory = self.take(&mut slot).await?;
                if left.get() == 0 || !self.is_news(&memory) {
                    Self::keep(&mut slot, memory);
                    return Ok(());
                }
                let meta = &memory.meta;
                let (from, to) = (meta.told.saturating_add(1), meta.events.saturating_add(1));
                let untold = self.events(from, to, TOLD_AT_ONCE.min(left.get())).await?;
                let events: Vec<u64> = untold.iter().map(|(event, _)| *event).collect();
                let mut outcomes = Vec::new();
                for (_, outcome) in untold {
                    let record = self.record(&outcome.client_id, &outcome.client_order_id).await?;
                    let record = record.filter(|record| record.number == outcome.number);
                    let errors = record.map(|record| record.errors).unwrap_or_default();
                    outcomes.push(OrderOutcome { errors, ..outcome });
                }
                Self::keep(&mut slot, memory);
                (events, outcomes)
            };
            // What was told must not turn out otherwise after a crash.
            self.synced().await?;
            left.set(left.get().saturating_sub(outcomes.len()));
            let told = within(&self.clock, self.options.limits.tell_timeout_ms, listener.tell(&outcomes)).await;
            let mut slot = self.turn.lock().await;
            let mut memory = self.take(&mut slot).await?;
            let meta = &mut memory.meta;
            match told {
                Some(Ok(taken)) if taken > 0 => {
                    let last = events.get(taken - 1).or(events.last()).copied();
                    (meta.told, meta.tell_failures) = (meta.told.max(last.unwrap_or_default()), 0);
                }
                Some(Ok(_) | Err(HookError)) | None => {
                    meta.tell_failures = meta.tell_failures.saturating_add(1);
                    meta.tell_at = self.clock.now_ms().saturating_add(self.wait_ms(meta.tell_failures, None));
                }
            }
            self.commit(&mut slot, memory, Vec::new()).await?;
        }
    }

    /// Purges and forgets what is due.
    pub(super) async fn tidy(&self) -> Result<(), StoreError> {
        loop {
            let mut slot = self.turn.lock().await;
            let mut memory = self.take(&mut slot).await?;
            let now_ms = self.clock.now_ms();
            let due = |at_ms: Option<u64>| at_ms.is_some_and(|at_ms| at_ms <= now_ms);
            let mut writes = Vec::new();
            if due(memory.meta.purge_at) {
                self.purge(&mut memory, &mut writes).await?;
            } else if due(memory.meta.forget_at) {
                self.forget(&mut memory, &mut writes).await?;
            } else {
                Self::keep(&mut slot, memory);
                return Ok(());
            }
            self.commit(&mut slot, memory, writes).await?;
        }
    }

    /// Removes the data of orders that ended long enough ago.
    async fn purge(&self, memory: &mut Memory, writes: &mut Vec<Write>) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        let meta = &mut memory.meta;
        meta.purge_at = None;
        let (from, to) = (meta.purged.saturating_add(1), meta.events.saturating_add(1));
        for (event, outcome) in self.events(from, to, PAGE).await? {
            let at_ms = outcome.ended_at.saturating_add(self.options.purge_after_ms);
            if at_ms > now_ms {
                meta.purge_at = Some(at_ms);
                return Ok(());
            }
            meta.purged = event;
            // One that was sent anew has another number; its data of then is gone already.
            if let Some(record) = self.record_of(&outcome).await? {
                writes.push(Write::Delete(keys::content(record.number)));
                let record = OrderRecord { errors: Vec::new(), purged: true, ..record };
                let key = keys::order(&record.client_id, &record.client_order_id);
                writes.push(Write::Put(key, record.write()));
            }
        }
        meta.purge_at = (meta.purged < meta.events).then_some(now_ms);
        Ok(())
    }

    /// Removes ids and outcome of orders that ended long ago, but for those that a person has still to look at.
    async fn forget(&self, memory: &mut Memory, writes: &mut Vec<Write>) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        let meta = &mut memory.meta;
        let to = meta.purged.min(meta.told).saturating_add(1);
        let events = self.events(0, to, PAGE).await?;
        meta.forget_at = (events.len() == PAGE).then_some(now_ms);
        for (event, outcome) in &events {
            let at_ms = outcome.ended_at.saturating_add(self.options.forget_after_ms());
            if at_ms > now_ms {
                meta.forget_at = Some(at_ms);
                return Ok(());
            }
            writes.push(Write::Delete(keys::event(*event)));
            if let Some(record) = self.record_of(outcome).await?.filter(|record| !record.listed) {
                writes.push(Write::Delete(keys::order(&record.client_id, &record.client_order_id)));
            }
        }
        if meta.forget_at.is_none() && to <= meta.events {
            // What was not told or purged yet is looked at again when it may have been.
            meta.forget_at = Some(now_ms.saturating_add(self.options.forget_after_ms().clamp(1_000, 3_600_000)));
        }
        Ok(())
    }

    /// The record of the order that an outcome is about, unless it was sent anew since.
    async fn record_of(&self, outcome: &OrderOutcome) -> Result<Option<OrderRecord>, StoreError> {
        let record = self.record(&outcome.client_id, &outcome.client_order_id).await?;
        Ok(record.filter(|record| record.number == outcome.number))
    }

    /// The events from one number up to another, at most so many.
    async fn events(&self, from: u64, to: u64, limit: usize) -> Result<Vec<(u64, OrderOutcome)>, StoreError> {
        let rows = self.table.list(&keys::event(from), &keys::event(to), limit, usize::MAX).await?;
        let read = |(key, value): &(String, Vec<u8>)| {
            let event = keys::number_of(key).zip(OrderOutcome::read(value));
            event.ok_or_else(|| unreadable(key))
        };
        rows.iter().map(read).collect()
    }
}
