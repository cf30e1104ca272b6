//! How often a caller may ask.

use super::*;
use crate::harness::{BULK, Pieces, World, page_headers};
use pb_fulfillment::{
    broker::{Broker, BrokerOptions, BrokerOptionsError, Principal, Rate, Rates, SCOPE_ORDERS, Upstream},
    emulator::EmulatorOptions,
    ports::Clock,
};
use std::{cell::Cell, collections::VecDeque, rc::Rc};

fn rate(requests: u32) -> Option<Rate> {
    Some(Rate { requests, period_ms: 10_000 })
}

fn world(rates: Rates) -> World {
    World::new(|options| options.rates = rates, EmulatorOptions::default())
}

/// A request from that address, whose body is not read if it is refused.
fn ask(world: &World, address: Option<&str>) -> Response {
    let mut headers = page_headers();
    if let Some(address) = address {
        headers.set("CF-Connecting-IP", address);
    }
    let reads = Rc::new(Cell::new(0));
    let answer = world.call("POST", BULK, &headers, Pieces(VecDeque::from([Ok(body(&["a"]))]), reads.clone()));
    if answer.status == 429 {
        assert_eq!(reads.get(), 0, "the body was read");
    }
    answer
}

fn name(world: &World, subject: &str) {
    let [client_ids, scopes] = [vec!["1234".into()], vec![SCOPE_ORDERS.into()]];
    *world.ports.hooks.principal.borrow_mut() = Ok(Some(Principal { subject: subject.into(), client_ids, scopes }));
}

#[test]
fn a_subject_that_asks_too_often_is_told_to_wait() {
    let world = world(Rates { address: None, subject: rate(2) });
    let began_ms = world.clock.now_ms();
    assert_eq!([ask(&world, None).status, ask(&world, None).status], [200, 200]);
    let answer = ask(&world, None);
    let value = problem(&answer, 429, "rate_limited");
    assert_eq!((value["processed"].as_str(), value["retryable"].as_bool()), (Some("no"), Some(true)));
    let wait_s: u64 = answer.headers.get("Retry-After").unwrap().parse().unwrap();
    assert!((1..=5).contains(&wait_s), "{wait_s}");
    assert_eq!(world.line.bulk_calls(), 2);
    assert!(answer.headers.get("Access-Control-Expose-Headers").unwrap().contains("Retry-After"));
    name(&world, "session-2");
    assert_eq!(ask(&world, None).status, 200, "another subject has a count of its own");
    name(&world, "session-1");
    world.clock.run(world.clock.sleep(wait_s * 1000));
    assert_eq!(ask(&world, None).status, 200, "the wait was long enough");
    assert!(world.clock.now_ms() - began_ms < 10_000);
}

#[test]
fn an_address_that_asks_too_often_does_not_reach_authorize() {
    let world = world(Rates { address: rate(3), subject: None });
    *world.ports.hooks.principal.borrow_mut() = Ok(None);
    for expected in [401, 401, 401, 429, 429] {
        assert_eq!(ask(&world, Some("192.0.2.1")).status, expected);
    }
    assert_eq!(world.ports.hooks.asked.borrow().len(), 3);
    assert_eq!(ask(&world, Some("192.0.2.2")).status, 401);
    // One subscriber has 2^64 addresses of IPv6.
    for expected in [401, 401, 401, 429] {
        let host = world.ports.hooks.asked.borrow().len();
        assert_eq!(ask(&world, Some(&format!("2001:db8::{host}"))).status, expected);
    }
    for _ in 0..10 {
        assert_eq!(ask(&world, None).status, 401, "without Cloudflare nobody knows the address");
    }
}

#[test]
fn by_default_callers_are_limited() {
    let world = World::default();
    let limited = (0..101).map(|_| ask(&world, None).status).filter(|&status| status == 429).count();
    assert_eq!(limited, 1);
}

#[test]
fn what_a_merchant_counts_with_is_asked_and_may_fail() {
    let world = World::default();
    world.ports.hooks.counted.borrow_mut().extend([Ok(None), Ok(Some(7)), Err(())]);
    assert_eq!(ask(&world, None).status, 200);
    let answer = ask(&world, None);
    problem(&answer, 429, "rate_limited");
    assert_eq!(answer.headers.get("Retry-After"), Some("7"));
    assert_eq!(ask(&world, None).status, 200, "a count that fails keeps nobody out");
    assert_eq!(world.last_log().failed, "count");
    world.ports.hooks.count_delay_ms.set(1_001);
    let began_ms = world.clock.now_ms();
    assert_eq!(ask(&world, None).status, 200);
    assert_eq!((world.last_log().failed, world.clock.now_ms() - began_ms), ("count", 1_000));
}

#[test]
fn a_rate_that_cannot_be_is_refused() {
    for (requests, period_ms) in [(0, 1), (1, 0), (1_000_001, 1), (1, u64::MAX)] {
        let mut options = BrokerOptions::new(Upstream::Sandbox, ["https://shop.example"]);
        options.rates.subject = Some(Rate { requests, period_ms });
        assert_eq!(Broker::new(options).err(), Some(BrokerOptionsError::Rate { requests, period_ms }));
    }
}
