//! Taking orders in: validated, stored, acknowledged.

use super::{
    Outbox, Refusal,
    desk::{too_large, too_many_orders},
    keys,
    memory::Memory,
    order::{Content, OrderRecord, OrderState},
};
use crate::{
    broker::validity,
    ports::{Clock, Random, Table, Write},
    wire::{Problem, ProblemCode, ProblemError},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The largest order, in bytes: half of what a row of a Durable Object takes.
pub(super) const MAX_ORDER_BYTES: usize = 1 << 20;

/// That an order is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Whose it is.
    pub client_id: String,
    /// Its id at that client.
    pub client_order_id: String,
    /// Its number in this outbox.
    pub number: u64,
    /// How far it has come; [`OrderState::Pending`] unless it was here before.
    pub state: OrderState,
    /// When it was stored, in milliseconds since 1970.
    pub stored_at: u64,
    /// Whether it was here before, with the same bytes.
    pub repeated: bool,
}

impl Receipt {
    fn of(record: &OrderRecord, repeated: bool) -> Self {
        Self {
            client_id: record.client_id.clone(),
            client_order_id: record.client_order_id.clone(),
            number: record.number,
            state: record.state,
            stored_at: record.stored_at,
            repeated,
        }
    }
}

impl<T: Table, C: Clock, R: Random> Outbox<T, C, R> {
    /// Takes the orders of a request body, `{ "orders": [ ... ] }`: all of them or none. There is one receipt for each, in their
    /// order, and once it is given the order is stored.
    ///
    /// An order that is here already, with the same bytes, is not stored twice: its receipt says how far it has come. Other bytes
    /// under the same ids are refused. If the earlier order was rejected or is dead, the later takes its place, whether its bytes are
    /// the same or others.
    ///
    /// # Errors
    /// [`ProblemCode::Malformed`], [`ProblemCode::Invalid`], [`ProblemCode::TooLarge`], [`ProblemCode::TooManyOrders`],
    /// [`ProblemCode::OrderConflict`], [`ProblemCode::OutboxFull`] and [`ProblemCode::OutboxUnavailable`]; only after the last may
    /// the orders be stored all the same.
    pub async fn enqueue(&self, body: &[u8]) -> Result<Vec<Receipt>, Refusal> {
        let limits = &self.options.limits;
        if body.len() > limits.max_body_bytes {
            return Err(too_large(limits.max_body_bytes));
        }
        let validated = validity::check(body, &self.options.severity, &limits.of_validation(), None)?;
        if validated.orders.len() > limits.max_orders {
            return Err(too_many_orders(validated.orders.len(), limits.max_orders));
        }
        let sizes = validated.orders.iter().map(|order| order.span.end - order.span.start);
        let large = sizes.enumerate().filter(|(_, size)| *size > MAX_ORDER_BYTES).map(|(index, _)| ProblemError {
            detail: format!("The order is larger than {MAX_ORDER_BYTES} bytes."),
            pointer: format!("/orders/{index}"),
            code: None,
        });
        let large: Vec<_> = large.collect();
        if !large.is_empty() {
            return Err(Problem::new(ProblemCode::TooLarge).errors(large).into());
        }
        let mut slot = self.turn.lock().await;
        let mut memory = self.take(&mut slot).await?;
        let mut writes = Vec::new();
        let mut receipts: Vec<Receipt> = Vec::new();
        // What this request has stored, by where its record is.
        let mut stored: BTreeMap<String, OrderRecord> = BTreeMap::new();
        let mut conflicts = Vec::new();
        for (index, order) in validated.orders.iter().enumerate() {
            let client_id = order.client_id.clone().unwrap_or_default();
            let client_order_id = order.client_order_id.clone().unwrap_or_default();
            let bytes = order.span.of(body);
            let (key, digest) = (keys::order(&client_id, &client_order_id), keys::digest(bytes));
            let before = match stored.get(&key) {
                Some(record) => Some(record.clone()),
                None => self.record(&client_id, &client_order_id).await?,
            };
            match before {
                // Whoever sends it again wants it to be tried again.
                Some(OrderRecord { state: OrderState::Rejected | OrderState::Dead, .. }) | None => {}
                Some(record) if record.digest == digest => {
                    receipts.push(Receipt::of(&self.shown(&memory, record), true));
                    continue;
                }
                Some(_) => {
                    conflicts.push(ProblemError {
                        detail: ProblemCode::OrderConflict.detail().to_owned(),
                        pointer: format!("/orders/{index}"),
                        code: None,
                    });
                    continue;
                }
            }
            let content =
                Content { number: 0, client_id, client_order_id, stored_at: 0, doubt: false, bytes: bytes.to_vec() };
            let record = self.store(&mut memory, &mut writes, before.as_ref(), content, digest);
            receipts.push(Receipt::of(&record, false));
            stored.insert(key, record);
        }
        if !conflicts.is_empty() {
            return Err(Problem::new(ProblemCode::OrderConflict).errors(conflicts).into());
        }
        self.admit(&memory, stored.len())?;
        if stored.is_empty() {
            Self::keep(&mut slot, memory);
        } else {
            self.commit(&mut slot, memory, writes).await?;
        }
        drop(slot);
        self.synced().await?;
        Ok(receipts)
    }

    /// Whether so many more orders may wait, when they are counted already.
    pub(super) fn admit(&self, memory: &Memory, more: usize) -> Result<(), Refusal> {
        if more == 0 || memory.meta.pending <= self.options.limits.max_pending {
            return Ok(());
        }
        // The sooner the next may be sent, the sooner there is room.
        let wait_ms = memory.meta.hold_until.saturating_sub(self.clock.now_ms());
        let retry_after_s = Some(wait_ms.div_ceil(1000).clamp(1, 60));
        Err(Refusal { retry_after_s, ..ProblemCode::OutboxFull.into() })
    }

    /// Gives an order its number and lets it wait. Takes the one before it, if there is one, off its list.
    pub(super) fn store(
        &self,
        memory: &mut Memory,
        writes: &mut Vec<Write>,
        before: Option<&OrderRecord>,
        content: Content,
        digest: String,
    ) -> OrderRecord {
        let now_ms = self.clock.now_ms();
        let meta = &mut memory.meta;
        if meta.waiting() == 0 {
            meta.oldest_at = now_ms;
        }
        meta.numbers += 1;
        meta.pending += 1;
        let content = Content { number: meta.numbers, stored_at: now_ms, ..content };
        let record = OrderRecord {
            client_id: content.client_id.clone(),
            client_order_id: content.client_order_id.clone(),
            number: content.number,
            state: OrderState::Pending,
            stored_at: now_ms,
            ended_at: None,
            order_id: None,
            status: None,
            code: None,
            detail: None,
            errors: Vec::new(),
            transaction_ids: Vec::new(),
            attempts: 0,
            digest,
            purged: false,
            listed: false,
        };
        if let Some(before) = before {
            writes.push(Write::Delete(keys::content(before.number)));
            writes.extend(before.list().map(|list| Write::Delete(list.key(before.number))));
        }
        writes.push(Write::Put(keys::order(&record.client_id, &record.client_order_id), record.write()));
        writes.push(Write::Put(keys::content(content.number), content.write()));
        record
    }
}
