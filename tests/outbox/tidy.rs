//! Who is told of outcomes, and what is left of an order when.

use crate::world::*;
use futures_util::future::join;
use pb_fulfillment::ports::Clock;
use serde_json::json;
use std::collections::BTreeSet;

const DAY_MS: u64 = 86_400_000;

#[test]
fn each_outcome_is_told_once_if_all_goes_well() {
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "clientOrderIds": ["W-1"] }] }));
    world.take(&ids(0, 250));
    world.settle(60_000);
    let heard = world.ear.heard.borrow();
    assert_eq!(heard.len(), 250);
    assert_eq!(heard.iter().map(|outcome| &outcome.id).collect::<BTreeSet<_>>().len(), 250);
    for outcome in heard.iter() {
        let record = world.status(&outcome.client_order_id);
        assert_eq!(
            (outcome.outcome, &outcome.order_id, &outcome.errors),
            (record.state, &record.order_id, &record.errors)
        );
        assert_eq!(Some(outcome.ended_at), record.ended_at);
    }
    assert_eq!(heard[1].errors[0].error_code.as_deref(), Some("emulator.refused"));
}

#[test]
fn whoever_fails_to_hear_is_told_again_under_the_same_id() {
    let world = World::default();
    world.ear.fails.set(3);
    world.take(&ids(0, 2));
    world.settle(600_000);
    let heard = world.ear.heard.borrow();
    assert_eq!(heard.len(), 8);
    assert_eq!(heard.iter().map(|outcome| &outcome.id).collect::<BTreeSet<_>>().len(), 2);
}

#[test]
fn a_listener_that_takes_a_few_at_a_time_hears_each_once() {
    let world = World::default();
    world.ear.takes.set(7);
    world.take(&ids(0, 40));
    world.settle(60_000);
    let heard = world.ear.heard.borrow();
    assert_eq!(heard.iter().map(|outcome| outcome.number).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
}

#[test]
fn a_listener_that_fails_keeps_no_order_back() {
    let world = World::default();
    world.ear.fails.set(usize::MAX);
    world.take(&ids(0, 2));
    world.settle(60_000);
    world.take(&ids(2, 4));
    world.settle(60_000);
    assert_eq!(world.api.orders().len(), 4);
}

#[test]
fn an_order_sent_anew_has_an_outcome_of_its_own() {
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "every": 1 }] }));
    world.take(&ids(0, 1));
    world.settle(60_000);
    world.clock.run(world.outbox.resend("1234", "W-0", None)).unwrap();
    world.settle(60_000);
    let heard = world.ear.heard.borrow();
    let told: Vec<_> = heard.iter().map(|outcome| (outcome.number, outcome.outcome.name())).collect();
    assert_eq!(told, [(1, "rejected"), (2, "accepted")]);
    assert_ne!(heard[0].id, heard[1].id);
}

/// Whether anything of the buyers is in the table.
fn holds_buyers(world: &World) -> bool {
    let hit = |value: &[u8], text: &[u8]| value.windows(text.len()).any(|part| part == text);
    world.table.rows().iter().any(|(_, value)| hit(value, b"Ada") || hit(value, b"Main St") || hit(value, b"quoted"))
}

#[test]
fn buyers_data_is_gone_a_set_time_after_the_end_and_ids_and_outcome_stay() {
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "clientOrderIds": ["W-1"] }, "cut_after"] }));
    world.take(&ids(0, 2));
    world.settle(10_000);
    world.take(&ids(2, 3));
    world.settle(10_000);
    let ended = world.states(&ids(0, 3));
    world.settle(7 * DAY_MS - 30_000);
    assert!(holds_buyers(&world));
    world.settle(60_000);
    assert!(!holds_buyers(&world));
    assert_eq!(world.states(&ids(0, 3)), ended);
    assert!(world.status("W-0").order_id.is_some() && world.status("W-0").purged);
    assert!(world.take(&ids(0, 1))[0].repeated, "it is still known");

    let resend = |mended: Option<&[u8]>| world.clock.run(world.outbox.resend("1234", "W-1", mended));
    assert_eq!(resend(None).map_err(|refusal| code(&refusal)).unwrap_err(), "order_purged");
    resend(Some(order("W-1").to_string().as_bytes())).unwrap();
    world.settle(10_000);
    assert_eq!(world.status("W-1").state.name(), "accepted");
}

