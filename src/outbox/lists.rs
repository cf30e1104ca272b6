//! Looking orders up, and what a person does about those that ended badly.

use super::{
    Outbox, Refusal,
    accept::MAX_ORDER_BYTES,
    desk::too_large,
    keys,
    memory::Memory,
    order::{Content, OrderRecord, OrderState, Reason},
    unreadable,
};
use crate::{
    batch::MAX_BYTES,
    broker::validity,
    ports::{Clock, Random, StoreError, Table, Write},
    validate::{Options, Severity, validate_order},
    wire::{Problem, ProblemCode},
};

/// How many entries a page of a list has where nothing is said.
pub const PAGE_SIZE: usize = 50;
/// The most entries that are shown of a list at a time.
pub(super) const MAX_PAGE: usize = 200;

/// A list of orders that wait for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Orders that provably were not taken: rejected or dead.
    DeadLetters,
    /// Orders of which nobody knows whether they were taken.
    Unknown,
}

impl List {
    const fn prefix(self) -> &'static str {
        match self {
            Self::DeadLetters => "d/",
            Self::Unknown => "u/",
        }
    }

    /// Where the entry of that number is.
    pub(super) fn key(self, number: u64) -> String {
        keys::numbered(self.prefix(), number)
    }

    /// The list that orders of that state are on.
    pub(super) const fn of(state: OrderState) -> Option<Self> {
        match state {
            OrderState::Rejected | OrderState::Dead => Some(Self::DeadLetters),
            OrderState::Unknown => Some(Self::Unknown),
            OrderState::Pending | OrderState::Sending | OrderState::Accepted => None,
        }
    }
}

impl OrderRecord {
    /// The list that it is on.
    pub(super) fn list(&self) -> Option<List> {
        List::of(self.state).filter(|_| self.listed)
    }
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What is known of the order.
    pub record: OrderRecord,
    /// Its bytes, unless they have been purged.
    pub order: Option<Vec<u8>>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its entries, oldest first.
    pub letters: Vec<Letter>,
    /// After which number the next page begins, if there may be one.
    pub next: Option<u64>,
}

impl<T: Table, C: Clock, R: Random> Outbox<T, C, R> {
    /// What is known of an order; nothing if it was never here or has been forgotten.
    ///
    /// # Errors
    /// If the table fails.
    pub async fn status(&self, client_id: &str, client_order_id: &str) -> Result<Option<OrderRecord>, StoreError> {
        let mut slot = self.turn.lock().await;
        let memory = self.take(&mut slot).await?;
        let record = self.record(client_id, client_order_id).await?.map(|record| self.shown(&memory, record));
        Self::keep(&mut slot, memory);
        drop(slot);
        self.synced().await?;
        Ok(record)
    }

    /// The entries of a list whose number is above `after`, oldest first: up to `limit` and 200 of them, and up to 4 MiB of orders, but
    /// one at least where there is one.
    ///
    /// # Errors
    /// If the table fails.
    pub async fn list(&self, list: List, after: u64, limit: usize) -> Result<Page, StoreError> {
        let mut slot = self.turn.lock().await;
        let memory = self.take(&mut slot).await?;
        let (from, to) = (list.key(after.saturating_add(1)), keys::end_of(list.prefix()));
        let limit = limit.clamp(1, MAX_PAGE);
        let places = self.table.list(&from, &to, limit, usize::MAX).await?;
        let (mut cut, mut letters, mut size) = (places.len() == limit, Vec::new(), 0);
        for (key, place) in places {
            let place = String::from_utf8(place).map_err(|_| unreadable(&key))?;
            let record = self.table.get(&place).await?;
            let record = record.and_then(|bytes| OrderRecord::read(&bytes)).ok_or_else(|| unreadable(&place))?;
            let order = self.content(record.number).await?.map(|content| content.bytes);
            size += order.as_ref().map_or(0, Vec::len);
            if size > MAX_BYTES && !letters.is_empty() {
                cut = true;
                break;
            }
            letters.push(Letter { record, order });
        }
        let next = letters.last().filter(|_| cut).map(|last: &Letter| last.record.number);
        Self::keep(&mut slot, memory);
        drop(slot);
        self.synced().await?;
        Ok(Page { letters, next })
    }

