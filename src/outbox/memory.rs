//! What an outbox keeps in memory while it lives: its counters and its batches, as they are in the table.

use super::{
    OutboxOptions,
    order::{self, number, text, texts},
};
use crate::{
    batch::MAX_ORDERS,
    json::{Tree, to_ascii_json},
    ports::Wake,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many transaction ids of a batch are kept.
const MAX_TRANSACTIONS: usize = 20;
/// When the alarm rings at the latest while a call is under way, in milliseconds from now: should the process end over it, the next
/// finds out by then.
const WATCH_MS: u64 = 5_000;

/// The longest wait that anything is given, in milliseconds. What lies further ahead was set by a clock that has been set back since.
pub(super) const MAX_WAIT_MS: u64 = 3_600_000;

/// A time to wait for, or now if it lies further ahead than any wait.
pub(super) const fn not_before(at_ms: u64, now_ms: u64) -> u64 {
    if at_ms > now_ms.saturating_add(MAX_WAIT_MS) { now_ms } else { at_ms }
}

/// Counters, cursors and times of the whole outbox. Times are in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    /// How many numbers, batches and events have been given out; the last of each.
    pub(super) numbers: u64,
    pub(super) batches: u64,
    pub(super) events: u64,
    /// The last number that is in a batch; those after it wait.
    pub(super) batched: u64,
    /// When the first of those that wait was stored.
    pub(super) oldest_at: u64,
    /// How many orders have not ended.
    pub(super) pending: u64,
    /// The origin of the API that orders are stored for, the same for all bindings; and the last number that was stored for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) upstream: Option<String>,
    pub(super) foreign: u64,
    /// The last event that was told, and the last whose order was purged.
    pub(super) told: u64,
    pub(super) purged: u64,
    /// Nothing is sent before; how often in a row the API or the way to it has failed for all; and with what.
    pub(super) hold_until: u64,
    pub(super) failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    /// Nothing is told before, and how often in a row telling has failed.
    pub(super) tell_at: u64,
    pub(super) tell_failures: u32,
    /// When the next order is purged, and when the next is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purge_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) forget_at: Option<u64>,
}

/// Orders that travel in one request, until each of them has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Batch {
    /// Their numbers, ascending.
    pub(super) orders: Vec<u64>,
    /// When the first of them was stored.
    pub(super) oldest_at: u64,
    /// It is not sent before.
    pub(super) not_before: u64,
    /// Since when it is on its way. Written before the API is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sending_since: Option<u64>,
    /// Whether one of its attempts may have been processed.
    pub(super) doubt: bool,
    /// What the last attempt met with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    pub(super) attempts: u32,
    /// The status by which the API has not taken it, if it is one that may be about an order of it, and how often in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refused_by: Option<u16>,
    pub(super) refusals: u32,
    pub(super) transaction_ids: Vec<String>,
}

/// The whole of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub(super) meta: Meta,
    pub(super) batches: BTreeMap<u64, Batch>,
}

impl Meta {
    pub(super) fn write(&self) -> Vec<u8> {
        to_ascii_json(self).unwrap_or_default()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let tree = Tree::parse(bytes).ok()?;
        let of = |name| number(&tree, name);
        Some(Self {
            numbers: of("numbers")?,
            batches: of("batches")?,
            events: of("events")?,
            batched: of("batched")?,
            oldest_at: of("oldestAt")?,
            pending: of("pending")?,
            upstream: text(&tree, "upstream"),
            foreign: of("foreign").unwrap_or_default(),
            told: of("told")?,
            purged: of("purged")?,
            hold_until: of("holdUntil")?,
            failures: of("failures")?.try_into().ok()?,
            code: text(&tree, "code"),
            tell_at: of("tellAt")?,
            tell_failures: of("tellFailures")?.try_into().ok()?,
            purge_at: of("purgeAt"),
            forget_at: of("forgetAt"),
        })
    }

    /// Notes the API that is sent to from now on. What waits for another is never sent to it, and nothing else holds any more.
    pub(super) fn head_for(&mut self, upstream: &str) {
        if self.upstream.as_deref().is_some_and(|before| before != upstream) {
            (self.foreign, self.hold_until, self.failures, self.code) = (self.numbers, 0, 0, None);
        }
        self.upstream = Some(upstream.to_owned());
    }

    /// Whether the order of that number was stored for another API.
    pub(super) const fn is_foreign(&self, number: u64) -> bool {
        number <= self.foreign
    }

    /// Whether orders for another API are in no batch yet.
    pub(super) fn foreign_wait(&self) -> bool {
        self.waiting() > 0 && self.is_foreign(self.batched.saturating_add(1))
    }

