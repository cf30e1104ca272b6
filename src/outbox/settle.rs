//! What becomes of the orders of a batch: they end, or the batch waits, whole or halved.

use super::{
    Outbox, Reason,
    claim::Flight,
    keys,
    lists::List,
    memory::{Batch, MAX_WAIT_MS, Memory, not_before},
    order::{Content, Ended, OrderRecord, OrderState},
    tidy::OrderOutcome,
    unreadable,
};
use crate::{
    ports::{Clock, Random, Response, StoreError, Table, Write},
    wire::{OnAmbiguous, Problem, ProblemCode, Processed, Verdict, ids, match_entries, read_reply},
};

/// The first wait after a failure is up to this long, each later one up to twice the one before. In milliseconds.
const BACKOFF_MS: u64 = 1_000;
/// No wait is longer, unless the answer asks for it.
const MAX_BACKOFF_MS: u64 = 300_000;

/// How often the API does not take a batch by the same status, one that its reference does not name, until it is halved.
const MAX_REFUSALS: u32 = 3;

/// How many of an order's errors are kept, and how many parameters of each.
const MAX_ERRORS: usize = 20;

impl<T: Table, C: Clock, R: Random> Outbox<T, C, R> {
    /// Writes down what became of a call.
    pub(super) async fn settle(
        &self,
        flight: &mut Flight<'_>,
        answer: Result<Response, Problem>,
        retry_after_ms: Option<u64>,
    ) -> Result<(), StoreError> {
        let mut slot = self.turn.lock().await;
        let mut memory = self.take(&mut slot).await?;
        let mut batch = memory.batches.remove(&flight.id).ok_or_else(|| unreadable("a batch"))?;
        batch.sending_since = None;
        let mut writes = Vec::new();
        match answer {
            Ok(reply) => {
                writes.push(Write::Delete(keys::batch(flight.id)));
                self.end_by_reply(&mut memory, &mut writes, &batch, &flight.orders, &reply.body);
                self.release(&mut memory);
            }
            Err(problem) => {
                let doubtful = problem.processed == Processed::Unknown;
                let again = !doubtful || problem.retryable || self.options.on_ambiguous == OnAmbiguous::Resend;
                let others_pass = memory.meta.failures == 0;
                batch.refuse(maybe_of_orders(&problem));
                if is_refusal(&problem) {
                    self.release(&mut memory);
                    batch.not_before = 0;
                    self.halve(&mut memory, &mut writes, flight, &batch, &problem);
                } else if again {
                    batch.doubt |= doubtful;
                    batch.code = problem.code.map(|code| code.name().to_owned());
                    let failures = if doubtful { batch.attempts } else { memory.meta.failures.saturating_add(1) };
                    let (now_ms, wait_ms) = (self.clock.now_ms(), self.wait_ms(failures, retry_after_ms));
                    batch.not_before = now_ms.saturating_add(wait_ms);
                    if !doubtful {
                        self.hold(&mut memory, problem.code, batch.not_before);
                    }
                    // It may be about an order, or about all: alone, an order is guilty only if others pass meanwhile.
                    if batch.refusals >= MAX_REFUSALS && (flight.orders.len() > 1 || others_pass) {
                        self.halve(&mut memory, &mut writes, flight, &batch, &problem);
                    } else {
                        if batch.refusals > 0 {
                            let alone_ms = now_ms.saturating_add(self.wait_ms(batch.refusals, None));
                            batch.not_before = batch.not_before.max(alone_ms);
                        }
                        writes.push(Write::Put(keys::batch(flight.id), batch.write()));
                        memory.batches.insert(flight.id, batch);
                    }
                } else {
                    writes.push(Write::Delete(keys::batch(flight.id)));
                    let reason = problem.code.map_or(Reason::UnreadableInReply, Reason::Problem);
                    for order in &flight.orders {
                        let ended = Ended::of(OrderState::Unknown, reason);
                        self.end(&mut memory, &mut writes, &batch, order, ended);
                    }
                }
            }
        }
        flight.land();
        self.commit(&mut slot, memory, writes).await
    }

    /// Keeps everything back for a while, since what failed would fail for all.
    pub(super) async fn hold_all(&self, problem: &Problem, retry_after_ms: Option<u64>) -> Result<(), StoreError> {
        let mut slot = self.turn.lock().await;
        let mut memory = self.take(&mut slot).await?;
        let wait_ms = self.wait_ms(memory.meta.failures.saturating_add(1), retry_after_ms);
        self.hold(&mut memory, problem.code, self.clock.now_ms().saturating_add(wait_ms));
        self.commit(&mut slot, memory, Vec::new()).await
    }

