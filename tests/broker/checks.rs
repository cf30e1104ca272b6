//! What a request must have before its body is read.

use super::*;
use crate::harness::{BULK, ORIGIN, Pieces, World, page_headers};
use pb_fulfillment::{
    broker::{Broker, BrokerOptions, BrokerOptionsError, HookError, Principal, Upstream, WholeBody},
    emulator::EmulatorOptions,
    ports::Headers,
};
use std::{cell::Cell, collections::VecDeque, rc::Rc};

fn without(name: &str) -> Headers {
    page_headers().iter().filter(|(known, _)| *known != name).collect()
}

fn empty() -> WholeBody {
    WholeBody::new(Vec::new())
}

/// The answer to these headers, the body of which must not have been touched, nor the merchant or the API asked.
#[track_caller]
fn refused_unread(world: &World, headers: &Headers, status: u16, code: &str) -> Response {
    let reads = Rc::new(Cell::new(0));
    let asked = world.ports.hooks.asked.borrow().len();
    let answer = world.call("POST", BULK, headers, Pieces(VecDeque::from([Ok(body(&["a"]))]), reads.clone()));
    let value = problem(&answer, status, code);
    assert_eq!(value["processed"], "no");
    assert_eq!((reads.get(), world.line.sent.borrow().len()), (0, 0));
    if status != 401 && !code.starts_with("forbidden") && code != "hook_failed" {
        assert_eq!(world.ports.hooks.asked.borrow().len(), asked);
    }
    answer
}

#[test]
fn only_its_own_routes_are_answered() {
    let world = World::default();
    for path in [
        "/",
        "",
        "/v1/orders/bulk",
        "/api",
        "/api/",
        "/api/v1/orders",
        "/api/v1/orders/bulk/",
        "/api//v1/orders/bulk",
        "/api/../api/v1/orders/bulk",
        "/api/%761/orders/bulk",
        "/API/v1/orders/bulk",
        "/apiv1/orders/bulk",
        "/api/oauth/token",
        "/api/v1/token",
    ] {
        problem(&world.call("POST", path, &page_headers(), empty()), 404, "not_found");
    }
    for method in ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "post", "BREW"] {
        let answer = world.call(method, BULK, &page_headers(), empty());
        problem(&answer, 405, "method_not_allowed");
        assert_eq!(answer.headers.get("Allow"), Some("POST"));
    }
    let answer = world.call("POST", "/api/health", &page_headers(), empty());
    problem(&answer, 405, "method_not_allowed");
    assert_eq!(answer.headers.get("Allow"), Some("GET"));
    assert_eq!(world.line.sent.borrow().len(), 0);
}

#[test]
fn health_is_told_to_anyone() {
    let world = World::default();
    let answer = world.call("GET", "/api/health", &Headers::new(), empty());
    assert_eq!((answer.status, value(&answer)), (200, json!({ "status": "ok" })));
    assert_eq!(answer.headers.get("Access-Control-Allow-Origin"), None);
}

#[test]
fn a_preflight_is_answered_for_allowed_origins_only() {
    let configure = |options: &mut BrokerOptions| {
        options.allowed_headers = vec!["X-Csrf".into()];
        options.allow_credentials = true;
    };
    let world = World::new(configure, EmulatorOptions::default());
    let preflight = |origin: &str| {
        let headers = Headers::new().with("Origin", origin).with("Access-Control-Request-Method", "POST");
        world.call("OPTIONS", BULK, &headers, empty())
    };
    let answer = preflight(ORIGIN);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    for (name, expected) in [
        ("Access-Control-Allow-Origin", ORIGIN),
        ("Access-Control-Allow-Methods", "POST"),
        ("Access-Control-Allow-Credentials", "true"),
        (
            "Access-Control-Allow-Headers",
            "Content-Type, Authorization, Idempotency-Key, X-PB-Fulfillment-Client, X-PB-Fulfillment-Resend, X-Csrf",
        ),
        ("Vary", "Origin"),
    ] {
        assert_eq!(answer.headers.get(name), Some(expected), "{name}");
    }
    for origin in
        ["https://evil.example", "null", "", "http://shop.example.com", "https://shop.example.com.evil.example"]
    {
        let answer = preflight(origin);
        problem(&answer, 403, "origin_not_allowed");
        assert_eq!(answer.headers.get("Access-Control-Allow-Origin"), None);
        assert_eq!(answer.headers.get("Access-Control-Allow-Headers"), None);
    }
    assert_eq!(world.ports.hooks.asked.borrow().len(), 0);
}

#[test]
fn every_answer_to_an_allowed_origin_can_be_read_by_its_page() {
    let world = World::default();
    let answers = [
        world.bulk(&body(&["a"])),
        world.bulk(b"{"),
        world.call("GET", "/api/nowhere", &page_headers(), empty()),
        world.call("GET", BULK, &page_headers(), empty()),
    ];
    for answer in answers {
        assert_eq!(answer.headers.get("Access-Control-Allow-Origin"), Some(ORIGIN));
        assert_eq!(
            answer.headers.get("Access-Control-Expose-Headers"),
            Some("Retry-After, X-Request-Id, X-PB-TransactionId, Idempotency-Replayed, X-PB-Fulfillment-Doubt")
        );
        assert_eq!(answer.headers.get("Access-Control-Allow-Credentials"), None);
        assert_eq!(answer.headers.get("Vary"), Some("Origin"));
        assert_eq!(answer.headers.get("Cache-Control"), Some("no-store"));
    }
}