#[test]
fn what_is_on_a_list_stays_there_and_all_else_is_forgotten_at_last() {
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "clientOrderIds": ["W-1", "W-2"] }] }));
    world.take(&ids(0, 3));
    world.settle(10_000);
    world.clock.run(world.outbox.dismiss("1234", "W-2")).unwrap();
    world.settle(91 * DAY_MS);
    let known = |id| world.clock.run(world.outbox.status("1234", id)).unwrap().is_some();
    assert_eq!([known("W-0"), known("W-1"), known("W-2")], [false, true, false]);
    let keys: Vec<_> = world.table.rows().into_iter().map(|(key, _)| key[..1].to_owned()).collect();
    assert_eq!(keys, ["d", "m", "o"]);
    assert_eq!(world.table.alarm(), None);
    world.clock.run(world.outbox.dismiss("1234", "W-1")).unwrap();
    assert_eq!(world.table.rows().len(), 1);
}

#[test]
fn a_listener_that_takes_long_keeps_no_order_back() {
    let world = World::new(|options| options.limits.concurrency = 1);
    world.ear.takes_ms.set(20_000);
    world.take(&ids(0, 1));
    world.wait(1_000);
    let later = async {
        world.clock.sleep(1_500).await;
        world.outbox.enqueue(&body(&[order("W-1")])).await.unwrap();
        world.clock.elapsed_ms()
    };
    world.faults(&json!({ "script": ["none", { "fault": "none", "latencyMs": 3_000 }] }));
    world.take(&ids(2, 203));
    let (worked, stored_ms) = world.clock.run(join(world.outbox.work(&world.ports), later));
    worked.unwrap();
    let times = world.line.times();
    assert!(times[2] - stored_ms < 4_500, "{times:?} {stored_ms}");
    assert_eq!(
        world.ear.heard.borrow().iter().map(|outcome| &outcome.id).collect::<BTreeSet<_>>().len(),
        world.ear.heard.borrow().len()
    );
}

#[test]
fn data_that_was_sent_anew_is_not_purged_with_that_of_its_first_life() {
    let world = World::new(|options| options.purge_after_ms = 60_000);
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "every": 1 }] }));
    world.take(&ids(0, 1));
    world.settle(10_000);
    let ended_ms = world.clock.now_ms();
    world.wait(40_000);
    world
        .faults(&json!({ "random": { "probability": 1, "faults": [{ "fault": "unavailable", "retryAfter": "40" }] } }));
    world.clock.run(world.outbox.resend("1234", "W-0", None)).unwrap();
    world.settle(60_000);
    assert!(world.clock.now_ms() > ended_ms + 60_000 && holds_buyers(&world));
    world.faults(&json!({}));
    world.settle(59_000);
    assert_eq!(world.status("W-0").state.name(), "accepted");
}

#[test]
fn an_order_that_is_dismissed_when_it_is_old_leaves_nothing() {
    let world = World::new(|options| (options.purge_after_ms, options.forget_after_ms) = (1_000_000, 1_000_000));
    world.line.guilty.borrow_mut().insert("W-0".into());
    world.take(&ids(0, 1));
    while let Ok(true) = world.ring(60_000) {}
    // The alarm is late: its data is here still.
    world.wait(1_100_000);
    world.clock.run(world.outbox.dismiss("1234", "W-0")).unwrap();
    world.settle(100_000_000);
    let rows = world.table.rows();
    assert!(rows.iter().all(|(key, _)| !key.starts_with("b/")), "{rows:?}");
}

#[test]
fn a_turn_tells_no_more_than_its_limit_and_the_next_goes_on() {
    let world = World::new(|options| options.limits.outcomes_per_turn = 150);
    world.take(&ids(0, 400));
    let mut heard = vec![0];
    while world.ring(60_000).unwrap() {
        heard.push(world.ear.heard.borrow().len());
    }
    assert!(heard.windows(2).all(|pair| pair[1] - pair[0] <= 150), "{heard:?}");
    assert_eq!(heard.last(), Some(&400));
    let numbers: Vec<_> = world.ear.heard.borrow().iter().map(|outcome| outcome.id.clone()).collect();
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 400);
}

#[test]
fn a_turn_makes_a_dozen_calls_and_the_next_follows_at_once() {
    let world = World::new(|options| options.delay_ms = 0);
    for from in (0..4_000).step_by(1_000) {
        world.take(&ids(from, from + 1_000));
    }
    world.clock.run(world.outbox.work(&world.ports)).unwrap();
    assert_eq!(world.line.times().len(), 12);
    assert!(world.table.alarm().unwrap() <= world.clock.now_ms());
    world.settle(60_000);
    assert_eq!(world.api.orders().len(), 4_000);
}
