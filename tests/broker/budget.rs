//! One time budget for the whole request: the broker answers before the client gives up, and begins nothing too late.

use super::*;
use crate::harness::{BULK, ORIGIN, World, page_headers};
use pb_fulfillment::{
    broker::{BodyError, BodySource, Broker, BrokerOptions, BrokerOptionsError, Upstream},
    emulator::EmulatorOptions,
    ports::Clock,
};

/// The client's own time-out.
const CLIENT_MS: u64 = 30_000;

/// A world in which each hook takes this long.
fn with_slow_hooks(ms: u64, plan: &Value) -> World {
    let world = World::with_faults(plan);
    world.ports.hooks.delay_ms.set(ms);
    world
}

#[test]
fn steps_that_are_each_in_time_do_not_together_outlast_the_client() {
    let slow = json!({ "script": [
        { "fault": "none", "latencyMs": 5_000, "on": "token" },
        { "fault": "none", "latencyMs": 24_000, "on": "orders" },
    ] });
    let world = with_slow_hooks(7_000, &slow);
    let answer = world.bulk(&body(&["a"]));
    let value = problem(&answer, 504, "upstream_timeout");
    assert_eq!(value["processed"], "unknown");
    assert_eq!(world.last_log().upstream_ms, 28_000 - 2 * 7_000 - 5_000);
    assert!(world.clock.elapsed_ms() < CLIENT_MS, "{}", world.clock.elapsed_ms());
}

#[test]
fn a_call_to_the_api_is_not_begun_when_too_little_time_is_left() {
    let slow = json!({ "script": [{ "fault": "none", "latencyMs": 5_001, "on": "token" }] });
    let world = with_slow_hooks(9_000, &slow);
    let answer = world.bulk(&body(&["a"]));
    let value = problem(&answer, 503, "out_of_time");
    assert_eq!((value["processed"].as_str(), value["retryable"].as_bool()), (Some("no"), Some(true)));
    assert_eq!((world.line.bulk_calls(), world.api.orders().len()), (0, 0));
    assert_eq!((world.last_log().sent, answer.headers.get("X-PB-TransactionId")), (0, None));
    // The token is kept, so the next request has its time for the API.
    assert_eq!(world.bulk(&body(&["a"])).status, 200);
}

#[test]
fn a_token_that_the_end_of_the_request_cuts_short_is_not_the_fault_of_the_api() {
    let slow = json!({ "script": [{ "fault": "none", "latencyMs": 9_500, "on": "token" }] });
    let world = with_slow_hooks(9_500, &slow);
    let answer = world.bulk(&body(&["a"]));
    let value = problem(&answer, 503, "out_of_time");
    assert_eq!((value["processed"].as_str(), value["retryable"].as_bool()), (Some("no"), Some(true)));
    assert_eq!((world.clock.elapsed_ms(), world.line.bulk_calls()), (28_000, 0));
}

#[test]
fn just_enough_time_is_used() {
    let slow = json!({ "script": [{ "fault": "none", "latencyMs": 5_000, "on": "token" }] });
    let world = with_slow_hooks(9_000, &slow);
    assert_eq!(world.bulk(&body(&["a"])).status, 200);
}

#[test]
fn a_refused_token_is_not_tried_again_when_too_little_time_is_left() {
    let slow = json!({ "script": [
        { "fault": "unauthorized", "latencyMs": 20_000, "on": "orders" },
        { "fault": "none", "latencyMs": 4_000, "on": "token" },
    ] });
    let world = with_slow_hooks(0, &slow);
    let answer = world.bulk(&body(&["a"]));
    let value = problem(&answer, 503, "out_of_time");
    assert_eq!((value["processed"].as_str(), world.line.bulk_calls()), (Some("no"), 1), "the API refused the first");
    assert_eq!(world.api.orders().len(), 0);
}

#[test]
fn a_hook_cut_short_by_the_end_of_the_request_has_not_failed() {
    let world = World::new(|options| options.limits.request_timeout_ms = 15_000, EmulatorOptions::default());
    world.ports.hooks.delay_ms.set(9_000);
    let answer = world.bulk(&body(&["a"]));
    problem(&answer, 503, "out_of_time");
    assert_eq!((world.clock.elapsed_ms(), world.last_log().failed), (15_000, ""));
    assert_eq!(world.line.sent.borrow().len(), 0);
}

/// A body whose next piece never comes in time.
struct Stalled<C>(C);

impl<C: Clock> BodySource for Stalled<C> {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, BodyError> {
        self.0.sleep(3_600_000).await;
        Ok(None)
    }
}

#[test]
fn a_body_that_stalls_does_not_hold_the_request_open() {
    let world = World::default();
    let answer = world.call("POST", BULK, &page_headers(), Stalled(world.clock.clone()));
    problem(&answer, 503, "out_of_time");
    assert_eq!((world.clock.elapsed_ms(), world.line.sent.borrow().len()), (28_000, 0));
}

#[test]
fn a_budget_that_never_reaches_the_api_is_refused() {
    let made = |request_ms, upstream_ms| {
        let mut options = BrokerOptions::new(Upstream::Sandbox, [ORIGIN]);
        options.limits.request_timeout_ms = request_ms;
        options.limits.upstream_timeout_ms = upstream_ms;
        Broker::new(options).err()
    };
    let refused = |given_ms, least_ms| Some(BrokerOptionsError::RequestTimeout { given_ms, least_ms });
    assert_eq!(made(4_999, 25_000), refused(4_999, 5_000));
    assert_eq!(made(5_000, 25_000), None);
    assert_eq!(made(99, 100), refused(99, 100));
    assert_eq!(made(100, 100), None);
}
