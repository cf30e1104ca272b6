//! When orders leave, what becomes of a call, and what each order ends with.

use crate::world::*;
use pb_fulfillment::{ports::Clock, wire::OnAmbiguous};
use serde_json::json;

#[test]
fn an_order_waits_for_others_no_longer_than_the_delay_and_arrives_as_it_was_checked() {
    let world = World::default();
    let text = body(&[order("a"), order("b")]);
    let stored_ms = world.clock.elapsed_ms();
    world.enqueue(&text).unwrap();
    world.settle(60_000);
    let [at_ms] = world.line.times()[..] else { panic!("one call") };
    assert!((1_000..1_100).contains(&(at_ms - stored_ms)), "{at_ms}");
    for (id, stored) in [("a", world.at_api("a")), ("b", world.at_api("b"))] {
        assert_eq!(stored.len(), 1);
        assert!(text.windows(stored[0].bytes.len()).any(|bytes| bytes == stored[0].bytes), "{id}");
        let record = world.status(id);
        assert_eq!((record.state.name(), record.order_id.as_ref()), ("accepted", Some(&stored[0].order_id)));
        assert_eq!((record.transaction_ids, record.attempts), (vec![stored[0].transaction_id.clone()], 1));
    }
}

#[test]
fn two_hundred_that_wait_leave_at_once() {
    let world = World::default();
    let began_ms = world.clock.elapsed_ms();
    world.take(&ids(0, 450));
    world.settle(60_000);
    let sizes: Vec<_> = world.line.batches().iter().map(Vec::len).collect();
    assert_eq!(sizes, [200, 200, 50]);
    let times = world.line.times();
    assert!(times[1] - began_ms < 900 && times[2] - began_ms >= 1_000, "{times:?} {began_ms}");
    assert_eq!(world.api.orders().len(), 450);
    assert_eq!(world.table.alarm().map(|at_ms| at_ms > world.clock.now_ms() + 86_400_000), Some(true), "only to purge");
}

#[test]
fn what_comes_in_while_a_call_hangs_does_not_wait_for_it() {
    use futures_util::future::join;
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "none", "latencyMs": 25_000 }] }));
    world.take(&ids(0, 1));
    world.wait(1_000);
    let later = async {
        world.clock.sleep(5_300).await;
        world.outbox.enqueue(&body(&[order("W-1")])).await.unwrap();
        world.clock.elapsed_ms()
    };
    let (worked, stored_ms) = world.clock.run(join(world.outbox.work(&world.ports), later));
    worked.unwrap();
    let times = world.line.times();
    assert!((1_000..=2_100).contains(&(times[1] - stored_ms)), "{times:?} {stored_ms}");
    assert_eq!(world.states(&ids(0, 2)), ["accepted", "accepted"]);
}

#[test]
fn throttling_holds_all_as_long_as_it_says_and_no_order_is_lost() {
    for fault in ["throttled", "unavailable"] {
        let world = World::default();
        world.faults(&json!({ "script": [{ "fault": fault, "retryAfter": "30" }] }));
        world.take(&ids(0, 10));
        assert!(world.ring(2_000).unwrap());
        world.take(&ids(10, 300));
        let waits = world.status("W-0");
        assert_eq!((waits.state.name(), waits.attempts), ("pending", 1));
        assert_eq!(
            waits.code.as_deref(),
            Some(if fault == "throttled" { "upstream_throttled" } else { "upstream_unavailable" })
        );
        assert!(waits.detail.is_some());
        world.settle(120_000);
        let times = world.line.times();
        assert!(times[1..].iter().all(|at_ms| at_ms - times[0] >= 30_000), "{times:?}");
        assert_eq!(world.api.orders().len(), 300);
        assert!(world.states(&ids(0, 300)).iter().all(|state| *state == "accepted"));
    }
}

#[test]
fn failures_in_a_row_are_waited_for_longer_and_longer() {
    let world = World::default();
    world.faults(&json!({ "random": { "probability": 1, "faults": ["unavailable"] } }));
    world.take(&ids(0, 1));
    world.settle(3_600_000);
    let times = world.line.times();
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.windows(2).take(6).all(|pair| pair[1] > pair[0]), "{waits:?}");
    assert!(waits.iter().all(|wait| (500..=301_000).contains(wait)), "{waits:?}");
}

#[test]
fn a_request_refused_as_a_whole_is_halved_until_the_guilty_stand_alone() {
    let world = World::default();
    world.line.guilty.borrow_mut().extend(["W-3".to_owned(), "W-150".to_owned()]);
    world.take(&ids(0, 200));
    world.settle(60_000);
    for id in ids(0, 200) {
        let (record, guilty) = (world.status(&id), world.line.guilty.borrow().contains(&id));
        assert_eq!(record.state.name(), if guilty { "rejected" } else { "accepted" }, "{id}");
        assert_eq!(world.at_api(&id).len(), usize::from(!guilty), "{id}");
    }
    let record = world.status("W-3");
    assert_eq!(
        (record.code.as_deref(), record.errors[0].error_code.as_deref()),
        (Some("upstream_refused"), Some("1000050"))
    );
    assert!(world.line.sent.borrow().len() <= 33, "{}", world.line.sent.borrow().len());
}

#[test]
fn single_refusals_in_a_reply_reject_their_orders_alone() {
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "clientOrderIds": ["W-1"] }] }));
    world.take(&ids(0, 3));
    world.settle(60_000);
    assert_eq!(world.states(&ids(0, 3)), ["accepted", "rejected", "accepted"]);
    assert_eq!(world.status("W-1").errors[0].error_code.as_deref(), Some("emulator.refused"));
}

