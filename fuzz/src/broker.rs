//! Whatever a caller sends and the API answers: nothing passes the broker that its contract does not name.
//!
//! The input is a request, and the answers of the API to it.

use crate::{
    harness::{API_KEY, API_SECRET, BULK, ORIGIN, Pieces, World, leaks::Leaks},
    message::Message,
};
use pb_fulfillment::{
    ports::{Request, Response},
    validate::{Options, validate_orders},
    wire::{Problem, Processed, ids},
};
use std::{cell::Cell, rc::Rc};

const TOKEN: &str = "t0k3n-0123456789-abcdef";

/// The header fields that an answer may have.
const ANSWERED: &[&str] = &[
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Allow",
    "Cache-Control",
    "Content-Type",
    "Idempotency-Replayed",
    "Retry-After",
    "Vary",
    "X-Content-Type-Options",
    "X-PB-TransactionId",
    "X-Request-Id",
];

pub fn check(data: &[u8]) {
    let messages = Message::all(data);
    let (request, answers) = messages.split_first().unwrap();
    let sent = &data[..data.len() - answers.iter().map(|answer| answer.body.len()).sum::<usize>().min(data.len())];
    // The credentials do not go along with a call for orders, so an answer that has them has guessed them, too.
    let guessed = Leaks::new(&[API_KEY, API_SECRET]);
    guessed.shown(&String::from_utf8_lossy(data));
    if !guessed.found().is_empty() {
        return;
    }
    let mut words = request.first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());

    let world = World::default();
    let token = format!("{{\"access_token\":\"{TOKEN}\",\"tokenType\":\"BearerToken\",\"expiresIn\":\"3600\"}}");
    let script = answers.iter().map(|answer| Response {
        status: answer.status(),
        headers: answer.headers.clone(),
        body: answer.body.to_vec(),
    });
    let first = Response { status: 200, headers: Default::default(), body: token.into_bytes() };
    world.line.script.borrow_mut().extend(std::iter::once(first).chain(script).map(Ok));
    let half = request.body.len() / 2;
    let pieces = [&request.body[..half], &request.body[half..]].map(|piece| Ok(piece.to_vec()));
    let read = Rc::new(Cell::new(0));
    let answer = world.call(method, path, &request.headers, Pieces(pieces.into(), read.clone()));
    // Only now, since the API's emulator may have made a token that the fuzzer has guessed.
    world.leaks.known_to_caller(&String::from_utf8_lossy(sent));

    for (name, value) in answer.headers.iter() {
        assert!(ANSWERED.iter().any(|known| known.eq_ignore_ascii_case(name)), "{name} is passed on");
        assert!(!value.contains(|character: char| character.is_control()), "{name}: {value:?}");
    }
    let bulk: Vec<Request> = world.line.sent_to("/shippingservices/fulfillment/v1/orders/bulk");
    assert_eq!(world.line.sent.borrow().len(), bulk.len() + world.line.token_calls(), "another route was asked");
    for upstream in &bulk {
        assert_eq!(upstream.body, request.body, "other bytes were sent");
        let mut names: Vec<_> = upstream.headers.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        let expected = ["Accept", "Authorization", "Content-Type", "X-PB-TransactionId", "X-PB-UnifiedErrorStructure"];
        assert_eq!(names, expected);
        assert!(ids::is_transaction_id(upstream.headers.get("X-PB-TransactionId").unwrap()));
    }
    assert!(bulk.len() <= 2);
    if read.get() > 0 {
        assert_eq!((method, path), ("POST", BULK), "a body was read that nobody asked for");
    }
    if !bulk.is_empty() {
        may_be_sent(request, method, path);
    }
    is_well_formed(&answer, &world, !bulk.is_empty());
}

fn may_be_sent(request: &Message<'_>, method: &str, path: &str) {
    let field = |name| request.headers.get(name).unwrap_or_default();
    assert_eq!((method, path, field("Origin")), ("POST", BULK, ORIGIN));
    assert!(!field("X-PB-Fulfillment-Client").trim().is_empty());
    assert!(ids::read_key(field("Idempotency-Key")).is_some());
    let kind = field("Content-Type").split(';').next().unwrap().trim().to_ascii_lowercase();
    assert_eq!(kind, "application/json");
    let found = validate_orders(request.body, &Options { max_orders: Some(200), ..Options::default() });
    assert!(found.report.valid);
    let known = |id: &Option<String>| matches!(id.as_deref(), Some("1234" | "NORTHWIND"));
    assert!(found.orders.iter().all(|order| known(&order.client_id)));
}

fn is_well_formed(answer: &Response, world: &World, asked: bool) {
    let log = world.last_log();
    assert_eq!(log.status, answer.status);
    assert_eq!(answer.headers.get("X-Request-Id"), Some(log.request_id.as_str()));
    let Some(problem) = Problem::read(answer.status, answer.headers.get("Content-Type"), &answer.body) else {
        assert!((200..300).contains(&answer.status), "{} is no problem", answer.status);
        return;
    };
    let code = problem.code.unwrap();
    assert_eq!(problem.request_id.as_deref(), Some(log.request_id.as_str()));
    assert!(answer.status >= 400 && log.code == Some(code));
    if asked && problem.processed == Processed::No {
        // The API said that it did nothing; a success or an internal error says no such thing, throttling apart.
        let status = log.upstream_status.unwrap();
        assert!(matches!(status, 400..=499 | 503) || code.name() == "upstream_throttled", "{status}");
    }
}