#[test]
fn a_foreign_or_missing_origin_is_refused() {
    let world = World::default();
    for origin in ["https://evil.example", "null", "*", "", "https://shop.example.com/", "https://SHOP.example.com"] {
        let answer = refused_unread(&world, &page_headers().with("Origin", origin), 403, "origin_not_allowed");
        assert_eq!(answer.headers.get("Access-Control-Allow-Origin"), None);
        assert_eq!(answer.headers.get("Vary"), Some("Origin"));
    }
    refused_unread(&world, &without("Origin"), 403, "origin_not_allowed");
    let world = World::new(|options| options.allow_missing_origin = true, EmulatorOptions::default());
    refused_unread(&world, &page_headers().with("Origin", "null"), 403, "origin_not_allowed");
    assert_eq!(world.call("POST", BULK, &without("Origin"), WholeBody::new(body(&["a"]))).status, 200);
}

#[test]
fn the_header_fields_of_the_contract_are_demanded() {
    let world = World::default();
    refused_unread(&world, &without("X-PB-Fulfillment-Client"), 403, "client_header");
    refused_unread(&world, &page_headers().with("X-PB-Fulfillment-Client", " "), 403, "client_header");
    refused_unread(&world, &without("Content-Type"), 415, "content_type");
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json"] {
        refused_unread(&world, &page_headers().with("Content-Type", media_type), 415, "content_type");
    }
    refused_unread(&world, &without("Idempotency-Key"), 400, "idempotency_key");
    for key in ["", "\"\"", "a b", "\"a"] {
        refused_unread(&world, &page_headers().with("Idempotency-Key", key), 400, "idempotency_key");
    }
    let headers =
        page_headers().with("Content-Type", "Application/JSON; charset=utf-8").with("Idempotency-Key", "bare-1");
    assert_eq!(world.call("POST", BULK, &headers, WholeBody::new(body(&["a"]))).status, 200);
}

#[test]
fn a_caller_whom_the_merchant_does_not_know_is_refused_before_the_body_is_read() {
    let world = World::default();
    *world.ports.hooks.principal.borrow_mut() = Ok(None);
    refused_unread(&world, &page_headers(), 401, "unauthorized");
    let nobody = Principal { subject: "x".into(), client_ids: vec!["1234".into()], scopes: vec!["orders:read".into()] };
    *world.ports.hooks.principal.borrow_mut() = Ok(Some(nobody));
    refused_unread(&world, &page_headers(), 403, "forbidden_scope");
}

#[test]
fn a_hook_that_fails_or_hangs_lets_nothing_through() {
    let world = World::default();
    *world.ports.hooks.principal.borrow_mut() = Err(HookError);
    refused_unread(&world, &page_headers(), 500, "hook_failed");
    assert_eq!(world.last_log().failed, "authorize");

    let world = World::default();
    *world.ports.hooks.refused.borrow_mut() = Err(HookError);
    problem(&world.bulk(&body(&["a"])), 500, "hook_failed");
    assert_eq!((world.last_log().failed, world.line.sent.borrow().len()), ("approve_orders", 0));

    let world = World::default();
    world.ports.hooks.delay_ms.set(10_001);
    refused_unread(&world, &page_headers(), 500, "hook_failed");
    assert_eq!(world.clock.elapsed_ms(), 10_000);
}

#[test]
fn options_that_make_no_safe_broker_are_refused() {
    let check = |configure: fn(&mut BrokerOptions)| {
        let mut options = BrokerOptions::new(Upstream::Sandbox, [ORIGIN]);
        configure(&mut options);
        Broker::new(options).err()
    };
    assert_eq!(check(|_| ()), None);
    assert_eq!(check(|options| options.allowed_origins.push("http://localhost:8787".into())), None);
    for origin in
        ["*", "null", "", "https://a.example/", "a.example", "https://*.a.example", "https://A.example", "https://"]
    {
        let options = BrokerOptions::new(Upstream::Sandbox, [origin]);
        assert_eq!(Broker::new(options).err(), Some(BrokerOptionsError::Origin(origin.into())));
    }
    for base in ["api", "/", "/api/", "/a?b"] {
        let mut options = BrokerOptions::new(Upstream::Sandbox, [ORIGIN]);
        options.base_path = base.into();
        assert_eq!(Broker::new(options).err(), Some(BrokerOptionsError::BasePath(base.into())));
    }
    let broken = check(|options| options.allowed_headers.push("X\r\nY".into()));
    assert_eq!(broken, Some(BrokerOptionsError::Header("X\r\nY".into())));
}
