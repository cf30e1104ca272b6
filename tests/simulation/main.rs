//! Pages, brokers, a ledger, tills, outboxes, a vault and the API in one process on virtual time, driven by a seed. Anything may be lost, doubled,
//! late or dead; what is told of an order must be true all the same.
//!
//! `npm run simulate -- --seeds N` runs many seeds, `npm run simulate -- --seed N` one of them again.
#![cfg(all(feature = "server", feature = "client"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test may fail it"
)]
#![allow(unreachable_pub, reason = "the modules are parts of one test")]

mod disk;
mod judge;
mod line;
mod machine;
mod outbox;
mod page;
mod road;
mod shop;
mod till;
mod weather;
mod world;

#[path = "../harness/leaks.rs"]
mod leaks;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use weather::Trouble;
use world::World;

/// How many seeds are run if nobody says.
const SEEDS: u64 = 3000;
/// From so many on, each kind of trouble must have come up.
const ENOUGH: u64 = 1000;

/// What happened in many runs.
#[derive(Default)]
struct Coverage {
    runs: u64,
    calm: u64,
    /// In how many runs each kind of trouble came up, and how often.
    troubles: BTreeMap<&'static str, (u64, u64)>,
    outcomes: BTreeMap<&'static str, u64>,
}

fn run(seed: u64, coverage: &Mutex<Coverage>) -> u64 {
    let world = World::new(seed);
    world.run();
    let mut coverage = coverage.lock().unwrap();
    coverage.runs += 1;
    coverage.calm += u64::from(world.weather.is_calm());
    for (trouble, times) in world.weather.seen() {
        let (runs, all) = coverage.troubles.entry(trouble.name()).or_default();
        *runs += 1;
        *all += times;
    }
    for (outcome, times) in world.judge.outcomes.borrow().iter() {
        *coverage.outcomes.entry(outcome).or_default() += times;
    }
    world.machine.trace()
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().expect(name))
}

#[test]
fn what_is_told_is_true_whatever_happens() {
    let one = number("SIMULATION_SEED");
    let first = one.or(number("SIMULATION_FROM")).unwrap_or(1);
    let seeds = if one.is_some() { 1 } else { number("SIMULATION_SEEDS").unwrap_or(SEEDS) };
    // To know that there is one that fails is enough for a mutation.
    let stops = env::var_os("SIMULATION_STOP").is_some();
    let next = AtomicU64::new(first);
    let (coverage, failed) = (Mutex::new(Coverage::default()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + seeds || (stops && !failed.lock().unwrap().is_empty()) {
                return;
            }
            if catch_unwind(AssertUnwindSafe(|| run(seed, &coverage))).is_err() {
                eprintln!("seed {seed} fails; npm run simulate -- --seed {seed}");
                failed.lock().unwrap().push(seed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    let coverage = coverage.into_inner().unwrap();
    print(&coverage);
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {seeds} seeds fail: {failed:?}", failed.len());
    if seeds >= ENOUGH {
        let never: Vec<_> = Trouble::ALL.iter().filter(|kind| !coverage.troubles.contains_key(kind.name())).collect();
        assert!(
            never.is_empty() && coverage.calm > 0,
            "a simulation in which these never happen proves nothing: {never:?}"
        );
    }
}

fn print(coverage: &Coverage) {
    println!("{} runs, {} of them calm", coverage.runs, coverage.calm);
    for (name, (runs, times)) in &coverage.troubles {
        println!("{runs:>7} runs {times:>9} times  {name}");
    }
    for (name, times) in &coverage.outcomes {
        println!("{times:>22} orders {name}");
    }
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let coverage = Mutex::default();
    for seed in 1..20 {
        assert_eq!(run(seed, &coverage), run(seed, &coverage), "seed {seed}");
    }
    assert_ne!(run(1, &coverage), run(2, &coverage));
}
