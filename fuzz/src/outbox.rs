//! Whatever is asked of an outbox, whatever the API answers and whenever it dies: what it has given a receipt for ends, once, and
//! what it says of an order is true. A table that holds nonsense is an error and no panic.
//!
//! The input is a list of things that happen, one a line; a line that is none is passed over.

use crate::world::{World, body, order};
use pb_fulfillment::{
    outbox::{List, OrderState},
    ports::{Clock, Table, Wake, Write},
    wire::OnAmbiguous,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// More lines are not looked at: each may cost hours of virtual time.
const MOST_LINES: usize = 60;
const HOUR_MS: u64 = 3_600_000;

/// What the callers of the outbox know.
#[derive(Default)]
struct Known {
    /// The ids that have a receipt.
    receipts: BTreeSet<String>,
    /// How often an order was sent anew of which nobody knew what had become of it.
    anew: BTreeMap<String, usize>,
    /// Whether somebody else wrote into the table.
    spoiled: bool,
}

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let on_ambiguous = if text.starts_with("resend\n") { OnAmbiguous::Resend } else { OnAmbiguous::Report };
    let mut world = World::new(|options| {
        options.on_ambiguous = on_ambiguous;
        options.give_up_after_ms = HOUR_MS / 4;
        options.purge_after_ms = 100 * HOUR_MS;
    });
    let mut known = Known::default();
    for line in text.lines().take(MOST_LINES) {
        happens(&mut world, &mut known, line);
    }
    world.faults(&json!({}));
    world.line.guilty.borrow_mut().clear();
    world.restart(usize::MAX, false);
    if known.spoiled {
        for _ in 0..50 {
            drop(world.ring(HOUR_MS));
        }
        return;
    }
    world.settle(3 * HOUR_MS);
    is_true(&world, &known, on_ambiguous);
}

fn happens(world: &mut World, known: &mut Known, line: &str) {
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let (what, rest): (&str, Vec<&str>) = (words.next().unwrap_or_default(), words.take(9).collect());
    let number = rest.first().and_then(|word| word.parse::<u64>().ok()).unwrap_or(1);
    let id = *rest.first().unwrap_or(&"a");
    let clock = world.clock.clone();
    match what {
        "enqueue" => {
            let orders: Vec<Value> = rest.iter().map(|id| variant(id)).collect();
            let receipts = world.enqueue(&body(&orders)).unwrap_or_default();
            known.receipts.extend(receipts.into_iter().map(|receipt| receipt.client_order_id));
        }
        "raw" => {
            let receipts = world.enqueue(rest.join(" ").as_bytes()).unwrap_or_default();
            assert!(receipts.is_empty(), "what was no order has a receipt");
        }
        "ring" => drop(world.ring(HOUR_MS)),
        "wait" => world.wait(number.min(HOUR_MS)),
        "die" => world.restart(usize::try_from(number % 64).unwrap(), rest.len() > 1),
        "restart" => world.restart(usize::MAX, false),
        "guilty" => drop(world.line.guilty.borrow_mut().insert(id.to_owned())),
        "fault" => {
            let plan = json!({ "script": rest });
            if pb_fulfillment::emulator::FaultPlan::from_json(plan.to_string().as_bytes()).is_ok() {
                world.faults(&plan);
            }
        }
        "deaf" => world.ear.fails.set(usize::try_from(number % 4).unwrap()),
        "slow" => world.ear.takes_ms.set(number % 40_000),
        "leaseless" => world.keeper.leases_fail.set(!world.keeper.leases_fail.get()),
        "resend" | "mend" => {
            let mended = (what == "mend").then(|| variant(&format!("{id}!")).to_string());
            let id = id.trim_end_matches('!');
            let before = clock.run(world.outbox.status("1234", id));
            let unknown = before.is_ok_and(|record| record.is_some_and(|record| record.state == OrderState::Unknown));
            // One whose answer is lost may have been sent anew all the same.
            drop(clock.run(world.outbox.resend("1234", id, mended.as_deref().map(str::as_bytes))));
            if unknown {
                *known.anew.entry(id.to_owned()).or_default() += 1;
            }
        }
        "dismiss" => drop(clock.run(world.outbox.dismiss("1234", id))),
        "list" => {
            let list = if rest.is_empty() { List::DeadLetters } else { List::Unknown };
            for letter in clock.run(world.outbox.list(list, 0, 200)).map(|page| page.letters).unwrap_or_default() {
                assert!(letter.record.listed && letter.record.state.has_ended());
            }
        }
        "row" if rest.len() > 1 => {
            let write = Write::Put(rest[0].to_owned(), rest[1..].join(" ").into_bytes());
            clock.run(world.table.commit(vec![write], Wake::At(world.clock.now_ms()))).unwrap();
            world.restart(usize::MAX, false);
            known.spoiled = true;
        }
        _ => {}
    }
}

/// An order of that id; with an exclamation mark behind it, other bytes under the same id.
fn variant(id: &str) -> Value {
    let mut order = order(id.trim_end_matches('!'));
    if id.ends_with('!') {
        order["toAddress"]["name"] = "Somebody else".into();
    }
    order
}

fn is_true(world: &World, known: &Known, on_ambiguous: OnAmbiguous) {
    for id in &known.receipts {
        let record = world.status(id);
        let there = world.at_api(id);
        assert!(record.state.has_ended(), "{id} never ends: {record:?}");
        match record.state {
            OrderState::Accepted => {
                let its = there.iter().find(|order| Some(&order.order_id) == record.order_id.as_ref());
                let bytes = &its.expect("an accepted order is not there").bytes;
                assert!([id.clone(), format!("{id}!")].iter().any(|id| same(bytes, &variant(id))));
            }
            OrderState::Rejected | OrderState::Dead => assert!(there.is_empty(), "{id} is there: {record:?}"),
            _ => {}
        }
        if on_ambiguous == OnAmbiguous::Report {
            let anew = known.anew.get(id).copied().unwrap_or_default();
            assert!(there.len() <= 1 + anew, "{id} is there {} times", there.len());
        }
    }
    let mut told = BTreeMap::new();
    for outcome in world.ear.heard.borrow().iter() {
        let essence = (outcome.id.clone(), outcome.outcome, outcome.order_id.clone(), outcome.ended_at);
        let before = told.insert(outcome.number, essence.clone());
        assert!(before.is_none_or(|before| before == essence), "an order ends in two ways");
    }
}

fn same(bytes: &[u8], order: &Value) -> bool {
    serde_json::from_slice::<Value>(bytes).is_ok_and(|found| &found == order)
}
