//! Orders stay with the API that they were stored for.

use crate::world::*;
use pb_fulfillment::{
    broker::Upstream,
    outbox::{List, Reason},
};
use serde_json::json;

/// The origins that bulk requests went to.
fn origins(world: &World) -> Vec<String> {
    let sent = world.line.sent.borrow();
    sent.iter().map(|(_, request)| request.url.split("/v1/").next().unwrap().to_owned()).collect()
}

fn switch(world: &mut World, upstream: Upstream) {
    world.options.upstream = upstream;
    world.restart(usize::MAX, false);
}

#[test]
fn orders_for_the_sandbox_never_go_to_production() {
    let mut world = World::default();
    world.take(&ids(0, 450));
    switch(&mut world, Upstream::Production);
    let receipts = world.take(&ids(450, 460));
    world.settle(60_000);
    assert_eq!(world.line.batches().concat(), ids(450, 460), "only what was stored since has left");
    assert!(origins(&world).iter().all(|origin| origin.contains("api.pitneybowes.com")), "{:?}", origins(&world));
    assert!(world.states(&ids(0, 450)).iter().all(|state| *state == "dead"));
    let record = world.status("W-0");
    assert_eq!(record.code.as_deref(), Some(Reason::UpstreamChanged.name()));
    assert_eq!((record.attempts, record.listed), (0, true));
    let heard = world.ear.heard.borrow();
    assert_eq!(heard.iter().filter(|outcome| outcome.code.as_deref() == Some("upstream_changed")).count(), 450);
    assert!(receipts.iter().all(|receipt| !receipt.repeated));
}

#[test]
fn what_was_in_doubt_at_the_other_api_ends_as_unknown() {
    let mut world = World::default();
    // A 500 is sent again, and leaves a doubt.
    world.faults(&json!({ "random": { "probability": 1, "faults": ["server_error"] } }));
    world.take(&ids(0, 3));
    while world.line.times().is_empty() {
        world.ring(5_000).unwrap();
    }
    let calls = world.line.times().len();
    assert_eq!(world.states(&ids(0, 3)), ["pending"; 3]);
    switch(&mut world, Upstream::Production);
    world.settle(4_000_000);
    assert_eq!(world.line.times().len(), calls);
    assert_eq!(world.states(&ids(0, 3)), ["unknown"; 3]);
    assert_eq!(world.clock.run(world.outbox.list(List::Unknown, 0, 10)).unwrap().letters.len(), 3);
    assert_eq!(world.status("W-0").code.as_deref(), Some("upstream_changed"));
}

#[test]
fn an_order_of_the_other_api_can_be_sent_anew_to_this_one() {
    let mut world = World::default();
    world.take(&ids(0, 1));
    switch(&mut world, Upstream::Production);
    world.settle(60_000);
    world.clock.run(world.outbox.resend("1234", "W-0", None)).unwrap();
    world.settle(60_000);
    assert_eq!(origins(&world).len(), 1);
    // Back and forth changes nothing for those that have ended.
    switch(&mut world, Upstream::Sandbox);
    world.settle(60_000);
    assert_eq!(world.ear.heard.borrow().len(), 2);
}

#[test]
fn a_restart_with_the_same_api_ends_nothing() {
    let mut world = World::default();
    world.take(&ids(0, 3));
    world.restart(usize::MAX, false);
    world.settle(60_000);
    assert_eq!(world.states(&ids(0, 3)), ["accepted"; 3]);
}
