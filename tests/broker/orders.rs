//! The body: its size, its orders, whose they are, and whether they may be sent.

use super::*;
use crate::harness::{BULK, ORIGIN, Pieces, World, page_headers};
use pb_fulfillment::{
    broker::{BodyError, Disapproval},
    emulator::EmulatorOptions,
    validate::Code,
};
use std::{cell::Cell, collections::VecDeque, rc::Rc};

#[test]
fn the_bytes_that_were_checked_are_the_bytes_that_are_sent() {
    let world = World::default();
    let text = format!("\n{{ \"orders\" :\t[ {} ]\r\n}} ", serde_json::to_string_pretty(&order("a")).unwrap());
    let answer = world.bulk(text.as_bytes());
    assert_eq!(answer.status, 200);
    let sent = world.line.sent_to("/shippingservices/fulfillment/v1/orders/bulk");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].body, text.as_bytes());
    let stored = world.api.orders();
    let expected = json!({ "orders": [{ "clientId": "1234", "clientOrderId": "a", "orderId": stored[0].order_id, "status": "RECEIVED" }] });
    assert_eq!(value(&answer), expected);
    assert_eq!(answer.headers.get("Content-Type"), Some("application/json"));
    let asked = &world.ports.hooks.asked.borrow()[1];
    assert_eq!(*asked, format!("session-1 {}", String::from_utf8_lossy(&stored[0].bytes)));
}

#[test]
fn nothing_of_the_callers_header_fields_reaches_the_api() {
    let world = World::default();
    let headers =
        page_headers().with("X-Forwarded-For", "1.2.3.4").with("X-PB-TransactionId", "mine").with("Referer", "r");
    let answer = world.clock.run(world.ask("POST", BULK, &headers, pieces(&[&body(&["a"])]).0));
    assert_eq!(answer.status, 200);
    for request in world.line.sent.borrow().iter() {
        let names: Vec<_> = request.headers.iter().map(|(name, _)| name).collect();
        let expected: &[_] = if request.url.ends_with("/oauth/token") {
            &["Authorization", "Content-Type", "Accept"]
        } else {
            &["Authorization", "X-PB-TransactionId", "Content-Type", "X-PB-UnifiedErrorStructure", "Accept"]
        };
        assert_eq!(names, expected);
        assert!(!request.headers.iter().any(|(_, value)| value.contains("own-session") || value == "mine"));
    }
    assert!(world.line.sent.borrow()[0].url.starts_with("https://shipping-api-sandbox.pitneybowes.com/oauth/token"));
    let id = answer.headers.get("X-PB-TransactionId").unwrap().to_owned();
    assert_eq!(world.api.orders()[0].transaction_id, id);
    assert_eq!(id.len(), 25);
}

fn pieces(chunks: &[&[u8]]) -> (Pieces, Rc<Cell<usize>>) {
    let reads = Rc::new(Cell::new(0));
    (Pieces(chunks.iter().map(|chunk| Ok(chunk.to_vec())).collect(), reads.clone()), reads)
}

#[test]
fn a_body_beyond_the_limit_is_refused_before_and_while_it_is_read() {
    let whole = body(&["a"]);
    let world = World::new(|options| options.limits.max_body_bytes = whole.len(), EmulatorOptions::default());
    let ask = |length: Option<&str>, chunks: &[&[u8]]| {
        let headers = length.map_or(page_headers(), |length| page_headers().with("Content-Length", length));
        let (source, reads) = pieces(chunks);
        (world.call("POST", BULK, &headers, source), reads.get())
    };
    let (first, second) = whole.split_at(100);
    assert_eq!(ask(None, &[first, b"", second]).0.status, 200);
    assert_eq!(ask(Some(&whole.len().to_string()), &[&whole]).0.status, 200);
    assert_eq!(ask(Some("what"), &[&whole]).0.status, 200, "a length that cannot be read does not matter");

    for length in [(whole.len() + 1).to_string(), "99999999999999999999999999".into()] {
        let (answer, reads) = ask(Some(&length), &[&whole]);
        problem(&answer, 413, "too_large");
        assert_eq!(reads, 0);
    }
    let (answer, reads) = ask(Some("10"), &[first, second, b" ", b"never read"]);
    problem(&answer, 413, "too_large");
    assert_eq!(reads, 3);
    assert_eq!(world.line.bulk_calls(), 3);
}

#[test]
fn a_body_that_ends_early_is_not_sent() {
    let world = World::default();
    let source = Pieces(VecDeque::from([Ok(body(&["a"])), Err(BodyError)]), Rc::default());
    problem(&world.call("POST", BULK, &page_headers(), source), 400, "malformed");
    assert_eq!((world.last_log().failed, world.line.sent.borrow().len()), ("body", 0));
}

#[test]
fn what_is_no_json_is_malformed() {
    let world = World::default();
    for text in [&b""[..], b"{", b"{\"orders\":[}", b"\xff", b"{} {}"] {
        let answer = world.bulk(text);
        let value = problem(&answer, 400, "malformed");
        assert_eq!(value["errors"].as_array().unwrap().len(), 1);
    }
    problem(&world.bulk("[".repeat(10_000).as_bytes()), 400, "malformed");
    assert_eq!(world.line.sent.borrow().len(), 0);
}

