//! Sending again what was not processed.

use crate::{
    bench::*,
    support::{
        START_MS,
        broker::{Step, page, problem, retry_after},
    },
};
use pb_fulfillment::{
    ports::Clock,
    wire::{Problem, ProblemCode},
};

#[test]
fn what_was_not_processed_is_sent_again_with_the_same_bytes_and_key() {
    for code in [ProblemCode::UpstreamThrottled, ProblemCode::UpstreamUnavailable, ProblemCode::TokenUnavailable] {
        let bench = Bench::new([answer(code), answer(code)]);
        let result = check(&bench, "accepted", "", 3);
        assert_eq!((result.attempts, result.transaction_ids), (3, vec!["tx-1".into(), "tx-2".into(), "tx-3".into()]));
        let calls = bench.calls();
        assert!(calls.iter().all(|call| call.body == calls[0].body && key(call) == key(&calls[0])));
    }
}

#[test]
fn what_was_never_processed_ends_as_failed() {
    let bench = Bench::new(vec![answer(ProblemCode::UpstreamUnavailable); 3]);
    let result = check(&bench, "failed", "upstream_unavailable", 3);
    let error = result.error.unwrap();
    assert_eq!((error.status, error.request_id.as_deref()), (Some(503), Some("req-3")));
    let bench = Bench::new(vec![Step::Answer(page(429, "")); 3]);
    check(&bench, "failed", "throttled", 3);
    let bench = Bench::new([answer(ProblemCode::UpstreamThrottled)]).with(|options| options.max_retries = 0);
    check(&bench, "failed", "upstream_throttled", 1);
}

/// Heroku's router says 503 after 30 seconds, while what it asked goes on.
#[test]
fn a_503_that_is_not_the_brokers_may_hide_that_it_acted() {
    check(&Bench::new([Step::StoreThenAnswer(page(503, "down"))]), "unknown", "unavailable", 1);
    check(&Bench::new([Step::StoreThenAnswer(page(503, "down"))]).resend(), "accepted", "", 2);
}

#[test]
fn waits_grow_are_spread_and_have_a_limit() {
    let mut seen = Vec::new();
    for seed in 1..200 {
        let mut bench =
            Bench::new(vec![answer(ProblemCode::UpstreamUnavailable); 9]).with(|options| options.max_retries = 8);
        bench.seed = seed;
        check(&bench, "failed", "upstream_unavailable", 9);
        seen.push(bench.delays());
    }
    for (attempt, range) in [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000].into_iter().enumerate() {
        let most = seen.iter().map(|delays| delays[attempt]).max().unwrap();
        let least = seen.iter().map(|delays| delays[attempt]).min().unwrap();
        assert!(most <= range && most > range * 9 / 10 && least < range / 10, "{attempt}: {least} to {most}");
    }
}

#[test]
fn retry_after_is_obeyed_in_seconds_and_as_a_date() {
    let date = "Sun, 01 Mar 2026 00:00:20 GMT";
    for (value, expected) in [("7", 7000), (date, 20_000 - 20)] {
        let unavailable = problem(&Problem::new(ProblemCode::UpstreamUnavailable));
        let bench = Bench::new([Step::Answer(retry_after(unavailable, value))]);
        bench.clock.run(bench.clock.sleep(10));
        check(&bench, "accepted", "", 2);
        assert_eq!(bench.delays(), [expected], "{value}");
    }
    assert_eq!(START_MS, 1_772_323_200_000);
}

#[test]
fn retry_after_in_the_past_or_in_no_known_form_means_the_usual_wait() {
    for value in ["0", "Sun, 06 Nov 1994 08:49:37 GMT", "soon", "-5"] {
        let bench = Bench::new([Step::Answer(retry_after(page(429, ""), value))]);
        check(&bench, "accepted", "", 2);
        assert!(bench.delays()[0] <= 500, "{value}");
    }
}

#[test]
fn a_huge_retry_after_is_cut_to_the_cap() {
    for value in ["86400", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let bench = Bench::new([Step::Answer(retry_after(page(429, ""), value))]);
        check(&bench, "accepted", "", 2);
        assert_eq!(bench.delays(), [60_000], "{value}");
    }
}

#[test]
fn a_wait_beyond_the_deadline_is_not_begun() {
    let unavailable = retry_after(problem(&Problem::new(ProblemCode::UpstreamUnavailable)), "30");
    let bench = Bench::new([Step::Answer(unavailable)]).with(|options| options.deadline_ms = Some(20_000));
    let result = check(&bench, "failed", "upstream_unavailable", 1);
    assert!(result.error.unwrap().message.contains("no time left"));
    assert_eq!(bench.clock.elapsed_ms(), 10);
}