    fn hold(&self, memory: &mut Memory, code: Option<ProblemCode>, until_ms: u64) {
        let (meta, now_ms) = (&mut memory.meta, self.clock.now_ms());
        let held_until = not_before(meta.hold_until, now_ms);
        // Calls that fail side by side are one failure.
        if held_until <= now_ms {
            meta.failures = meta.failures.saturating_add(1);
        }
        meta.hold_until = held_until.max(until_ms);
        meta.code = code.map(|code| code.name().to_owned());
    }

    /// The API has answered: nothing is kept back any more, but what it asked for still holds.
    fn release(&self, memory: &mut Memory) {
        memory.meta.failures = 0;
        memory.meta.code = None;
    }

    /// How long to wait after so many failures in a row: as the answer asks, up to an hour, and never less than the back-off, which
    /// is spread over its upper half so that outboxes do not return together.
    pub(super) fn wait_ms(&self, failures: u32, retry_after_ms: Option<u64>) -> u64 {
        let range = BACKOFF_MS.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(MAX_BACKOFF_MS);
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        let spread_ms = ((range / 2 + 1) * u64::from(u32::from_le_bytes(bytes))) >> 32;
        retry_after_ms.unwrap_or(0).min(MAX_WAIT_MS).max(range / 2 + spread_ms)
    }

    /// Ends the orders of a batch by the API's reply.
    fn end_by_reply(
        &self,
        memory: &mut Memory,
        writes: &mut Vec<Write>,
        batch: &Batch,
        orders: &[Content],
        reply: &[u8],
    ) {
        let entries = read_reply(reply).unwrap_or_default();
        let ids: Vec<_> = orders.iter().map(|order| (Some(&*order.client_id), Some(&*order.client_order_id))).collect();
        for (order, verdict) in orders.iter().zip(match_entries(&entries, &ids)) {
            let unknown = |reason| Ended::of(OrderState::Unknown, reason);
            let ended = match verdict {
                Verdict::Accepted { order_id, status } => Ended {
                    state: OrderState::Accepted,
                    order_id: Some(order_id),
                    status,
                    reason: None,
                    errors: Vec::new(),
                },
                Verdict::Rejected { errors, status } => {
                    Ended { status, errors, ..Ended::of(refused(batch, order), Reason::Refused) }
                }
                Verdict::Missing => unknown(Reason::MissingInReply),
                Verdict::Unreadable => unknown(Reason::UnreadableInReply),
                Verdict::Contradictory => unknown(Reason::ContradictoryReply),
            };
            self.end(memory, writes, batch, order, ended);
        }
    }

    /// A request that was refused for what is in it, or may have been: its halves go alone, until the guilty order does.
    fn halve(
        &self,
        memory: &mut Memory,
        writes: &mut Vec<Write>,
        flight: &Flight<'_>,
        batch: &Batch,
        problem: &Problem,
    ) {
        writes.push(Write::Delete(keys::batch(flight.id)));
        if let [order] = &*flight.orders {
            let reason = problem.code.map_or(Reason::Refused, Reason::Problem);
            let errors = problem.upstream.as_ref().map(|upstream| upstream.errors.clone()).unwrap_or_default();
            let ended = Ended { errors, ..Ended::of(refused(batch, order), reason) };
            return self.end(memory, writes, batch, order, ended);
        }
        for mut half in batch.halves() {
            let first = flight.orders.iter().find(|order| half.orders.first() == Some(&order.number));
            half.oldest_at = first.map_or(half.oldest_at, |order| order.stored_at);
            half.code = problem.code.map(|code| code.name().to_owned());
            memory.meta.batches += 1;
            writes.push(Write::Put(keys::batch(memory.meta.batches), half.write()));
            memory.batches.insert(memory.meta.batches, half);
        }
    }

    /// A batch that was on its way when its process ended.
    pub(super) async fn interrupted(&self, memory: &mut Memory, id: u64) -> Result<Vec<Write>, StoreError> {
        let mut batch = memory.batches.remove(&id).ok_or_else(|| unreadable("a batch"))?;
        batch.sending_since = None;
        if self.options.on_ambiguous == OnAmbiguous::Resend {
            batch.doubt = true;
            batch.code = Some(Reason::Interrupted.name().to_owned());
            // Should the process die of it, it does so less and less often.
            batch.not_before = self.clock.now_ms().saturating_add(self.wait_ms(batch.attempts, None));
            let write = Write::Put(keys::batch(id), batch.write());
            memory.batches.insert(id, batch);
            return Ok(vec![write]);
        }
        let mut writes = vec![Write::Delete(keys::batch(id))];
        for order in &self.contents(&batch).await? {
            let ended = Ended::of(OrderState::Unknown, Reason::Interrupted);
            self.end(memory, &mut writes, &batch, order, ended);
        }
        Ok(writes)
    }

