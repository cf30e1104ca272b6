//! A broker with a ledger: what comes twice is sent once, and whoever asks again is told the truth.

use super::*;
use crate::harness::{BULK, Books, World, page_headers};
use futures_util::future::join;
use pb_fulfillment::{
    broker::{Disapproval, HookError, WholeBody},
    ports::{Clock, Headers, HttpError, HttpErrorKind},
};
use std::rc::Rc;

fn with_ledger() -> World {
    let mut world = World::default();
    world.ports.ledger = Some(Rc::new(Books::new(&world.clock)));
    world
}

fn books(world: &World) -> &Books {
    world.ports.ledger.as_ref().unwrap()
}

/// Takes the broker's and the ledger's memory away; what the ledger has stored remains.
fn crash(world: &mut World) {
    let fresh = Books::new(&world.clock);
    fresh.stores.replace(books(world).stores.take());
    world.ports.ledger = Some(Rc::new(fresh));
}

fn send(world: &World, key: &str, resend: bool, ids: &[&str]) -> Response {
    let mut headers = page_headers().with("Idempotency-Key", format!("\"{key}\""));
    if resend {
        headers.set("X-PB-Fulfillment-Resend", "true");
    }
    world.call("POST", BULK, &headers, WholeBody::new(body(ids)))
}

fn script(world: &World, status: u16) {
    let answer = Response { status, headers: Headers::new(), body: Vec::new() };
    world.line.script.borrow_mut().push_back(Ok(answer));
}

fn cut(world: &World) {
    let error =
        HttpError { kind: HttpErrorKind::Connection, message: "the line went dead".into(), cause: Default::default() };
    world.line.script.borrow_mut().push_back(Err(error));
}

/// A token is there, so that the next thing that is sent is a bulk request.
fn ready() -> World {
    let world = with_ledger();
    assert_eq!(send(&world, "first", false, &["first"]).status, 200);
    world
}

#[test]
fn the_same_again_gets_the_recorded_answer_and_neither_the_shop_nor_the_api_is_asked() {
    let mut world = with_ledger();
    let first = send(&world, "k", false, &["a", "b"]);
    assert_eq!((first.status, first.headers.get("Idempotency-Replayed")), (200, None));
    let asked_of_shop = world.ports.hooks.asked.borrow().len();
    for crashes in [false, true] {
        if crashes {
            crash(&mut world);
        }
        let again = send(&world, "k", false, &["a", "b"]);
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(again.headers.get("Idempotency-Replayed"), Some("true"));
        for name in ["X-PB-TransactionId", "Content-Type"] {
            assert_eq!(again.headers.get(name), first.headers.get(name), "{name}");
        }
        let log = world.last_log();
        assert_eq!((log.replayed, log.sent, log.orders), (true, 0, 2));
    }
    assert_eq!((world.line.bulk_calls(), world.api.orders().len()), (1, 2));
    // Of the hooks only authorize was asked, once for each.
    assert_eq!(world.ports.hooks.asked.borrow().len(), asked_of_shop + 2);
}

#[test]
fn of_two_at_once_one_is_sent_and_the_other_told_when_to_ask_again() {
    let world = with_ledger();
    let (headers, bytes) = (page_headers(), body(&["a"]));
    let ask = || world.ask("POST", BULK, &headers, WholeBody::new(bytes.clone()));
    world.ports.hooks.delay_ms.set(100);
    let (first, second) = world.clock.run(join(ask(), ask()));
    assert_eq!(first.status, 200);
    let value = problem(&second, 409, "in_progress");
    assert_eq!((value["processed"].as_str(), value["retryable"].as_bool()), (Some("unknown"), Some(true)));
    let wait: u64 = second.headers.get("Retry-After").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    assert_eq!((world.line.bulk_calls(), world.api.orders().len()), (1, 1));
}

#[test]
fn other_bytes_under_the_key_are_refused() {
    let world = with_ledger();
    assert_eq!(send(&world, "k", false, &["a"]).status, 200);
    for resend in [false, true] {
        let value = problem(&send(&world, "k", resend, &["b"]), 422, "key_reused");
        assert_eq!((value["processed"].as_str(), value["retryable"].as_bool()), (Some("unknown"), Some(false)));
    }
    assert_eq!(world.api.orders().len(), 1);
}

