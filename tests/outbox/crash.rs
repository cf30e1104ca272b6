//! The process dies at each operation on the table, before and after it takes effect, and another goes on.

use crate::world::*;
use pb_fulfillment::wire::OnAmbiguous;
use serde_json::{Value, json};

/// One life that dies, then one that does not: what is left of three orders.
fn after_a_crash(on_ambiguous: OnAmbiguous, script: &Value, dies_at: usize, last_takes_effect: bool) -> World {
    let mut world = World::new(|options| options.on_ambiguous = on_ambiguous);
    world.take(&ids(0, 3));
    world.faults(&json!({ "script": script }));
    world.restart(dies_at, last_takes_effect);
    while let Ok(true) = world.ring(5_000) {}
    world.restart(usize::MAX, false);
    world.settle(600_000);
    world
}

/// How many operations a life has that goes well.
const OPERATIONS: usize = 50;

#[test]
fn what_is_reported_is_true_and_nothing_is_doubled() {
    for script in
        [json!([]), json!(["unavailable"]), json!(["cut_after"]), json!([{ "fault": "refuse_orders", "every": 2 }])]
    {
        let mut accepted = 0;
        for (dies_at, last_takes_effect) in (0..OPERATIONS).flat_map(|at| [(at, false), (at, true)]) {
            let world = after_a_crash(OnAmbiguous::Report, &script, dies_at, last_takes_effect);
            let at = format!("{script} dies at {dies_at}, {last_takes_effect}");
            for id in ids(0, 3) {
                let (record, stored) = (world.status(&id), world.at_api(&id));
                assert!(stored.len() <= 1, "{at}: {id} is doubled");
                match record.state.name() {
                    "accepted" => assert_eq!(record.order_id.as_ref(), Some(&stored[0].order_id), "{at}"),
                    "rejected" => assert!(stored.is_empty(), "{at}"),
                    "unknown" => assert!(record.listed && record.attempts > 0, "{at}"),
                    other => panic!("{at}: {id} is {other}"),
                }
                accepted += usize::from(record.state.name() == "accepted");
                let heard = world.ear.heard.borrow();
                let told: Vec<_> = heard.iter().filter(|heard| heard.client_order_id == id).collect();
                assert!(!told.is_empty(), "{at}: {id} was not told");
                assert!(
                    told.iter().all(|told| told.outcome == record.state && told.number == record.number),
                    "{at}: {told:?}"
                );
            }
        }
        assert!(accepted > OPERATIONS || script == json!(["cut_after"]), "{script}: {accepted}");
    }
}

#[test]
fn what_is_sent_again_arrives() {
    for script in [json!([]), json!(["cut_after"]), json!(["cut_before", "unavailable"])] {
        for (dies_at, last_takes_effect) in (0..OPERATIONS).flat_map(|at| [(at, false), (at, true)]) {
            let world = after_a_crash(OnAmbiguous::Resend, &script, dies_at, last_takes_effect);
            let at = format!("{script} dies at {dies_at}, {last_takes_effect}");
            assert_eq!(world.states(&ids(0, 3)), ["accepted"; 3], "{at}");
            assert!(ids(0, 3).iter().all(|id| !world.at_api(id).is_empty()), "{at}");
        }
    }
}

#[test]
fn a_life_that_ends_over_a_call_leaves_its_orders_in_doubt_and_no_others() {
    let mut world = World::default();
    world.faults(&json!({ "script": [{ "fault": "none", "latencyMs": 20_000 }] }));
    world.take(&ids(0, 2));
    world.wait(1_000);
    {
        use futures_util::future::{Either, select};
        use pb_fulfillment::ports::Clock;
        use std::pin::pin;
        let (work, crash) = (pin!(world.outbox.work(&world.ports)), pin!(world.clock.sleep(5_000)));
        let Either::Right(_) = world.clock.run(select(work, crash)) else { panic!("it was answered") };
    }
    world.restart(usize::MAX, false);
    world.take(&ids(2, 3));
    world.settle(60_000);
    assert_eq!(world.states(&ids(0, 3)), ["unknown", "unknown", "accepted"]);
    assert_eq!(world.status("W-0").code.as_deref(), Some("interrupted"));
    assert_eq!(world.at_api("W-0")[0].transaction_id, world.status("W-0").transaction_ids[0]);
}

#[test]
fn a_turn_of_work_that_is_given_up_leaves_doubt_to_the_same_instance_too() {
    use futures_util::future::{Either, select};
    use pb_fulfillment::ports::Clock;
    use std::pin::pin;
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "none", "latencyMs": 20_000 }] }));
    world.take(&ids(0, 2));
    world.wait(1_000);
    {
        let (work, crash) = (pin!(world.outbox.work(&world.ports)), pin!(world.clock.sleep(5_000)));
        let Either::Right(_) = world.clock.run(select(work, crash)) else { panic!("it was answered") };
    }
    world.settle(600_000);
    assert_eq!(world.states(&ids(0, 2)), ["unknown", "unknown"]);
    assert_eq!(world.line.times().len(), 1);
}

#[test]
fn what_cannot_be_read_stops_the_outbox_and_loses_nothing() {
    let world = World::default();
    world.take(&ids(0, 1));
    let rows = world.table.rows();
    for (key, value) in rows.iter().filter(|(key, _)| key.starts_with('b') || key == "m") {
        use pb_fulfillment::ports::{Table, Wake, Write};
        let mut world = World::default();
        world.take(&ids(0, 1));
        let put = |bytes: &[u8]| {
            let write = Write::Put(key.clone(), bytes.to_vec());
            world.clock.run(world.table.commit(vec![write], Wake::At(0))).unwrap();
        };
        put(b"{}");
        let alarm = world.table.alarm();
        assert!(alarm.is_some());
        world.restart(usize::MAX, false);
        assert!(world.ring(2_000).is_err() || world.line.times().is_empty());
        world.clock.run(world.table.commit(vec![Write::Put(key.clone(), value.clone())], Wake::At(0))).unwrap();
        world.restart(usize::MAX, false);
        world.settle(60_000);
        assert_eq!(world.states(&ids(0, 1)), ["accepted"]);
    }
}

#[test]
fn a_process_that_dies_over_each_call_waits_longer_each_time() {
    use futures_util::future::{Either, select};
    use pb_fulfillment::ports::Clock;
    use std::pin::pin;
    let mut world = World::new(|options| options.on_ambiguous = OnAmbiguous::Resend);
    let slow = json!({ "fault": "none", "latencyMs": 20_000 });
    world.faults(&json!({ "random": { "probability": 1, "faults": [slow] } }));
    world.take(&ids(0, 1));
    for _ in 0..8 {
        while world.status("W-0").state.name() != "sending" {
            let at_ms = world.table.alarm().unwrap();
            world.wait(at_ms.saturating_sub(world.clock.now_ms()));
            let (work, crash) = (pin!(world.outbox.work(&world.ports)), pin!(world.clock.sleep(500)));
            if let Either::Left((worked, _)) = world.clock.run(select(work, crash)) {
                worked.unwrap();
            } else {
                break;
            }
        }
        world.restart(usize::MAX, false);
    }
    let times = world.line.times();
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.len() >= 6 && waits.last() > Some(&16_000), "{waits:?}");
}
