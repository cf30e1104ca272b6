//! The rate of calls, which outboxes side by side keep together.

use crate::support::{SeededRandom, VirtualClock};
use crate::world::*;
use futures_util::future::join_all;
use pb_fulfillment::{
    broker::{CallLeases, Calls, LEASE_MS, Lease, MAX_LEASE_MS, Token, TokenError, Vault},
    outbox::{Outbox, WorkPorts},
    ports::{Clock, StoreError},
};
use proptest::prelude::*;
use std::{cell::Cell, rc::Rc};

use crate::support::table::{DyingTable, MemoryTable};

const OPERATION: &str = "/v1/orders/bulk";

/// The most that begin within a second, of calls that began at these times.
fn most_in_a_second(times: &[u64]) -> usize {
    times.iter().map(|from| times.iter().filter(|at| (*from..*from + 1_000).contains(at)).count()).max().unwrap_or(0)
}

#[test]
fn a_vault_that_has_just_begun_grants_nothing_until_earlier_leases_are_over() {
    let clock = VirtualClock::default();
    let leases = CallLeases::new(clock.clone(), 100);
    let lease = |operation, wanted| leases.lease(operation, wanted, LEASE_MS);
    let Lease { granted: 0, wait_ms, .. } = lease(OPERATION, 1) else { panic!("granted") };
    assert!(wait_ms > 1_000 + MAX_LEASE_MS);
    clock.run(clock.sleep(wait_ms - 1));
    assert_eq!(lease(OPERATION, 1).granted, 0);
    clock.run(clock.sleep(1));
    assert_eq!(lease(OPERATION, 150).granted, 100);
    let Lease { granted: 0, wait_ms, .. } = lease(OPERATION, 1) else { panic!("granted") };
    assert_eq!(lease("/v1/products", 7).granted, 7, "each operation has a rate of its own");
    clock.run(clock.sleep(wait_ms));
    assert_eq!(lease(OPERATION, 1).granted, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Callers ask at any time, for any number, and begin at any time while their leases are good; vaults die at any time.
    #[test]
    fn never_more_calls_begin_within_a_second_than_the_rate(
        rate in 1_u32..100,
        steps in prop::collection::vec(
            (0_u64..400, 1_u32..60, prop_oneof![Just(LEASE_MS), 0..2 * MAX_LEASE_MS], 0_f64..=1.0, prop::bool::weighted(0.03)),
            1..200,
        ),
    ) {
        let clock = VirtualClock::default();
        let mut leases = CallLeases::new(clock.clone(), rate);
        let mut begun = Vec::new();
        for (pause_ms, wanted, good_ms, later, dies) in steps {
            clock.run(clock.sleep(pause_ms));
            if dies {
                leases = CallLeases::new(clock.clone(), rate);
            }
            let lease = leases.lease(OPERATION, wanted, good_ms);
            prop_assert!(lease.good_ms <= good_ms);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of it")]
            let later_ms = (lease.good_ms as f64 * later) as u64;
            prop_assert!(lease.granted <= wanted && (lease.granted > 0 || lease.wait_ms > 0));
            begun.extend((0..lease.granted).map(|_| clock.elapsed_ms() + later_ms));
        }
        prop_assert!(most_in_a_second(&begun) <= rate as usize);
    }
}

#[test]
fn many_outboxes_together_keep_the_rate_and_lose_nothing() {
    let world = World::new(|options| {
        options.limits.concurrency = 8;
        // One order a call, so that there are many calls.
        options.delay_ms = 0;
    });
    let outboxes: Vec<_> = (0..40)
        .map(|number| {
            let table = DyingTable::new(MemoryTable::default(), world.clock.clone(), usize::MAX, false);
            Outbox::new(world.options.clone(), table, world.clock.clone(), SeededRandom::new(number))
        })
        .collect();
    let work = outboxes.iter().enumerate().map(|(number, outbox)| {
        let world = &world;
        async move {
            for turn in 0..12 {
                outbox.enqueue(&body(&[order(&format!("{number}-{turn}"))])).await.unwrap();
                outbox.work(&world.ports).await.unwrap();
            }
        }
    });
    world.clock.run(join_all(work));
    let times = world.line.times();
    assert_eq!((times.len(), world.api.orders().len()), (480, 480));
    assert!(most_in_a_second(&times) <= 100, "{}", most_in_a_second(&times));
    assert!(times.last().unwrap() - times[0] < 10_000, "it is not much slower than it must be");
}

/// A vault whose answers take a while on their way.
struct Far {
    near: Rc<Keeper>,
    clock: VirtualClock,
    way_ms: u64,
    asked: Cell<usize>,
}

impl Vault for Far {
    async fn get_token(&self, rejected: Option<&str>) -> Result<Token, TokenError> {
        self.near.get_token(rejected).await
    }
}

impl Calls for Far {
    async fn lease_calls(&self, operation: &str, wanted: u32, good_ms: u64) -> Result<Lease, StoreError> {
        self.asked.set(self.asked.get() + 1);
        self.clock.sleep(self.way_ms).await;
        let lease = self.near.lease_calls(operation, wanted, good_ms).await;
        self.clock.sleep(self.way_ms).await;
        lease
    }
}

/// What became of orders, and how many leases were asked for.
fn by_a_vault_at(way_ms: u64) -> (Vec<&'static str>, usize, World) {
    let world = World::default();
    let (near, clock, asked) = (world.keeper.clone(), world.clock.clone(), Cell::default());
    let far = Rc::new(Far { near, clock, way_ms, asked });
    let ports = WorkPorts { http: world.line.clone(), vault: far.clone(), outcomes: world.ear.clone() };
    world.take(&ids(0, 3));
    world.wait(1_000);
    world.clock.run(world.outbox.work(&ports)).unwrap();
    (world.states(&ids(0, 3)), far.asked.get(), world)
}

#[test]
fn a_vault_that_is_far_away_is_asked_for_leases_that_are_good_for_longer() {
    for way_ms in [10, 120, 130, 300, 700, 990] {
        let (states, asked, _) = by_a_vault_at(way_ms);
        assert_eq!(states, ["accepted"; 3], "{way_ms} ms");
        assert!(asked <= 5, "{asked} leases at {way_ms} ms");
    }
}

#[test]
fn a_vault_that_is_too_far_away_holds_the_outbox_and_is_not_asked_without_end() {
    let (states, asked, world) = by_a_vault_at(1_100);
    assert_eq!(states, ["pending"; 3]);
    assert_eq!(world.status("W-0").attempts, 0, "nothing was claimed");
    // Four lanes, a time limit of 10 seconds, and 2.2 seconds for each.
    assert!(asked <= 20, "{asked} leases");
    assert!(world.table.alarm().unwrap() > world.clock.now_ms());
    assert!(world.line.times().is_empty());
}
