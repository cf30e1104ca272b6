//! Parts of a stream: what is told of them is told of the whole.

use crate::{
    bench::*,
    support::broker::{Step, problem},
};
use pb_fulfillment::wire::{Problem, ProblemCode};
use serde_json::{Value, json};

#[test]
fn indices_and_keys_of_parts_are_those_of_the_whole() {
    let bench = Bench::new([]).skip();
    let mut orders = numbered(5);
    orders[3] = broken();
    let parts = bench.submit_parts(json!(orders).to_string().as_bytes(), 2);
    let results: Vec<_> = parts.iter().flat_map(|part| &part.results).collect();
    assert_eq!(results.iter().map(|result| result.order_index).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(
        parts.iter().flat_map(outcomes).collect::<Vec<_>>().join(" "),
        "accepted accepted accepted invalid accepted"
    );
    assert_eq!(results[3].issues[0].pointer, "/3/orderLines");
    assert_eq!(bench.calls().iter().map(key).collect::<Vec<_>>(), ["s.1", "s.3", "s.5"]);
    let told: Vec<_> = bench.log.results.borrow().iter().map(|result| result.order_index).collect();
    assert_eq!(told, [0, 1, 3, 2, 4], "what is invalid is known first");
    let events = bench.log.events.borrow();
    let of = |kind: &str, name: &str| -> Vec<Value> {
        events.iter().filter(|event| event["type"] == kind).map(|event| event[name].clone()).collect()
    };
    assert_eq!(of("plan", "firstOrder"), [0, 2, 4]);
    assert_eq!(of("request", "orders"), [json!([0, 1]), json!([2]), json!([4])]);
}

#[test]
fn what_the_broker_finds_in_an_order_of_a_part_is_at_its_place_in_the_whole() {
    let refusal = || Problem::new(ProblemCode::Invalid).errors(vec![at("/orders/0/toAddress/name", Some("too_long"))]);
    let orders = numbered(3);
    for (input, path) in [
        (json!(orders).to_string(), json!([2, "toAddress", "name"])),
        (json!({"orders": orders}).to_string(), json!(["orders", 2, "toAddress", "name"])),
        (orders.iter().map(Value::to_string).collect(), json!([2, "toAddress", "name"])),
    ] {
        let bench = Bench::new([Step::Accept, Step::Answer(problem(&refusal()))]).skip();
        let parts = bench.submit_parts(input.as_bytes(), 2);
        let issue = serde_json::to_value(&parts[1].results[0].issues[0]).unwrap();
        assert_eq!((&issue["path"], &issue["orderIndex"]), (&path, &json!(2)));
    }
}