#[test]
fn the_same_key_of_another_caller_is_another_key() {
    let world = with_ledger();
    assert_eq!(send(&world, "k", false, &["a"]).status, 200);
    let other = world.ports.hooks.principal.borrow().clone().unwrap().map(|mut principal| {
        principal.subject = "session-2".into();
        principal
    });
    *world.ports.hooks.principal.borrow_mut() = Ok(other);
    let answer = send(&world, "k", false, &["b"]);
    assert_eq!((answer.status, answer.headers.get("Idempotency-Replayed")), (200, None));
    assert_eq!(world.api.orders().len(), 2);
}

#[test]
fn what_was_not_processed_frees_the_key() {
    let world = ready();
    for status in [503, 429, 400] {
        script(&world, status);
        assert!(send(&world, "k", false, &["a"]).status >= 400);
        assert_eq!(books(&world).kept(), 1, "only that of the first");
    }
    *world.ports.hooks.refused.borrow_mut() = Ok(vec![Disapproval { index: 0, detail: None }]);
    problem(&send(&world, "k", false, &["a"]), 403, "not_approved");
    *world.ports.hooks.refused.borrow_mut() = Err(HookError);
    problem(&send(&world, "k", false, &["a"]), 500, "hook_failed");
    *world.ports.hooks.refused.borrow_mut() = Ok(Vec::new());
    problem(&send(&world, "", false, &["a"]), 400, "idempotency_key");
    assert_eq!(send(&world, "k", false, &["b"]).status, 200, "even for other bytes");
}

/// The client sends the others under a key of their own. Were the first key free, a repeat of it all would send them again.
#[test]
fn a_refusal_of_some_orders_is_repeated_even_when_the_shop_would_decide_otherwise_now() {
    let mut world = ready();
    *world.ports.hooks.refused.borrow_mut() = Ok(vec![Disapproval { index: 1, detail: None }; 2]);
    let first = send(&world, "k", false, &["a", "b"]);
    problem(&first, 403, "not_approved");
    *world.ports.hooks.refused.borrow_mut() = Ok(Vec::new());
    crash(&mut world);
    let again = send(&world, "k", false, &["a", "b"]);
    let value = problem(&again, 403, "not_approved");
    assert_eq!(value["errors"], problem(&first, 403, "not_approved")["errors"]);
    assert_eq!(again.headers.get("Idempotency-Replayed"), Some("true"));
    assert_eq!(world.line.bulk_calls(), 1, "the first");
}

#[test]
fn an_answer_after_an_attempt_in_doubt_says_so() {
    let world = ready();
    cut(&world);
    problem(&send(&world, "k", false, &["a", "b"]), 502, "upstream_cut");
    // A refusal of all or of some says nothing about what the first has done.
    for index in [vec![0], vec![0, 1]] {
        let refused = index.into_iter().map(|index| Disapproval { index, detail: None });
        *world.ports.hooks.refused.borrow_mut() = Ok(refused.collect());
        let value = problem(&send(&world, "k", true, &["a", "b"]), 403, "not_approved");
        assert_eq!(value["processed"].as_str(), Some("unknown"));
    }
    *world.ports.hooks.refused.borrow_mut() = Ok(Vec::new());
    script(&world, 400);
    assert_eq!(problem(&send(&world, "k", true, &["a", "b"]), 400, "upstream_refused")["processed"], "unknown");
    for replayed in [None, Some("true")] {
        let answer = send(&world, "k", true, &["a", "b"]);
        assert_eq!((answer.status, answer.headers.get("Idempotency-Replayed")), (200, replayed));
        assert_eq!(answer.headers.get("X-PB-Fulfillment-Doubt"), Some("true"));
    }
    assert_eq!(send(&world, "first", false, &["first"]).headers.get("X-PB-Fulfillment-Doubt"), None);
}

#[test]
fn after_a_lost_answer_only_a_caller_who_asks_for_it_sends_again() {
    let mut world = ready();
    cut(&world);
    problem(&send(&world, "k", false, &["a"]), 502, "upstream_cut");
    let sent = world.line.bulk_calls();
    crash(&mut world);
    let value = problem(&send(&world, "k", false, &["a"]), 409, "in_doubt");
    assert_eq!((value["processed"].as_str(), value["retryable"].as_bool()), (Some("unknown"), Some(false)));
    assert_eq!(world.line.bulk_calls(), sent);
    assert_eq!(send(&world, "k", true, &["a"]).status, 200);
    assert_eq!(send(&world, "k", false, &["a"]).headers.get("Idempotency-Replayed"), Some("true"));
}

