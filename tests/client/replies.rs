//! Replies of the API and refusals of the broker, order by order.

use crate::{
    bench::*,
    support::broker::{Step, problem},
};
use pb_fulfillment::wire::{Problem, ProblemCode};
use serde_json::{Value, json};

#[test]
fn a_reply_may_be_shuffled_and_have_entries_of_others() {
    let shuffle = |entries: &mut Vec<Value>| {
        entries.reverse();
        entries.insert(1, json!({"clientId": "9", "clientOrderId": "o0", "orderId": "ORA9"}));
        entries.push(entries[0].clone());
    };
    let bench = Bench::new([Step::Altered(shuffle)]);
    let submission = bench.submit(&numbered(5));
    assert_eq!(submission.counts.accepted, 5);
    for result in submission.results {
        assert_eq!(bench.broker.stored()[&result.client_order_id.unwrap()], [result.order_id.unwrap()]);
    }
}

#[test]
fn entries_that_are_missing_unreadable_or_contradictory_leave_their_orders_unknown() {
    let spoil = |entries: &mut Vec<Value>| {
        let mut other = entries[3].clone();
        other["orderId"] = "ORA-other".into();
        entries.push(other);
        entries[2]["orderId"] = Value::Null;
        entries[4]["orderId"] = entries[0]["orderId"].clone();
        entries.remove(1);
    };
    let bench = Bench::new([Step::Altered(spoil)]);
    let submission = bench.submit(&numbered(6));
    assert_eq!(outcomes(&submission), ["unknown", "unknown", "unknown", "unknown", "unknown", "accepted"]);
    assert_eq!(
        codes(&submission),
        [
            "contradictory_reply",
            "missing_in_reply",
            "unreadable_in_reply",
            "contradictory_reply",
            "contradictory_reply",
            ""
        ]
    );
    assert_eq!(bench.calls().len(), 1);
}

#[test]
fn orders_that_the_reply_refuses_are_rejected_with_its_reasons() {
    let bench = Bench::new([Step::Refuse(vec![1])]);
    let submission = bench.submit(&numbered(3));
    assert_eq!(outcomes(&submission), ["accepted", "rejected", "accepted"]);
    let error = submission.results[1].error.as_ref().unwrap();
    assert_eq!(error.errors[0].error_code.as_deref(), Some("8000001"));
    assert!(error.message.contains("no such sku (8000001)"), "{}", error.message);
}

#[test]
fn a_request_that_the_api_refuses_rejects_all_its_orders() {
    let refused = Problem::new(ProblemCode::UpstreamRefused).upstream(400, vec![]);
    let bench = Bench::new([Step::Answer(problem(&refused))]);
    let submission = bench.submit(&numbered(2));
    assert_eq!(outcomes(&submission), ["rejected", "rejected"]);
    let other = Problem { status: 502, ..Problem::new(ProblemCode::UpstreamRefused).upstream(409, vec![]) };
    check(&Bench::new([Step::Answer(problem(&other))]), "failed", "upstream_refused", 1);
}

#[test]
fn orders_that_are_not_approved_end_and_the_others_are_sent_again() {
    let refusal = Problem::new(ProblemCode::NotApproved).errors(vec![at("/orders/1", None), at("/orders/9", None)]);
    let bench = Bench::new([Step::Answer(problem(&refusal))]);
    let submission = bench.submit(&numbered(3));
    assert_eq!(outcomes(&submission), ["accepted", "failed", "accepted"]);
    assert_eq!(codes(&submission), ["", "not_approved", ""]);
    assert_eq!(submission.results[1].error.as_ref().unwrap().message, "because.");
    let calls = bench.calls();
    assert_eq!(calls[1].ids, ["o0", "o2"]);
    assert_ne!(key(&calls[0]), key(&calls[1]), "other bytes, other key");
    assert_eq!(submission.results.iter().map(|result| result.attempts).collect::<Vec<_>>(), [2, 1, 2]);
}

#[test]
fn the_others_are_sent_again_only_once() {
    let refusal = Problem::new(ProblemCode::ForbiddenClient).errors(vec![at("/orders/0/clientId", None)]);
    let bench = Bench::new(vec![Step::Answer(problem(&refusal)); 9]);
    let submission = bench.submit(&numbered(4));
    assert_eq!(outcomes(&submission), ["failed"; 4]);
    assert_eq!(bench.calls().len(), 2);
    check(&Bench::new([Step::Answer(problem(&refusal))]), "failed", "forbidden_client", 1);
    // Nor if the problem names no order of the request.
    let elsewhere = Problem::new(ProblemCode::NotApproved).errors(vec![at("/orders/1", None), at("/other", None)]);
    check(&Bench::new([Step::Answer(problem(&elsewhere))]), "failed", "not_approved", 1);
}

#[test]
fn orders_that_the_broker_finds_invalid_have_its_issues_at_their_place_in_the_input() {
    let errors = vec![at("/orders/0/toAddress/name", Some("too_long")), at("/orders/0/a~1b", Some("later_rule"))];
    let refusal = Problem::new(ProblemCode::Invalid).errors(errors);
    let bench = Bench::new([Step::Answer(problem(&refusal))]).skip();
    let submission = bench.submit(&[broken(), order("a"), order("b")]);
    assert_eq!(outcomes(&submission), ["invalid", "invalid", "accepted"]);
    let issues = serde_json::to_value(&submission.results[1].issues).unwrap();
    assert_eq!(issues.as_array().unwrap().len(), 1);
    assert_eq!(issues[0]["path"], json!(["orders", 1, "toAddress", "name"]));
    assert_eq!(issues[0]["pointer"], "/orders/1/toAddress/name");
    assert_eq!(submission.results[1].error.as_ref().unwrap().message, "because. because.");
    // A problem that names no order is about all of them.
    check(&Bench::new([answer(ProblemCode::Invalid)]), "failed", "invalid", 1);
}
