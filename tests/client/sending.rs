//! What is sent, and what is not.

use crate::{bench::*, support::broker::Step};
use pb_fulfillment::client::ErrorCode;
use serde_json::json;
use std::{collections::BTreeSet, future::pending};

#[test]
fn a_request_is_what_the_broker_demands() {
    let bench = Bench::new([]).with(|options| {
        options.headers.set("Authorization", "Session 1");
        options.headers.set("x-pb-fulfillment-client", "forged");
    });
    let orders = numbered(2);
    bench.submit(&orders);
    let call = &bench.calls()[0];
    assert_eq!(call.url, "https://shop.example/api/v1/orders/bulk");
    let header = |name| call.headers.get(name);
    assert_eq!(header("Content-Type"), Some("application/json"));
    assert_eq!(header("X-PB-Fulfillment-Client"), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(header("Idempotency-Key"), Some("\"s.1\""));
    assert_eq!(header("Authorization"), Some("Session 1"));
    assert_eq!(call.body, json!({"orders": orders}).to_string().into_bytes());
}

#[test]
fn every_order_is_accepted_once_in_input_order() {
    let bench = Bench::new([]);
    let submission = bench.submit(&numbered(830));
    assert_eq!(submission.counts.accepted, 830);
    assert_eq!(bench.calls().iter().map(|call| call.ids.len()).collect::<Vec<_>>(), [200, 200, 200, 200, 30]);
    assert_eq!(bench.broker.most_in_flight(), 3);
    let stored = bench.broker.stored();
    for result in &submission.results {
        assert_eq!(stored[result.client_order_id.as_ref().unwrap()], [result.order_id.clone().unwrap()]);
        assert_eq!((result.status.as_deref(), result.attempts), (Some("RECEIVED"), 1));
        assert_eq!(result.transaction_ids.len(), 1);
    }
}

#[test]
fn zero_orders_make_no_request() {
    let bench = Bench::new([]);
    let submission = bench.try_submit(b"[]", pending()).unwrap();
    assert!(submission.results.is_empty() && bench.calls().is_empty());
}

#[test]
fn the_second_order_of_the_same_id_goes_after_the_first_has_ended() {
    let bench = Bench::new([Step::Slow(5000)]);
    let orders = [order("a"), order("b"), order("a"), order("a")];
    let submission = bench.submit(&orders);
    assert_eq!(submission.counts.accepted, 4);
    let calls = bench.calls();
    assert_eq!(calls.iter().map(|call| call.ids.join("")).collect::<Vec<_>>(), ["ab", "a", "a"]);
    assert!(calls[1].at_ms >= 5000 && calls[2].at_ms > calls[1].at_ms);
    assert_eq!(calls.iter().map(key).collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn a_submission_has_an_id_of_its_own_unless_one_is_given() {
    let mut bench = Bench::new([]);
    bench.submit.submission_id = None;
    let id = bench.submit(&numbered(1)).submission_id;
    assert_eq!(id.len(), 36);
    assert_eq!(key(&bench.calls()[0]), format!("{id}.1"));
    bench.submit.submission_id = Some("a b".into());
    let error = bench.try_submit(b"[]", pending()).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidOptions);
}

#[test]
fn a_client_without_a_usable_base_url_is_refused() {
    for url in ["", "/api", "ftp://shop.example", "https://"] {
        let bench = Bench::new([]).with(|options| options.base_url = url.into());
        let error = bench.try_submit(b"[]", pending()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidOptions);
        assert!(error.message.contains("https://shop.example/api"), "{}", error.message);
    }
}

#[test]
fn if_one_order_has_errors_nothing_is_sent() {
    let bench = Bench::new([]);
    let submission = bench.submit(&[order("a"), broken(), order("b")]);
    assert_eq!(outcomes(&submission), ["failed", "invalid", "failed"]);
    assert_eq!(codes(&submission), ["not_sent", "invalid_order", "not_sent"]);
    assert_eq!(submission.results[1].issues[0].code.name(), "no_order_lines");
    assert!(bench.calls().is_empty());
}

#[test]
fn orders_with_errors_are_skipped_if_that_is_wanted() {
    let bench = Bench::new([]).skip();
    let submission = bench.submit(&[order("a"), broken(), order("b")]);
    assert_eq!(outcomes(&submission), ["accepted", "invalid", "accepted"]);
    assert_eq!(bench.calls()[0].ids, ["a", "b"]);
    let bench = Bench::new([]).skip();
    assert_eq!(outcomes(&bench.submit(&[broken()])), ["invalid"]);
    assert!(bench.calls().is_empty());
}

#[test]
fn an_input_that_is_no_list_of_orders_is_an_error() {
    let bench = Bench::new([]);
    for input in ["", "{", "3", "\"x\"", "{\"orders\":[{}]", "{\"orders\":[],\"orders\":[]}"] {
        let error = bench.try_submit(input.as_bytes(), pending()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInput, "{input}");
    }
    assert!(bench.calls().is_empty());
}
