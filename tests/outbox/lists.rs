//! Dead letters and unknown orders: looked at, mended, sent again, dismissed.

use crate::world::*;
use pb_fulfillment::outbox::{Letter, List};
use serde_json::{Value, json};

impl World {
    fn letters(&self, list: List) -> Vec<Letter> {
        self.clock.run(self.outbox.list(list, 0, 100)).unwrap().letters
    }

    fn resend(&self, id: &str, mended: Option<&Value>) -> Result<u64, &'static str> {
        let mended = mended.map(|order| serde_json::to_vec_pretty(order).unwrap());
        let resent = self.clock.run(self.outbox.resend("1234", id, mended.as_deref()));
        resent.map(|record| record.number).map_err(|refusal| code(&refusal))
    }
}

/// A world in which the API has refused W-1 and the answer about W-2 got lost.
fn with_letters() -> World {
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "clientOrderIds": ["W-1"] }, "cut_after"] }));
    world.take(&ids(0, 2));
    world.settle(10_000);
    world.take(&ids(2, 3));
    world.settle(10_000);
    assert_eq!(world.states(&ids(0, 3)), ["accepted", "rejected", "unknown"]);
    world
}

#[test]
fn each_list_shows_its_orders_with_their_bytes() {
    let world = with_letters();
    for (list, id) in [(List::DeadLetters, "W-1"), (List::Unknown, "W-2")] {
        let letters = world.letters(list);
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].record, world.status(id));
        let shown: Value = serde_json::from_slice(letters[0].order.as_ref().unwrap()).unwrap();
        assert_eq!(shown, order(id));
    }
}

#[test]
fn a_list_is_read_page_by_page() {
    let world = World::default();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "every": 1 }] }));
    world.take(&ids(0, 5));
    world.settle(10_000);
    let page = |after| {
        let letters = world.clock.run(world.outbox.list(List::DeadLetters, after, 2)).unwrap().letters;
        letters.iter().map(|letter| letter.record.number).collect::<Vec<_>>()
    };
    assert_eq!([page(0), page(2), page(4), page(5)], [vec![1, 2], vec![3, 4], vec![5], vec![]]);
}

#[test]
fn a_dead_letter_is_sent_again_as_it_was() {
    let world = with_letters();
    assert_eq!(world.resend("W-1", None), Ok(4));
    assert_eq!(world.resend("W-1", None), Err("not_on_list"), "it is on its way");
    world.settle(10_000);
    assert_eq!(world.status("W-1").state.name(), "accepted");
    assert!(world.letters(List::DeadLetters).is_empty());
    assert_eq!(world.at_api("W-1").len(), 1);
}

#[test]
fn a_mended_order_is_validated_and_takes_the_place_of_the_dead_letter() {
    let world = with_letters();
    let mut mended = order("W-1");
    mended["toAddress"]["countryCode"] = json!("");
    assert_eq!(world.resend("W-1", Some(&mended)), Err("invalid"));
    assert_eq!(world.resend("W-1", Some(&order("W-9"))), Err("order_mismatch"));
    assert_eq!(world.resend("W-9", Some(&order("W-9"))), Err("no_such_order"));
    assert_eq!(world.resend("W-0", None), Err("not_on_list"));
    mended["toAddress"]["countryCode"] = json!("US");
    mended["remarks"] = json!("mended");
    assert_eq!(world.resend("W-1", Some(&mended)), Ok(4));
    world.settle(10_000);
    let [stored] = &world.at_api("W-1")[..] else { panic!("once") };
    assert_eq!(serde_json::from_slice::<Value>(&stored.bytes).unwrap(), mended);
}

#[test]
fn a_mended_version_that_is_enqueued_takes_the_place_of_the_dead_letter_too() {
    let world = with_letters();
    let mut mended = order("W-1");
    mended["remarks"] = json!("mended");
    let receipts = world.enqueue(&body(std::slice::from_ref(&mended))).unwrap();
    assert!(!receipts[0].repeated);
    assert!(world.letters(List::DeadLetters).is_empty());
    world.settle(10_000);
    assert_eq!(world.states(&ids(1, 2)), ["accepted"]);
    let mut unknown = order("W-2");
    unknown["remarks"] = json!("mended");
    assert_eq!(code(&world.enqueue(&body(&[unknown])).unwrap_err()), "order_conflict", "that one may be there already");
}

#[test]
fn an_unknown_order_that_is_sent_again_and_refused_stays_unknown() {
    let world = with_letters();
    world.faults(&json!({ "script": [{ "fault": "refuse_orders", "every": 1 }] }));
    world.resend("W-2", None).unwrap();
    world.settle(10_000);
    assert_eq!(world.status("W-2").state.name(), "unknown");
    assert_eq!(world.letters(List::Unknown).len(), 1);
    assert_eq!(world.at_api("W-2").len(), 1);
}

#[test]
fn what_is_dismissed_is_off_its_list_and_keeps_its_outcome() {
    let world = with_letters();
    let dismiss = |id| world.clock.run(world.outbox.dismiss("1234", id)).map_err(|refusal| code(&refusal)).map(|_| ());
    assert_eq!(dismiss("W-1"), Ok(()));
    assert_eq!(dismiss("W-1"), Err("not_on_list"));
    assert_eq!(dismiss("W-9"), Err("no_such_order"));
    assert!(world.letters(List::DeadLetters).is_empty());
    assert_eq!(world.status("W-1").state.name(), "rejected");
    assert_eq!(world.resend("W-1", None), Err("not_on_list"));
}
