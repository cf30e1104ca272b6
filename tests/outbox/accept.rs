//! What is taken, what a receipt says, and what is refused.

use crate::world::*;
use pb_fulfillment::{outbox::OrderState, validate::Code, wire::ProblemCode};
use serde_json::json;

#[test]
fn a_receipt_for_each_order_in_the_order_of_the_request() {
    let world = World::default();
    let receipts = world.take(&ids(0, 3));
    let told: Vec<_> =
        receipts.iter().map(|receipt| (&*receipt.client_order_id, receipt.number, receipt.state)).collect();
    assert_eq!(
        told,
        [("W-0", 1, OrderState::Pending), ("W-1", 2, OrderState::Pending), ("W-2", 3, OrderState::Pending)]
    );
    assert!(receipts.iter().all(|receipt| !receipt.repeated && receipt.client_id == "1234"));
}

#[test]
fn the_same_order_again_gets_the_same_receipt_and_is_sent_once() {
    let world = World::default();
    let first = world.take(&ids(0, 2));
    let again = world.take(&ids(0, 2));
    assert!(again.iter().all(|receipt| receipt.repeated));
    assert!(first.iter().zip(&again).all(|(first, again)| first.number == again.number));
    world.settle(60_000);
    let ended = world.take(&ids(1, 3));
    assert_eq!((ended[0].number, ended[0].state, ended[0].repeated), (2, OrderState::Accepted, true));
    world.settle(60_000);
    assert_eq!(world.api.orders().len(), 3);
}

#[test]
fn other_bytes_under_the_same_ids_are_refused_and_nothing_of_the_request_is_stored() {
    let world = World::default();
    world.take(&ids(0, 1));
    let mut other = order("W-0");
    other["remarks"] = json!("leave at the door");
    let refusal = world.enqueue(&body(&[order("W-1"), other.clone()])).unwrap_err();
    assert_eq!((code(&refusal), refusal.problem.status), ("order_conflict", 409));
    assert_eq!(refusal.problem.errors[0].pointer, "/orders/1");
    assert_eq!(world.clock.run(world.outbox.status("1234", "W-1")).unwrap(), None);
    world.settle(60_000);
    assert_eq!(code(&world.enqueue(&body(&[other])).unwrap_err()), "order_conflict", "it has been accepted meanwhile");
    assert_eq!(world.line.batches(), [["W-0"]]);
}

#[test]
fn an_order_twice_in_a_request_is_one_and_two_under_the_same_ids_are_refused() {
    let world = World::default();
    let receipts = world.enqueue(&body(&[order("a"), order("a")])).unwrap();
    assert_eq!((receipts[0].number, receipts[0].repeated), (1, false));
    assert_eq!((receipts[1].number, receipts[1].repeated), (1, true));
    let mut other = order("b");
    other["remarks"] = json!("x");
    assert_eq!(code(&world.enqueue(&body(&[order("b"), other])).unwrap_err()), "order_conflict");
}

