//! The virtual clock that other tests stand on.
mod support;

use futures_util::future::{join, select};
use pb_fulfillment::ports::{Clock, Random};
use std::{cell::RefCell, pin::pin};
use support::{SeededRandom, VirtualClock};

#[test]
fn sleeps_end_in_the_order_of_their_moments() {
    let clock = VirtualClock::default();
    let seen = RefCell::new(Vec::new());
    let sleep = async |ms| {
        clock.sleep(ms).await;
        seen.borrow_mut().push((ms, clock.elapsed_ms()));
    };
    clock.run(join(sleep(3_600_000), join(sleep(0), sleep(50))));
    assert_eq!(*seen.borrow(), [(0, 0), (50, 50), (3_600_000, 3_600_000)]);
}

#[test]
fn a_sleep_that_is_given_up_does_not_hold_time() {
    let clock = VirtualClock::default();
    clock.run(async {
        select(pin!(clock.sleep(10)), pin!(clock.sleep(1_000_000))).await;
        clock.sleep(5).await;
    });
    assert_eq!(clock.elapsed_ms(), 15);
}

#[test]
fn a_seed_gives_the_same_bytes_again() {
    let bytes = |seed| {
        let mut bytes = [0; 20];
        SeededRandom::new(seed).fill(&mut bytes);
        bytes
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}
