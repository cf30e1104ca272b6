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
use futures_util::future::{Either, select};
use ledger::{Ledger, Settled};
use std::{
    cell::RefCell,
    future::{pending, poll_fn},
    pin::pin,
    task::Poll,
};

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
        let valid: Vec<_> = (0..).zip(orders).filter(|(_, order)| order.errors == 0).map(|(index, _)| index).collect();
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
        let job = Job { input, validated, ledger: &ledger, deadline_at };
        let work = async {
            for wave in waves(&id, validated.first_order, batches) {
                self.send_wave(&job, wave).await;
            }
        };
        let out_of_time = async {
            match self.options.deadline_ms {
                Some(ms) => self.clock.sleep(ms).await,
                None => pending().await,
            }
        };
        let error = {
            // Whoever is first ends the others: what is dropped here is cut at once, in a request as in a wait.
            let (cancel, out_of_time, work) = (pin!(cancel), pin!(out_of_time), pin!(work));
            match select(cancel, select(out_of_time, work)).await {
                Either::Left((reason, _)) => ErrorInfo { cause: reason, ..ErrorInfo::new(ErrorCode::Aborted) },
                Either::Right(_) => ErrorInfo::new(ErrorCode::Deadline),
            }
        };
        Ok(ledger.close(&error))
    }

    /// Sends the batches of a wave side by side, as many at a time as the options say.
    async fn send_wave<O: Observer>(&self, job: &Job<'_, O>, wave: Vec<(String, Vec<usize>)>) {
        let lanes = self.options.concurrency.min(wave.len());
        let left = RefCell::new(wave.into_iter());
        let lane = || async {
            loop {
                let next = left.borrow_mut().next();
                let Some((id, orders)) = next else { return };
                self.send_batch(job, id, orders).await;
            }
        };
        let mut lanes: Vec<_> = (0..lanes).map(|_| Box::pin(lane())).collect();
        poll_fn(|context| {
            lanes.retain_mut(|lane| lane.as_mut().poll(context).is_pending());
            if lanes.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// The batches with their ids, wave by wave. A part of a stream has fewer batches than orders, so ids that count from its
/// first order are those of no other part.
fn waves(submission_id: &str, first_order: usize, batches: Vec<Batch>) -> Vec<Vec<(String, Vec<usize>)>> {
    let mut waves: Vec<Vec<_>> = Vec::new();
    for (number, batch) in (first_order + 1..).zip(batches) {
        let id = [submission_id, ".", &number.to_string()].concat();
        match waves.get_mut(batch.wave) {
            Some(wave) => wave.push((id, batch.orders)),
            None => waves.push(vec![(id, batch.orders)]),
        }
    }
    waves
}

/// What is wrong with the input as a whole, so that its orders cannot be relied on. Issues may have been cut; counts are not.
fn fault_of_input(validated: &Validated) -> Option<ErrorInfo> {
    let of_orders: usize = validated.orders.iter().map(|order| order.errors).sum();
    (validated.report.error_count > of_orders).then(|| {
        let of_whole = |issue: &&Issue| issue.severity == Severity::Error && issue.order_index.is_none();
        let error = ErrorInfo::new(ErrorCode::InvalidInput);
        match validated.report.issues.iter().find(of_whole) {
            Some(issue) => error.and(&issue.message),
            None => error,
        }
    })
}

/// Settles the orders that have errors, with their issues.
fn settle_invalid<O: Observer>(ledger: &Ledger<'_, O>, validated: &Validated) {
    let mut issues: Vec<Vec<Issue>> = vec![Vec::new(); validated.orders.len()];
    for issue in &validated.report.issues {
        if let Some(issues) = issue.order_index.and_then(|index| issues.get_mut(index - validated.first_order)) {
            issues.push(issue.clone());
        }
    }
    let issues = issues.into_iter();
    let invalid = (0..).zip(&validated.orders).zip(issues).filter(|((_, order), _)| order.errors > 0);
    let settled = invalid.map(|((index, _), issues)| {
        let settled = Settled::not_accepted(Outcome::Invalid, ErrorInfo::new(ErrorCode::InvalidOrder));
        (index, Settled { issues, ..settled })
    });
    ledger.settle(settled.collect());
}
