//! Submits orders through a broker: batches, sending again, and exactly one outcome for each order.
//!
//! An attempt that brought no reply is either provably not processed or in doubt. What was never in doubt may be sent again
//! freely and ends as failed; what was in doubt once can only end as accepted or unknown. The broker says which it is
//! (`processed` in its problems); where nothing came from the broker, the client assumes doubt.

mod attempt;
mod batch;
mod ledger;
mod observe;
mod options;
mod outcome;
mod refusal;

pub use crate::wire::OnAmbiguous;
pub use observe::{BatchProgress, Event, Observer, Progress};
pub use options::{OnInvalid, Options, SubmitOptions};
pub use outcome::{Counts, ErrorCode, ErrorInfo, OrderResult, Outcome, Submission};

use crate::{
    batch::{Batch, MAX_ORDERS, plan},
    ports::{Cause, Clock, Http, Random},
    validate::{Issue, Severity, Validated},
    wire::ids,
};
use batch::Job;
use ledger::Ledger;
use std::{cell::Cell, future::poll_fn, pin::pin, task::Poll};

/// Submits orders through a broker.
#[derive(Debug)]
pub struct Client<H, C, R> {
    options: Options,
    http: H,
    clock: C,
    random: R,
}

impl<H: Http, C: Clock, R: Random> Client<H, C, R> {
    /// A client for the broker that the options name.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidOptions`] if an option cannot be used.
    pub fn new(options: Options, http: H, clock: C, random: R) -> Result<Self, ErrorInfo> {
        options.check()?;
        Ok(Self { options, http, clock, random })
    }

    /// Sends the orders of an input that was validated, or those of a part of a stream. `cancel` resolves with a reason to stop at once; pass a future
    /// that never resolves for none. Whatever happens, the submission has one result for each order, in input order.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] if the input as a whole is at fault, so that it has no orders to tell of, and
    /// [`ErrorCode::InvalidOptions`]. Nothing was sent then.
    pub async fn submit<O: Observer>(
        &self,
        input: &[u8],
        validated: &Validated,
        options: SubmitOptions,
        cancel: impl Future<Output = Cause>,
        observer: &O,
    ) -> Result<Submission, ErrorInfo> {
        options.check()?;
        if let Some(error) = fault_of_input(validated) {
            return Err(error);
        }
        let orders = &validated.orders;
        let mut valid = Vec::new();
        for (index, order) in orders.iter().enumerate() {
            if order.errors == 0 {
                valid.push(index);
            }
        }
        let stop = options.on_invalid == OnInvalid::Stop && valid.len() < orders.len();
        let batches = if stop { Vec::new() } else { plan(orders, &valid, MAX_ORDERS) };

        let id = options.submission_id.unwrap_or_else(|| ids::uuid(&self.random));
        let ledger = Ledger::new(&id, validated, batches.len(), observer);
        observer.event(&Event::Plan {
            submission_id: &id,
            first_order: validated.first_order,
            client_order_ids: orders.iter().map(|order| order.client_order_id.as_deref()).collect(),
            batches: batches.len(),
        });
        settle_invalid(&ledger, validated);
        if stop {
            return Ok(ledger.close(&ErrorInfo::new(ErrorCode::NotSent)));
        }

        let deadline_at = self.options.deadline_ms.map(|ms| self.clock.now_ms().saturating_add(ms));
        let job = Job { submission_id: &id, input, validated, ledger: &ledger, deadline_at };
        let work = async {
            let mut sent = validated.first_order;
            for wave in batches.chunk_by(|one, next| one.wave == next.wave) {
                self.send_wave(&job, sent, wave).await;
                sent += wave.len();
            }
        };
        let error = {
            // Whoever is first ends the others: what is dropped here is cut at once, in a request as in a wait.
            let (mut cancel, mut work) = (pin!(cancel), pin!(work));
            let mut time = pin!(self.options.deadline_ms.map(|ms| self.clock.sleep(ms)));
            poll_fn(|context| {
                if let Poll::Ready(cause) = cancel.as_mut().poll(context) {
                    return Poll::Ready(ErrorInfo { cause, ..ErrorInfo::new(ErrorCode::Aborted) });
                }
                let time = time.as_mut().as_pin_mut().is_some_and(|time| time.poll(context).is_ready());
                if time || work.as_mut().poll(context).is_ready() {
                    return Poll::Ready(ErrorInfo::new(ErrorCode::Deadline));
                }
                Poll::Pending
            })
            .await
        };
        Ok(ledger.close(&error))
    }

    /// Sends the batches of a wave side by side, as many at a time as the options say. Their ids count from the orders and
    /// batches before: a part of a stream has fewer batches than orders, so they are those of no other part.
    async fn send_wave<O: Observer>(&self, job: &Job<'_, O>, before: usize, wave: &[Batch]) {
        let taken = Cell::new(0);
        let lane = || async {
            while let Some(batch) = wave.get(taken.get()) {
                taken.set(taken.get() + 1);
                let number = before + taken.get();
                let id = [job.submission_id, ".", &number.to_string()].concat();
                self.send_batch(job, id, batch.orders.clone()).await;
            }
        };
        let mut lanes = Vec::new();
        for _ in wave.iter().take(self.options.concurrency) {
            lanes.push(Box::pin(lane()));
        }
        poll_fn(|context| {
            lanes.retain_mut(|lane| lane.as_mut().poll(context).is_pending());
            if lanes.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// What is wrong with the input as a whole, so that its orders cannot be relied on. Issues may have been cut; counts are not.
fn fault_of_input(validated: &Validated) -> Option<ErrorInfo> {
    let of_orders: usize = validated.orders.iter().map(|order| order.errors).sum();
    (validated.report.error_count > of_orders).then(|| {
        let of_whole = |issue: &&Issue| issue.severity == Severity::Error && issue.order_index.is_none();
        let mut error = ErrorInfo::new(ErrorCode::InvalidInput);
        if let Some(issue) = validated.report.issues.iter().find(of_whole) {
            error.add(&issue.message);
        }
        error
    })
}

/// Settles the orders that have errors, with their issues.
fn settle_invalid<O: Observer>(ledger: &Ledger<'_, O>, validated: &Validated) {
    let mut settled = Vec::new();
    for (index, order) in validated.orders.iter().enumerate() {
        if order.errors > 0 {
            let error = ErrorInfo::new(ErrorCode::InvalidOrder);
            settled.push(OrderResult::new(index, Outcome::Invalid, Some(error)));
        }
    }
    for issue in &validated.report.issues {
        let order = |settled: &OrderResult| Some(validated.first_order + settled.order_index);
        if let Ok(at) = settled.binary_search_by_key(&issue.order_index, order)
            && let Some(settled) = settled.get_mut(at)
        {
            settled.issues.push(issue.clone());
        }
    }
    ledger.settle(settled);
}
