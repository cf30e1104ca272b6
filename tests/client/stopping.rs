//! Cancelling, deadlines, and what an observer hears.

use crate::{
    bench::*,
    support::broker::{Step, page, retry_after},
};
use pb_fulfillment::{client::ErrorCode, ports::Cause, wire::ProblemCode};
use serde_json::json;

#[test]
fn a_submission_that_is_cancelled_beforehand_sends_nothing() {
    let bench = Bench::new([]);
    let submission = bench.submit_until(&numbered(2), std::future::ready(Cause::default()));
    assert_eq!(outcomes(&submission), ["failed", "failed"]);
    assert_eq!(codes(&submission), ["aborted", "aborted"]);
    assert!(bench.calls().is_empty());
}

#[test]
fn cancelling_in_flight_cuts_at_once_and_keeps_what_is_known() {
    let bench = Bench::new([Step::Accept, Step::StoreThenHang]).with(|options| options.concurrency = 1);
    let clock = bench.clock.clone();
    let submission = bench.submit_until(&numbered(500), after(&clock, 1000));
    assert_eq!(bench.clock.elapsed_ms(), 1000);
    let counts = submission.counts;
    assert_eq!((counts.accepted, counts.unknown, counts.failed), (200, 200, 100));
    let error = submission.results[450].error.as_ref().unwrap();
    assert_eq!(error.code, ErrorCode::Aborted);
    let reason = error.cause.0.as_ref().unwrap().downcast_ref::<&str>();
    assert_eq!(reason, Some(&"the person left"));
}

#[test]
fn cancelling_a_wait_ends_it_at_once_and_the_orders_were_not_processed() {
    let bench = Bench::new([Step::Answer(retry_after(page(429, ""), "50"))]);
    let clock = bench.clock.clone();
    let submission = bench.submit_until(&numbered(1), after(&clock, 2000));
    assert_eq!((outcomes(&submission)[0].as_str(), codes(&submission)[0]), ("failed", "aborted"));
    assert_eq!(bench.clock.elapsed_ms(), 2000);
}

#[test]
fn cancelling_a_wait_after_doubt_leaves_the_orders_unknown() {
    let bench = Bench::new([Step::StoreThenCut, Step::Answer(retry_after(page(429, ""), "50"))]).resend();
    let clock = bench.clock.clone();
    let submission = bench.submit_until(&numbered(1), after(&clock, 10_000));
    assert_eq!((outcomes(&submission)[0].as_str(), codes(&submission)[0]), ("unknown", "aborted"));
}

#[test]
fn at_the_deadline_orders_in_flight_are_unknown_and_the_others_failed() {
    let bench = Bench::new([Step::Accept, Step::StoreThenHang]).with(|options| {
        options.concurrency = 1;
        options.deadline_ms = Some(5000);
    });
    let submission = bench.submit(&numbered(401));
    assert_eq!(bench.clock.elapsed_ms(), 5000);
    let counts = submission.counts;
    assert_eq!((counts.accepted, counts.unknown, counts.failed), (200, 200, 1));
    assert_eq!(codes(&submission)[399..], ["deadline", "deadline"]);
}

#[test]
fn what_happens_is_told_as_it_happens() {
    let bench = Bench::new([Step::Cut, answer(ProblemCode::UpstreamThrottled)]).resend();
    bench.submit(&numbered(2));
    let events = bench.log.events.borrow();
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["plan", "request", "failure", "retry", "request", "response", "retry", "request", "response"]);
    assert_eq!(
        events[0],
        json!({"type": "plan", "submissionId": "s", "firstOrder": 0, "clientOrderIds": ["o0", "o1"], "batches": 1})
    );
    assert_eq!(events[1], json!({"type": "request", "batchId": "s.1", "attempt": 1, "orders": [0, 1]}));
    assert_eq!(
        events[2],
        json!({"type": "failure", "batchId": "s.1", "attempt": 1, "code": "connection", "durationMs": 10})
    );
    assert_eq!(events[6]["code"], "upstream_throttled");
    let response = json!({"type": "response", "batchId": "s.1", "attempt": 3, "status": 200, "durationMs": 10, "requestId": "req-3"});
    assert_eq!(events[8], response);
}

#[test]
fn progress_counts_orders_and_batches() {
    let bench = Bench::new([]).skip().with(|options| options.concurrency = 1);
    let mut orders = numbered(250);
    orders.push(broken());
    bench.submit(&orders);
    let progress = bench.log.progress.borrow();
    let steps = progress.iter().map(|step| (step["done"].as_u64(), step["batches"]["done"].as_u64()));
    let expected = [(1, 0), (201, 0), (201, 1), (251, 1), (251, 2)].map(|(done, batches)| (Some(done), Some(batches)));
    assert_eq!(steps.collect::<Vec<_>>(), expected);
    let last = progress.last().unwrap();
    assert_eq!(
        (&last["total"], &last["batches"]["total"], &last["submissionId"]),
        (&json!(251), &json!(2), &json!("s"))
    );
    assert_eq!(last["counts"], json!({"accepted": 250, "rejected": 0, "invalid": 1, "failed": 0, "unknown": 0}));
}