    /// How many orders are in no batch yet.
    pub(super) fn waiting(&self) -> u64 {
        self.numbers.saturating_sub(self.batched)
    }

    /// When those are to be put into a batch.
    pub(super) fn batch_at(&self, options: &OutboxOptions, now_ms: u64) -> Option<u64> {
        match self.waiting() {
            0 => None,
            _ if self.foreign_wait() => Some(now_ms),
            waiting if waiting >= MAX_ORDERS as u64 => Some(now_ms),
            // An order from the future waits for no clock that was set back.
            _ if self.oldest_at > now_ms => Some(now_ms),
            _ => Some(self.oldest_at.saturating_add(options.delay_ms)),
        }
    }
}

impl Batch {
    pub(super) fn write(&self) -> Vec<u8> {
        to_ascii_json(self).unwrap_or_default()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let tree = Tree::parse(bytes).ok()?;
        let orders = tree.get("orders")?.array()?.iter().map(|order| order.text()?.parse().ok());
        Some(Self {
            orders: orders.collect::<Option<_>>()?,
            oldest_at: number(&tree, "oldestAt")?,
            not_before: number(&tree, "notBefore")?,
            sending_since: number(&tree, "sendingSince"),
            doubt: order::flag(&tree, "doubt"),
            code: text(&tree, "code"),
            attempts: number(&tree, "attempts")?.try_into().ok()?,
            refused_by: number(&tree, "refusedBy").and_then(|status| status.try_into().ok()),
            refusals: number(&tree, "refusals").unwrap_or_default().try_into().ok()?,
            transaction_ids: texts(&tree, "transactionIds"),
        })
    }

    /// Whether it is to be given up: since it was stored for another API, or since the time of its first order is over.
    pub(super) fn is_over(&self, meta: &Meta, over: impl Fn(u64) -> bool) -> bool {
        over(self.oldest_at) || self.is_foreign(meta)
    }

    /// Whether its orders were stored for another API.
    pub(super) fn is_foreign(&self, meta: &Meta) -> bool {
        self.orders.first().is_some_and(|first| meta.is_foreign(*first))
    }

    /// Whether it may be sent now.
    pub(super) fn is_due(&self, meta: &Meta, now_ms: u64) -> bool {
        self.sending_since.is_none() && !self.is_foreign(meta) && not_before(self.not_before, now_ms) <= now_ms
    }

    /// Notes by which status the API has not taken it, if that may be about an order of it.
    pub(super) fn refuse(&mut self, status: Option<u16>) {
        self.refusals = match status {
            None => 0,
            _ if status == self.refused_by => self.refusals.saturating_add(1),
            Some(_) => 1,
        };
        self.refused_by = status;
    }

    /// Notes a call, before it is made.
    pub(super) fn begin(&mut self, transaction_id: &str, now_ms: u64) {
        self.sending_since = Some(now_ms);
        self.attempts = self.attempts.saturating_add(1);
        self.transaction_ids.push(transaction_id.to_owned());
        if self.transaction_ids.len() > MAX_TRANSACTIONS {
            self.transaction_ids.remove(0);
        }
    }

    /// Its two halves; the second is empty if it has one order.
    pub(super) fn halves(&self) -> [Self; 2] {
        let (first, second) = self.orders.split_at(self.orders.len().div_ceil(2));
        let half = |orders: &[u64]| Self { orders: orders.to_vec(), ..self.clone() };
        [half(first), half(second)]
    }
}

impl Memory {
    /// When there is something to do next. `busy` tells that no more calls may be made side by side.
    pub(super) fn wake(&self, options: &OutboxOptions, busy: bool, now_ms: u64) -> Wake {
        let meta = &self.meta;
        let mut times = vec![meta.purge_at, meta.forget_at];
        times.push((meta.told < meta.events).then(|| not_before(meta.tell_at, now_ms)));
        let hold_until = not_before(meta.hold_until, now_ms);
        let send = |at_ms: u64| (!busy).then(|| not_before(at_ms, now_ms).max(hold_until));
        let give_up = |oldest_at: u64| Some(oldest_at.saturating_add(options.give_up_after_ms));
        if let Some(at_ms) = meta.batch_at(options, now_ms) {
            times.extend([send(at_ms), give_up(meta.oldest_at)]);
            times.push(meta.foreign_wait().then_some(now_ms));
        }
        for batch in self.batches.values() {
            match batch.sending_since {
                Some(_) => times.push(Some(now_ms.saturating_add(WATCH_MS))),
                None if batch.is_foreign(meta) => times.push(Some(now_ms)),
                None => times.extend([send(batch.not_before), give_up(batch.oldest_at)]),
            }
        }
        times.into_iter().flatten().min().map_or(Wake::Never, |at_ms| Wake::At(at_ms.max(now_ms)))
    }
}
