//! Whatever the broker does.

use crate::{
    bench::*,
    support::{
        SeededRandom,
        broker::{Step, page, problem, retry_after},
    },
};
use pb_fulfillment::{
    client::{OnAmbiguous, Outcome},
    wire::{Problem, ProblemCode, Processed},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// A step at random.
fn any_step(random: &SeededRandom) -> Step {
    let of_any_order = |code| {
        let errors = (0..random.below(4)).map(|_| at(&format!("/orders/{}", random.below(8)), Some("too_long")));
        Problem::new(code).errors(errors.collect())
    };
    let codes = ProblemCode::ALL;
    let code = codes[random.below(codes.len() as u64) as usize];
    let honest = |code: ProblemCode| match code.processed() {
        // It is another request that is under way.
        _ if code == ProblemCode::InProgress => answer(code),
        Processed::Unknown if random.below(2) == 0 => Step::StoreThenAnswer(problem(&Problem::new(code))),
        _ => answer(code),
    };
    let garbage =
        ["", "<html>", "[]", "{}", "{\"orders\":", "{\"orders\":{}}", "null", "\u{0}"][random.below(8) as usize];
    match random.below(16) {
        0 => Step::Altered(|entries| entries.reverse()),
        1 => Step::Altered(|entries| entries.truncate(entries.len() / 2)),
        2 => Step::Altered(|entries| entries.iter_mut().for_each(|entry| entry["orderId"] = Value::Null)),
        3 => Step::Altered(|entries| entries.extend_from_within(..)),
        4 => Step::Refuse((0..random.below(5) as usize).collect()),
        5 => Step::Cut,
        6 => Step::StoreThenCut,
        7 => Step::Hang,
        8 => Step::StoreThenHang,
        9 => Step::Slow(random.below(40_000)),
        10 => Step::StoreThenAnswer(page([200, 201, 302, 500, 502, 503, 504][random.below(7) as usize], garbage)),
        11 => Step::Answer(page([200, 400, 401, 403, 404, 429, 503][random.below(7) as usize], garbage)),
        12 => Step::Answer(problem(&of_any_order(ProblemCode::NotApproved))),
        13 => Step::Answer(problem(&of_any_order(ProblemCode::Invalid))),
        14 => Step::Answer(retry_after(problem(&Problem::new(ProblemCode::UpstreamUnavailable)), "3")),
        _ => honest(code),
    }
}

#[test]
fn whatever_the_broker_does_each_order_has_one_outcome_and_it_is_true() {
    let mut seen = BTreeMap::new();
    for seed in 0..1000 {
        let random = SeededRandom::new(seed);
        let steps: Vec<_> = (0..random.below(12)).map(|_| any_step(&random)).collect();
        let mut bench = Bench::new(steps.clone()).with(|options| {
            options.max_retries = random.below(4) as u32;
            options.concurrency = 1 + random.below(4) as usize;
            options.deadline_ms = (random.below(3) == 0).then(|| 1 + random.below(60_000));
            if random.below(2) == 0 {
                options.on_ambiguous = OnAmbiguous::Resend;
            }
        });
        bench.seed = seed;
        let mut orders = numbered(1 + random.below(6) as usize);
        if random.below(50) == 0 {
            orders = numbered(450);
        }
        if random.below(4) == 0 {
            bench = bench.skip();
            orders.insert(0, broken());
        }
        let clock = bench.clock.clone();
        let cancel_at = if random.below(3) == 0 { random.below(50_000) } else { 100_000_000 };
        let submission = bench.submit_until(&orders, after(&clock, cancel_at));
        let stored = bench.broker.stored();
        for result in &submission.results {
            let found = stored.get(result.client_order_id.as_ref().unwrap());
            let holds = match result.outcome {
                Outcome::Accepted => found.unwrap().contains(result.order_id.as_ref().unwrap()),
                Outcome::Unknown => result.attempts > 0,
                Outcome::Rejected | Outcome::Invalid | Outcome::Failed => found.is_none(),
            };
            assert!(holds, "seed {seed}: {result:?}\n{found:?}\n{steps:#?}");
            *seen.entry(serde_json::to_value(result.outcome).unwrap().to_string()).or_insert(0) += 1;
        }
        if bench.options.on_ambiguous == OnAmbiguous::Report {
            let once = |ids: &Vec<String>| ids.len() == 1;
            let repeated = steps.iter().any(|step| {
                matches!(step, Step::StoreThenAnswer(response) if problem(&Problem::new(ProblemCode::UpstreamError)).body == response.body)
            });
            assert!(repeated || stored.values().all(once), "seed {seed}: doubled");
        }
    }
    assert!(seen.len() == 5 && seen.values().all(|&count| count > 100), "{seen:?}");
}