#[test]
fn a_failure_that_is_safe_to_repeat_is_repeated() {
    let world = ready();
    for status in [500, 503, 500] {
        script(&world, status);
        assert!(send(&world, "k", false, &["a"]).status >= 500);
    }
    assert_eq!(send(&world, "k", false, &["a"]).status, 200);
    // An answer that gets lost after it is in doubt all the same.
    script(&world, 500);
    problem(&send(&world, "l", false, &["b"]), 502, "upstream_error");
    cut(&world);
    problem(&send(&world, "l", false, &["b"]), 502, "upstream_cut");
    problem(&send(&world, "l", false, &["b"]), 409, "in_doubt");
}

#[test]
fn a_broker_that_died_over_a_request_leaves_it_in_doubt_when_its_lease_is_over() {
    let mut world = ready();
    world.ports.hooks.delay_ms.set(1_000);
    {
        let (headers, bytes) = (page_headers(), body(&["a"]));
        let asked = world.ask("POST", BULK, &headers, WholeBody::new(bytes));
        // The future is dropped in the middle of approve_orders: so ends an isolate.
        let _ = world.clock.run(futures_util::future::select(Box::pin(asked), Box::pin(world.clock.sleep(1_500))));
    }
    world.ports.hooks.delay_ms.set(0);
    crash(&mut world);
    let mut asked = 0;
    loop {
        let again = send(&world, "batch-1", false, &["a"]);
        if again.headers.get("Retry-After").is_none() {
            break;
        }
        problem(&again, 409, "in_progress");
        let wait: u64 = again.headers.get("Retry-After").unwrap().parse().unwrap();
        assert!((1..=2).contains(&wait), "an answer may come long before the lease is over");
        world.clock.run(world.clock.sleep(wait * 1000));
        asked += 1;
    }
    assert!((10..=40).contains(&asked), "{asked}");
    problem(&send(&world, "batch-1", false, &["a"]), 409, "in_doubt");
    assert_eq!(world.line.bulk_calls(), 1, "the first");
}

#[test]
fn without_an_answer_of_the_ledger_nothing_is_sent() {
    let world = with_ledger();
    books(&world).begin_fails.set(true);
    let value = problem(&send(&world, "k", false, &["a"]), 503, "ledger_unavailable");
    assert_eq!((value["processed"].as_str(), value["retryable"].as_bool()), (Some("no"), Some(true)));
    assert_eq!(world.last_log().failed, "ledger");
    books(&world).begin_fails.set(false);
    books(&world).delay_ms.set(5_001);
    problem(&send(&world, "k", false, &["a"]), 503, "ledger_unavailable");
    assert_eq!(world.line.sent.borrow().len(), 0);
}

#[test]
fn a_request_that_cannot_be_settled_is_answered_by_what_happened_and_is_in_doubt_later() {
    let world = with_ledger();
    books(&world).settle_fails.set(true);
    assert_eq!(send(&world, "k", false, &["a"]).status, 200);
    assert_eq!(world.last_log().failed, "ledger");
    problem(&send(&world, "k", false, &["a"]), 409, "in_progress");
    world.clock.run(world.clock.sleep(33_000));
    problem(&send(&world, "k", false, &["a"]), 409, "in_doubt");
    assert_eq!(world.api.orders().len(), 1);
}

#[test]
fn a_ledger_that_hangs_at_the_end_does_not_keep_the_answer_from_the_caller() {
    let slow = json!({ "script": [{ "fault": "none", "latencyMs": 23_000, "on": "orders" }] });
    let mut world = World::with_faults(&slow);
    world.ports.ledger = Some(Rc::new(Books::new(&world.clock)));
    books(&world).delay_ms.set(4_900);
    assert_eq!(send(&world, "k", false, &["a"]).status, 200);
    assert!((28_000..30_000).contains(&world.clock.elapsed_ms()), "{}", world.clock.elapsed_ms());
    assert_eq!(world.last_log().failed, "ledger");
}

#[test]
fn without_a_ledger_nothing_is_remembered() {
    let world = World::default();
    for ids in [["a"], ["a"], ["b"]] {
        let answer = send(&world, "k", true, &ids);
        assert_eq!((answer.status, answer.headers.get("Idempotency-Replayed")), (200, None));
    }
    assert_eq!(world.line.bulk_calls(), 3);
}