    /// Sends an order of a list anew, as it was or mended. It gets a new number, and the time to send it begins anew. Of an unknown
    /// order the API may have one already; whoever asks for this has looked it up, or does not mind.
    ///
    /// # Errors
    /// [`ProblemCode::NoSuchOrder`], [`ProblemCode::NotOnList`], [`ProblemCode::OrderPurged`] if no mended order is given;
    /// [`ProblemCode::Malformed`], [`ProblemCode::Invalid`] and [`ProblemCode::OrderMismatch`] if one is;
    /// [`ProblemCode::OutboxFull`] and [`ProblemCode::OutboxUnavailable`].
    pub async fn resend(
        &self,
        client_id: &str,
        client_order_id: &str,
        mended: Option<&[u8]>,
    ) -> Result<OrderRecord, Refusal> {
        if let Some(order) = mended {
            self.check_mended(client_id, client_order_id, order)?;
        }
        let mut slot = self.turn.lock().await;
        let mut memory = self.take(&mut slot).await?;
        let before = self.on_list(client_id, client_order_id).await?;
        let bytes = match mended {
            Some(order) => trimmed(order).to_vec(),
            None => self.content(before.number).await?.ok_or(ProblemCode::OrderPurged)?.bytes,
        };
        let digest = keys::digest(&bytes);
        let content = Content {
            number: 0,
            client_id: client_id.to_owned(),
            client_order_id: client_order_id.to_owned(),
            stored_at: 0,
            // What may have been processed once is not rejected by a later refusal: that may be about the earlier one.
            doubt: before.state == OrderState::Unknown,
            bytes,
        };
        let mut writes = Vec::new();
        let record = self.store(&mut memory, &mut writes, Some(&before), content, digest);
        self.admit(&memory, 1)?;
        self.commit(&mut slot, memory, writes).await?;
        drop(slot);
        self.synced().await?;
        Ok(record)
    }

    /// Takes an order off its list. What it ended with stays, until it is forgotten.
    ///
    /// # Errors
    /// [`ProblemCode::NoSuchOrder`], [`ProblemCode::NotOnList`] and [`ProblemCode::OutboxUnavailable`].
    pub async fn dismiss(&self, client_id: &str, client_order_id: &str) -> Result<OrderRecord, Refusal> {
        let mut slot = self.turn.lock().await;
        let memory = self.take(&mut slot).await?;
        let before = self.on_list(client_id, client_order_id).await?;
        let mut writes: Vec<Write> =
            before.list().map(|list| Write::Delete(list.key(before.number))).into_iter().collect();
        let record = OrderRecord { listed: false, ..before };
        let key = keys::order(client_id, client_order_id);
        let forget_at = record.ended_at.map(|at_ms| at_ms.saturating_add(self.options.forget_after_ms()));
        // All else of its age has been forgotten already, and nothing would come to forget it.
        let old = forget_at.is_some_and(|at_ms| at_ms <= self.clock.now_ms());
        if old {
            writes.push(Write::Delete(keys::content(record.number)));
        }
        writes.push(if old { Write::Delete(key) } else { Write::Put(key, record.write()) });
        self.commit(&mut slot, memory, writes).await?;
        drop(slot);
        self.synced().await?;
        Ok(record)
    }

    async fn on_list(&self, client_id: &str, client_order_id: &str) -> Result<OrderRecord, Refusal> {
        let record = self.record(client_id, client_order_id).await?.ok_or(ProblemCode::NoSuchOrder)?;
        if record.listed { Ok(record) } else { Err(ProblemCode::NotOnList.into()) }
    }

    /// An order's bytes; nothing if they have been purged.
    async fn content(&self, number: u64) -> Result<Option<Content>, StoreError> {
        let key = keys::content(number);
        let Some(bytes) = self.table.get(&key).await? else { return Ok(None) };
        Content::read(&key, bytes).map(Some).ok_or_else(|| unreadable(&key))
    }

    fn check_mended(&self, client_id: &str, client_order_id: &str, order: &[u8]) -> Result<(), Refusal> {
        let limits = &self.options.limits;
        if trimmed(order).len() > MAX_ORDER_BYTES {
            return Err(too_large(MAX_ORDER_BYTES));
        }
        let options = Options {
            severity: self.options.severity.clone(),
            max_issues: limits.max_issues,
            list_warnings: false,
            max_bytes: limits.max_body_bytes,
            max_orders: None,
        };
        let validated = validate_order(order, &options);
        if !validated.report.valid {
            let errors = validated.report.issues.iter().filter(|issue| issue.severity == Severity::Error);
            let code = if validated.orders.is_empty() { ProblemCode::Malformed } else { ProblemCode::Invalid };
            return Err(Problem::new(code).errors(errors.map(validity::error_of).collect()).into());
        }
        let same = validated.orders.first().is_some_and(|order| {
            order.client_id.as_deref() == Some(client_id) && order.client_order_id.as_deref() == Some(client_order_id)
        });
        if same { Ok(()) } else { Err(ProblemCode::OrderMismatch.into()) }
    }

    /// The record as it is now: what has happened to an order that has not ended is with its batch.
    pub(super) fn shown(&self, memory: &Memory, record: OrderRecord) -> OrderRecord {
        if record.state.has_ended() {
            return record;
        }
        let of_order = |orders: &[u64]| orders.binary_search(&record.number).is_ok();
        let Some(batch) = memory.batches.values().find(|batch| of_order(&batch.orders)) else { return record };
        let code = batch.code.clone().or_else(|| memory.meta.code.clone());
        OrderRecord {
            state: if batch.sending_since.is_some() { OrderState::Sending } else { OrderState::Pending },
            detail: code.as_deref().and_then(Reason::from_name).map(Reason::detail),
            code,
            transaction_ids: batch.transaction_ids.clone(),
            attempts: batch.attempts,
            ..record
        }
    }
}

/// An order from brace to brace, as it is found in a list.
fn trimmed(order: &[u8]) -> &[u8] {
    let order = order.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(order);
    order.trim_ascii()
}