    /// Gives up what has been tried for its whole time: the orders of batches that are not on their way, and of none yet.
    pub(super) async fn give_up(&self) -> Result<(), StoreError> {
        loop {
            let mut slot = self.turn.lock().await;
            let mut memory = self.take(&mut slot).await?;
            let now_ms = self.clock.now_ms();
            let over = |stored_at: u64| stored_at.saturating_add(self.options.give_up_after_ms) <= now_ms;
            let due = |batch: &Batch| batch.sending_since.is_none() && batch.is_over(&memory.meta, over);
            let id = match memory.batches.iter().find(|(_, batch)| due(batch)).map(|(id, _)| *id) {
                Some(id) => id,
                None if memory.meta.foreign_wait() || (memory.meta.waiting() > 0 && over(memory.meta.oldest_at)) => {
                    self.make_batch(&mut memory).await?.0
                }
                None => {
                    Self::keep(&mut slot, memory);
                    return Ok(());
                }
            };
            let mut batch = memory.batches.remove(&id).unwrap_or_default();
            let foreign = batch.is_foreign(&memory.meta);
            let (ends, stays): (Vec<_>, Vec<_>) =
                self.contents(&batch).await?.into_iter().partition(|order| foreign || over(order.stored_at));
            let mut writes = Vec::new();
            let reason = foreign.then_some(Reason::UpstreamChanged);
            let met = batch.code.as_deref().or(memory.meta.code.as_deref()).and_then(Reason::from_name);
            for order in &ends {
                let doubt = batch.doubt || order.doubt;
                let state = if doubt { OrderState::Unknown } else { OrderState::Dead };
                let ended = Ended::of(state, reason.or(met).unwrap_or(Reason::GivenUp));
                self.end(&mut memory, &mut writes, &batch, order, ended);
            }
            batch.orders = stays.iter().map(|order| order.number).collect();
            writes.push(match stays.first() {
                Some(first) => {
                    batch.oldest_at = stays.iter().map(|order| order.stored_at).min().unwrap_or(first.stored_at);
                    let write = Write::Put(keys::batch(id), batch.write());
                    memory.batches.insert(id, batch);
                    write
                }
                None => Write::Delete(keys::batch(id)),
            });
            self.commit(&mut slot, memory, writes).await?;
        }
    }

    /// Ends an order: its record, its place on a list, and the event that tells of it.
    fn end(&self, memory: &mut Memory, writes: &mut Vec<Write>, batch: &Batch, order: &Content, mut ended: Ended) {
        // A row has its limits, and nobody reads more.
        ended.errors.truncate(MAX_ERRORS);
        ended.errors.iter_mut().for_each(|error| error.parameters.truncate(MAX_ERRORS));
        let now_ms = self.clock.now_ms();
        let list = List::of(ended.state);
        let record = OrderRecord {
            client_id: order.client_id.clone(),
            client_order_id: order.client_order_id.clone(),
            number: order.number,
            state: ended.state,
            stored_at: order.stored_at,
            ended_at: Some(now_ms),
            order_id: ended.order_id,
            status: ended.status,
            code: ended.reason.map(|reason| reason.name().to_owned()),
            detail: None,
            errors: ended.errors,
            transaction_ids: batch.transaction_ids.clone(),
            attempts: batch.attempts,
            digest: keys::digest(&order.bytes),
            purged: false,
            listed: list.is_some(),
        };
        let key = keys::order(&record.client_id, &record.client_order_id);
        let meta = &mut memory.meta;
        meta.pending = meta.pending.saturating_sub(1);
        meta.events += 1;
        meta.purge_at.get_or_insert(now_ms.saturating_add(self.options.purge_after_ms));
        meta.forget_at.get_or_insert(now_ms.saturating_add(self.options.forget_after_ms()));
        let outcome = OrderOutcome::of(ids::uuid(&self.random), &record, now_ms);
        writes.push(Write::Put(keys::event(meta.events), outcome.write()));
        writes.extend(list.map(|list| Write::Put(list.key(record.number), key.clone().into_bytes())));
        writes.push(Write::Put(key, record.write()));
    }
}

/// The status by which the API has not taken the request, if it may be about the orders and may be about something else.
fn maybe_of_orders(problem: &Problem) -> Option<u16> {
    let refused = problem.code == Some(ProblemCode::UpstreamRefused) && !is_refusal(problem);
    problem.upstream.as_ref().filter(|_| refused).map(|upstream| upstream.status)
}

/// Whether the API refused the request for what is in it.
fn is_refusal(problem: &Problem) -> bool {
    problem.code == Some(ProblemCode::UpstreamRefused) && problem.status == ProblemCode::UpstreamRefused.status()
}

/// What a refusal makes of an order: it may be refused because an earlier attempt created it.
fn refused(batch: &Batch, order: &Content) -> OrderState {
    if batch.doubt || order.doubt { OrderState::Unknown } else { OrderState::Rejected }
}
