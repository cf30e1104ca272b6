//! The rate of calls, which outboxes side by side keep together.

use crate::support::{SeededRandom, VirtualClock};
use crate::world::*;
use futures_util::future::join_all;
use pb_fulfillment::{
    broker::{CallLeases, LEASE_MS, Lease},
    outbox::Outbox,
    ports::Clock,
};
use proptest::prelude::*;

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
    let Lease { granted: 0, wait_ms } = leases.lease(OPERATION, 1) else { panic!("granted") };
    assert!(wait_ms > 1_000 + LEASE_MS);
    clock.run(clock.sleep(wait_ms - 1));
    assert_eq!(leases.lease(OPERATION, 1).granted, 0);
    clock.run(clock.sleep(1));
    assert_eq!(leases.lease(OPERATION, 150).granted, 100);
    let Lease { granted: 0, wait_ms } = leases.lease(OPERATION, 1) else { panic!("granted") };
    assert_eq!(leases.lease("/v1/products", 7).granted, 7, "each operation has a rate of its own");
    clock.run(clock.sleep(wait_ms));
    assert_eq!(leases.lease(OPERATION, 1).granted, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Callers ask at any time, for any number, and begin at any time while their leases are good; vaults die at any time.
    #[test]
    fn never_more_calls_begin_within_a_second_than_the_rate(
        rate in 1_u32..100,
        steps in prop::collection::vec((0_u64..400, 1_u32..60, 0_u64..=LEASE_MS, prop::bool::weighted(0.03)), 1..200),
    ) {
        let clock = VirtualClock::default();
        let mut leases = CallLeases::new(clock.clone(), rate);
        let mut begun = Vec::new();
        for (pause_ms, wanted, later_ms, dies) in steps {
            clock.run(clock.sleep(pause_ms));
            if dies {
                leases = CallLeases::new(clock.clone(), rate);
            }
            let lease = leases.lease(OPERATION, wanted);
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