#[test]
fn what_is_no_list_of_orders_is_invalid() {
    let world = World::default();
    let bare_array = format!("[{}]", order("a"));
    for text in ["null", "7", "[]", "{}", "{\"orders\":{}}", &bare_array, &order("a").to_string()] {
        problem(&world.bulk(text.as_bytes()), 422, "invalid");
    }
    assert_eq!(world.line.sent.borrow().len(), 0);
}

#[test]
fn every_error_of_every_order_is_named() {
    let world = World::default();
    let mut orders = json!([order("a"), order("b"), order("c")]);
    orders[1].as_object_mut().unwrap().remove("createDate");
    orders[2]["toAddress"]["countryCode"] = "USA".into();
    orders[2]["clientOrderId"] = "x".repeat(51).into();
    let answer = world.bulk(json!({ "orders": orders }).to_string().as_bytes());
    let value = problem(&answer, 422, "invalid");
    assert_eq!(
        pointers(&value),
        ["/orders/1/createDate", "/orders/2/clientOrderId", "/orders/2/toAddress/countryCode"]
    );
    assert!(value["errors"].as_array().unwrap().iter().all(|error| error["code"].is_string()));
    assert_eq!(world.line.sent.borrow().len(), 0);
}

#[test]
fn warnings_do_not_keep_orders_back_unless_set_to_errors() {
    let mut doubtful = order("a");
    doubtful["toAddress"]["postalCode"] = "ABC".into();
    let text = json!({ "orders": [doubtful] }).to_string();
    assert_eq!(World::default().bulk(text.as_bytes()).status, 200);
    let strict = World::new(
        |options| options.severity = vec![(Code::PostalCode, Some(pb_fulfillment::validate::Severity::Error))],
        EmulatorOptions::default(),
    );
    problem(&strict.bulk(text.as_bytes()), 422, "invalid");
}

#[test]
fn two_hundred_orders_are_taken_and_no_more() {
    let world = World::default();
    let ids: Vec<String> = (0..201).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    problem(&world.bulk(&body(&ids)), 422, "invalid");
    assert_eq!(world.line.sent.borrow().len(), 0);
    assert_eq!(world.bulk(&body(&ids[..200])).status, 200);
    assert_eq!(world.api.orders().len(), 200);
}

#[test]
fn orders_of_another_client_are_refused_by_name() {
    let world = World::default();
    let mut orders = json!([order("a"), order("b"), order("c")]);
    orders[1]["clientId"] = "9999".into();
    orders[2]["clientId"] = "12345".into();
    let answer = world.bulk(json!({ "orders": orders }).to_string().as_bytes());
    let value = problem(&answer, 403, "forbidden_client");
    assert_eq!(pointers(&value), ["/orders/1/clientId", "/orders/2/clientId"]);
    assert_eq!((value["processed"].as_str(), world.line.sent.borrow().len()), (Some("no"), 0));
    assert_eq!(world.ports.hooks.asked.borrow().len(), 1, "the merchant is not asked about orders of others");
}

#[test]
fn orders_that_the_merchant_does_not_approve_are_refused_by_name() {
    let world = World::default();
    let refuse = |index, detail: Option<&str>| Disapproval { index, detail: detail.map(str::to_owned) };
    *world.ports.hooks.refused.borrow_mut() = Ok(vec![refuse(1, Some("This checkout is not paid.")), refuse(2, None)]);
    let answer = world.bulk(&body(&["a", "b", "c"]));
    let value = problem(&answer, 403, "not_approved");
    assert_eq!(pointers(&value), ["/orders/1", "/orders/2"]);
    assert_eq!(value["errors"][0]["detail"], "This checkout is not paid.");
    assert_eq!(world.line.sent.borrow().len(), 0);

    *world.ports.hooks.refused.borrow_mut() = Ok(vec![refuse(3, None)]);
    problem(&world.bulk(&body(&["a", "b", "c"])), 500, "hook_failed");
    assert_eq!(world.line.sent.borrow().len(), 0);
}

#[test]
fn the_log_holds_numbers_and_names_of_the_brokers_own() {
    let world = World::default();
    let answer = world.bulk(&body(&["a", "b"]));
    let record = world.last_log();
    assert_eq!(Some(record.request_id.as_str()), answer.headers.get("X-Request-Id"));
    assert_eq!((record.method, record.route, record.status, record.code), ("POST", "/v1/orders/bulk", 200, None));
    assert_eq!((record.orders, record.sent, record.body_bytes), (2, 2, body(&["a", "b"]).len()));
    assert_eq!((record.upstream_status, record.transaction_ids.len()), (Some(200), 1));

    world.call("BREW me a coffee", "/api/v1/orders/bulk?token=abc", &page_headers(), pieces(&[b"text"]).0);
    let record = world.last_log();
    assert_eq!((record.method, record.route, record.status), ("OTHER", "", 404));
    let shown = format!("{:?}", world.ports.log.0.borrow());
    for text in ["coffee", "token=abc", "Opelika", "own-session", ORIGIN, "batch-1"] {
        assert!(!shown.contains(text), "{text} in {shown}");
    }
}