#[test]
fn ids_that_only_look_alike_are_different_orders() {
    let world = World::default();
    let mut twins = [order("2/3"), order("3"), order("\u{0}"), order("")];
    twins[0]["clientId"] = json!("1");
    twins[1]["clientId"] = json!("1/2");
    let receipts = world.enqueue(&body(&twins[..3])).unwrap();
    assert_eq!(receipts.iter().map(|receipt| receipt.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(code(&world.enqueue(&body(&twins[3..])).unwrap_err()), "invalid");
}

#[test]
fn what_is_invalid_is_refused_with_its_issues() {
    let world = World::default();
    let mut bad = order("b");
    bad["toAddress"]["countryCode"] = json!(null);
    let refusal = world.enqueue(&body(&[order("a"), bad])).unwrap_err();
    assert_eq!((code(&refusal), refusal.problem.status), ("invalid", 422));
    assert!(refusal.problem.errors[0].pointer.starts_with("/orders/1/toAddress"));
    assert_eq!(code(&world.enqueue(b"{\"orders\":[").unwrap_err()), "malformed");
    assert_eq!(code(&world.enqueue(b"[]").unwrap_err()), "invalid");
    assert!(world.table.rows().is_empty());
}

#[test]
fn each_limit_has_a_code_of_its_own() {
    let world = World::new(|options| {
        options.limits.max_orders = 2;
        options.limits.max_body_bytes = 4_000;
        options.limits.max_pending = 3;
    });
    let tiny = |ids: &[String]| body(&ids.iter().map(|id| order(id)).collect::<Vec<_>>());
    let refused = |body: &[u8]| world.enqueue(body).unwrap_err();
    assert_eq!(code(&refused(&tiny(&ids(0, 3)))), "too_many_orders");
    let padded = [tiny(&ids(0, 1)), vec![b' '; 4_000]].concat();
    assert_eq!((code(&refused(&padded)), refused(&padded).problem.status), ("too_large", 413));
    let mut large = order("large");
    large["remarks"] = json!("x".repeat(1 << 20));
    let world_of_large = World::new(|options| options.severity.push((Code::TooLong, None)));
    let refusal = world_of_large.enqueue(&body(&[order("a"), large])).unwrap_err();
    assert_eq!((code(&refusal), &*refusal.problem.errors[0].pointer), ("too_large", "/orders/1"));
    world.take(&ids(0, 2));
    let full = refused(&tiny(&ids(2, 4)));
    assert_eq!((code(&full), full.problem.status, full.retry_after_s), ("outbox_full", 503, Some(1)));
    assert!(full.problem.retryable);
    // What is here already needs no room, and one more has it.
    world.take(&ids(1, 3));
    assert_eq!(code(&refused(&tiny(&ids(3, 4)))), "outbox_full");
    world.settle(60_000);
    world.take(&ids(3, 4));
}

#[test]
fn a_table_that_fails_acknowledges_nothing_and_the_same_again_is_stored_once() {
    for (left, last_takes_effect) in (0..8).flat_map(|left| [(left, false), (left, true)]) {
        let mut world = World::default();
        world.restart(left, last_takes_effect);
        let first = world.enqueue(&body(&[order("a")]));
        if let Err(refusal) = &first {
            assert_eq!(refusal.problem.code, Some(ProblemCode::OutboxUnavailable));
            assert_eq!(refusal.retry_after_s, Some(1));
        }
        world.restart(usize::MAX, false);
        let again = world.enqueue(&body(&[order("a")])).unwrap();
        assert_eq!(again[0].number, 1, "{left}");
        assert!(first.is_err() || again[0].repeated);
        world.settle(60_000);
        assert_eq!(world.at_api("a").len(), 1, "{left}");
    }
}

#[test]
fn the_same_bytes_begin_a_new_life_once_the_order_is_dead_or_rejected() {
    let world = World::new(|options| options.give_up_after_ms = 600_000);
    world.faults(&json!({ "random": { "probability": 1, "faults": ["unavailable"] } }));
    world.take(&ids(0, 2));
    world.settle(700_000);
    assert_eq!(world.states(&ids(0, 2)), ["dead"; 2]);
    world.clock.run(world.outbox.dismiss("1234", "W-1")).unwrap();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "clientOrderIds": ["W-0"] }] }));
    let receipts = world.take(&ids(0, 2));
    assert!(receipts.iter().all(|receipt| !receipt.repeated && receipt.state.name() == "pending"), "{receipts:?}");
    world.settle(60_000);
    assert_eq!(world.states(&ids(0, 2)), ["rejected", "accepted"]);
    assert!(!world.take(&ids(0, 1))[0].repeated);
    world.settle(60_000);
    assert_eq!((world.states(&ids(0, 1)), world.at_api("W-0").len()), (vec!["accepted"], 1));
    assert!(world.take(&ids(0, 1))[0].repeated, "what was accepted is not sent twice");
}