#[test]
fn after_a_lost_answer_an_order_is_unknown_and_not_sent_again() {
    for fault in ["cut_before", "cut_after", "cut_body", "html", "truncated", "empty"] {
        let world = World::default();
        world.faults(&json!({ "script": [fault] }));
        world.take(&ids(0, 2));
        world.settle(600_000);
        assert_eq!(world.states(&ids(0, 2)), ["unknown", "unknown"], "{fault}");
        assert_eq!(world.line.times().len(), 1);
        assert!(world.status("W-0").listed);
    }
}

#[test]
fn after_a_lost_answer_it_is_sent_again_if_that_is_asked_for() {
    let world = World::new(|options| options.on_ambiguous = OnAmbiguous::Resend);
    world.faults(&json!({ "script": ["cut_after", "cut_before", { "fault": "none", "latencyMs": 40_000 }] }));
    world.take(&ids(0, 2));
    world.settle(600_000);
    assert_eq!(world.states(&ids(0, 2)), ["accepted", "accepted"]);
    assert_eq!(world.line.times().len(), 4);
    assert_eq!(world.status("W-0").attempts, 4);
}

#[test]
fn what_the_reply_leaves_out_is_unknown() {
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "omit_entries", "clientOrderIds": ["W-0"] }] }));
    world.take(&ids(0, 2));
    world.settle(60_000);
    assert_eq!(world.states(&ids(0, 2)), ["unknown", "accepted"]);
    assert_eq!(world.status("W-0").code.as_deref(), Some("missing_in_reply"));
}

#[test]
fn a_500_is_sent_again_and_a_later_refusal_proves_nothing() {
    let world = World::default();
    world.faults(&json!({ "script": ["server_error", { "fault": "refuse_orders", "clientOrderIds": ["W-1"] }] }));
    world.take(&ids(0, 2));
    world.settle(60_000);
    assert_eq!(world.states(&ids(0, 2)), ["accepted", "unknown"]);

    let world = World::default();
    world.faults(&json!({ "script": ["server_error"] }));
    world.line.guilty.borrow_mut().insert("W-1".into());
    world.take(&ids(0, 1));
    assert!(world.ring(2_000).unwrap());
    world.take(&ids(1, 2));
    world.settle(60_000);
    assert_eq!(world.states(&ids(0, 2)), ["accepted", "rejected"], "the doubt is of the first batch alone");
}

#[test]
fn a_rejected_token_is_renewed_once_and_each_call_has_an_id_of_its_own() {
    let world = World::default();
    world.take(&ids(0, 1));
    world.settle(60_000);
    world.faults(&json!({ "script": ["expire"] }));
    world.take(&ids(1, 2));
    world.settle(60_000);
    let record = world.status("W-1");
    assert_eq!((record.state.name(), record.attempts, record.transaction_ids.len()), ("accepted", 2, 2));
    assert_ne!(record.transaction_ids[0], record.transaction_ids[1]);
}

#[test]
fn what_keeps_all_back_kills_nothing_before_its_time() {
    let world = World::new(|options| options.give_up_after_ms = 3_600_000);
    world.faults(&json!({ "random": { "probability": 1, "faults": [{ "fault": "unauthorized", "on": "any" }] } }));
    world.take(&ids(0, 1));
    world.settle(3_000_000);
    assert_eq!(world.status("W-0").state.name(), "pending");
    world.faults(&json!({}));
    world.settle(600_000);
    assert_eq!(world.status("W-0").state.name(), "accepted");
}

#[test]
fn a_clock_that_is_set_back_keeps_nothing_waiting_for_longer_than_an_hour() {
    let world = World::default();
    world.wait(86_400_000);
    world.faults(&json!({ "script": [{ "fault": "unavailable", "retryAfter": "3000" }] }));
    world.take(&ids(0, 1));
    assert!(world.ring(2_000).unwrap());
    world.clock.set_back(3_600_000 * 2);
    world.take(&ids(1, 2));
    world.settle(60_000);
    assert_eq!(world.states(&ids(0, 2)), ["accepted", "accepted"]);
}

#[test]
fn without_the_right_to_call_nothing_is_sent_until_there_is_one() {
    let world = World::default();
    world.keeper.leases_fail.set(true);
    world.take(&ids(0, 1));
    world.settle(60_000);
    assert!(world.line.times().is_empty());
    assert_eq!(world.status("W-0").state.name(), "pending");
    world.keeper.leases_fail.set(false);
    world.settle(600_000);
    assert_eq!(world.status("W-0").state.name(), "accepted");
}

#[test]
fn an_order_is_given_up_when_its_time_is_over_dead_if_it_never_was_in_doubt() {
    for (fault, state) in [("unavailable", "dead"), ("server_error", "unknown")] {
        let world = World::new(|options| options.give_up_after_ms = 600_000);
        world.faults(&json!({ "random": { "probability": 1, "faults": [fault] } }));
        let stored_ms = world.clock.now_ms();
        world.take(&ids(0, 2));
        world.settle(300_000);
        assert_eq!(world.states(&ids(0, 2)), ["pending", "pending"]);
        world.take(&ids(2, 3));
        world.settle(330_000);
        assert_eq!(world.states(&ids(0, 3)), [state, state, "pending"]);
        let ended_ms = world.status("W-0").ended_at.unwrap() - stored_ms;
        assert!((600_000..600_500).contains(&ended_ms), "{ended_ms}");
        world.faults(&json!({}));
        world.settle(600_000);
        assert_eq!(world.status("W-2").state.name(), "accepted");
        assert!(world.at_api("W-0").is_empty());
    }
}
