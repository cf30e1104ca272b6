//! The book of a submission: what is known of each order at any moment, so that it can be closed at any moment.

use super::{BatchProgress, Counts, ErrorCode, ErrorInfo, Observer, OrderResult, Outcome, Progress, Submission};
use crate::validate::{OrderSpan, Validated};
use std::cell::RefCell;

/// What is known of one order.
#[derive(Default)]
struct Slot {
    attempts: u32,
    transaction_ids: Vec<String>,
    /// It was sent, and no answer says that it was not processed.
    in_doubt: bool,
    result: Option<OrderResult>,
}

struct State {
    slots: Vec<Slot>,
    done: usize,
    counts: Counts,
    batches: BatchProgress,
}

/// The book. It is never borrowed while the observer listens, so an observer may do as it likes.
pub(super) struct Ledger<'a, O> {
    submission_id: &'a str,
    orders: &'a [OrderSpan],
    /// Which order of the whole input the first of them is.
    first_order: usize,
    observer: &'a O,
    state: RefCell<State>,
}

impl<'a, O: Observer> Ledger<'a, O> {
    pub(super) fn new(submission_id: &'a str, validated: &'a Validated, batches: usize, observer: &'a O) -> Self {
        let (orders, first_order) = (&validated.orders, validated.first_order);
        let mut slots = Vec::new();
        for _ in orders {
            slots.push(Slot::default());
        }
        let state =
            State { slots, done: 0, counts: Counts::default(), batches: BatchProgress { total: batches, done: 0 } };
        Self { submission_id, orders, first_order, observer, state: RefCell::new(state) }
    }

    pub(super) const fn observer(&self) -> &'a O {
        self.observer
    }

    fn update(&self, orders: &[usize], change: &dyn Fn(&mut Slot)) {
        let mut state = self.state.borrow_mut();
        for &index in orders {
            if let Some(slot) = state.slots.get_mut(index) {
                change(slot);
            }
        }
    }

    /// The orders leave in a request.
    pub(super) fn sent(&self, orders: &[usize]) {
        self.update(orders, &|slot| {
            slot.attempts += 1;
            slot.in_doubt = true;
        });
    }

    /// An answer names the requests to the API that the orders were part of.
    pub(super) fn transactions(&self, orders: &[usize], ids: &[String]) {
        self.update(orders, &|slot| slot.transaction_ids.extend_from_slice(ids));
    }

    /// No request so far has been processed.
    pub(super) fn not_processed(&self, orders: &[usize]) {
        self.update(orders, &|slot| slot.in_doubt = false);
    }

    /// Enters what became of orders, named by their places among these, and tells it. An order that is settled already keeps
    /// its result.
    pub(super) fn settle(&self, mut results: Vec<OrderResult>) {
        {
            let state = &mut *self.state.borrow_mut();
            results.retain_mut(|result| {
                let slot = state.slots.get(result.order_index).filter(|slot| slot.result.is_none());
                let (Some(slot), Some(order)) = (slot, self.orders.get(result.order_index)) else { return false };
                result.order_index += self.first_order;
                result.client_order_id = order.client_order_id.clone();
                result.transaction_ids = slot.transaction_ids.clone();
                result.attempts = slot.attempts;
                state.done += 1;
                state.counts.add(result.outcome);
                true
            });
        }
        if results.is_empty() {
            return;
        }
        self.tell(&results);
        let mut state = self.state.borrow_mut();
        for result in results {
            if let Some(slot) = state.slots.get_mut(result.order_index - self.first_order) {
                slot.result = Some(result);
            }
        }
    }

    /// A batch has ended.
    pub(super) fn batch_done(&self) {
        self.state.borrow_mut().batches.done += 1;
        self.tell(&[]);
    }

    fn tell(&self, results: &[OrderResult]) {
        let (done, counts, batches) = {
            let state = self.state.borrow();
            (state.done, state.counts, state.batches)
        };
        let (submission_id, total) = (self.submission_id, self.orders.len());
        self.observer.progress(&Progress { submission_id, total, done, counts, batches, results });
    }

    /// Ends the submission: orders in doubt are unknown, those that were never sent have failed.
    pub(super) fn close(self, error: &ErrorInfo) -> Submission {
        let mut open = Vec::new();
        for (index, slot) in self.state.borrow().slots.iter().enumerate() {
            if slot.result.is_none() {
                open.push(ending(index, slot.in_doubt, error));
            }
        }
        self.settle(open);
        let state = self.state.into_inner();
        let mut results = Vec::new();
        for slot in state.slots {
            if let Some(result) = slot.result {
                results.push(result);
            }
        }
        Submission { submission_id: self.submission_id.to_owned(), results, counts: state.counts }
    }
}

/// What becomes of an order when the submission ends before it has an answer.
fn ending(index: usize, in_doubt: bool, error: &ErrorInfo) -> OrderResult {
    let mut error = error.clone();
    let mut outcome = Outcome::Failed;
    if in_doubt {
        outcome = Outcome::Unknown;
        error.add("The order had been sent and may have been created; look it up before you send it again.");
    } else if error.code != ErrorCode::NotSent {
        error.add("The order was not sent and may be submitted again.");
    }
    OrderResult::new(index, outcome, Some(error))
}
