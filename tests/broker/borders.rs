//! What crosses the broker: none of a caller's header fields reaches the API, none of the API's reaches a caller, and only
//! the exact paths are routes.

use super::*;
use crate::harness::{BULK, Pieces, World, page_headers};
use pb_fulfillment::{broker::WholeBody, ports::Headers};
use proptest::prelude::*;
use std::{cell::Cell, collections::VecDeque, rc::Rc};

/// All that the API may be sent, by name.
const TO_API: [&str; 5] =
    ["accept", "authorization", "content-type", "x-pb-transactionid", "x-pb-unifiederrorstructure"];
/// All that a caller may be sent, by name.
const TO_CALLER: [&str; 16] = [
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "allow",
    "cache-control",
    "content-type",
    "idempotency-replayed",
    "retry-after",
    "vary",
    "x-content-type-options",
    "x-pb-fulfillment-doubt",
    "x-pb-transactionid",
    "x-request-id",
];

/// Names that proxies, browsers and servers act on, and some of nobody's.
fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "Authorization",
        "Cookie",
        "Set-Cookie",
        "Host",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Via",
        "Transfer-Encoding",
        "Content-Encoding",
        "Connection",
        "TE",
        "Upgrade",
        "Expect",
        "X-PB-TransactionId",
        "X-PB-UnifiedErrorStructure",
        "X-HTTP-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "CF-Worker",
        "CF-Connecting-IP",
        "X-Real-IP",
        "Server",
        "Location",
        "Access-Control-Allow-Origin",
        "Clear-Site-Data",
        "Strict-Transport-Security",
        "WWW-Authenticate",
        "Refresh",
        "Link",
        "X-Request-Id",
        "Traceparent",
        "Content-Length",
        "Cache-Control",
        "Vary",
        "ETag",
        "Age",
    ]);
    prop_oneof![known.prop_map(str::to_owned), "[A-Za-z][A-Za-z0-9-]{0,20}"]
}

fn fields() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec((name(), "canary-[ -~]{0,30}"), 0..12)
}

proptest! {
    #[test]
    fn no_header_field_crosses_that_is_not_listed(caller in fields(), api in fields(), status in prop::sample::select(vec![
        200u16, 201, 301, 302, 400, 401, 403, 404, 429, 500, 503])) {
        let world = World::default();
        // The token call first, so that the script is for the bulk calls.
        prop_assert_eq!(world.bulk(&body(&["first"])).status, 200);
        world.line.sent.borrow_mut().clear();
        let reply = json!({ "orders": [{ "clientId": "1234", "clientOrderId": "a", "orderId": "ORA1US" }] });
        for _ in 0..2 {
            let headers = api.iter().cloned().chain([("Set-Cookie".into(), "canary-cookie".into())]).collect();
            let answer = Response { status, headers, body: reply.to_string().into_bytes() };
            world.line.script.borrow_mut().push_back(Ok(answer));
        }
        // What the contract demands stands at the front, where it is found first.
        let own = page_headers();
        let headers: Headers = own.iter().map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain(caller.iter().filter(|(name, _)| !["content-length", "content-digest", "x-pb-fulfillment-resend"]
                .contains(&name.to_lowercase().as_str())).cloned()).collect();
        let answer = world.call("POST", BULK, &headers, WholeBody::new(body(&["a"])));
        let sent = world.line.sent_to("/orders/bulk");
        prop_assert!(!sent.is_empty());
        for request in &sent {
            let mut names: Vec<String> = request.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
            names.sort();
            prop_assert_eq!(&names, &TO_API);
            prop_assert!(!request.headers.iter().any(|(_, value)| value.contains("canary-")));
            prop_assert!(!request.headers.iter().any(|(_, value)| value.contains("the-pages-own")));
        }
        for (name, value) in answer.headers.iter() {
            prop_assert!(TO_CALLER.contains(&name.to_lowercase().as_str()), "{}: {}", name, value);
            prop_assert!(!value.contains("canary-"), "{}: {}", name, value);
        }
    }

    #[test]
    fn no_other_path_is_a_route(path in "(/|//|\\./|\\.\\./|%2e|%2E%2e|%2f|%2F|%5c|\\\\|;|\\?|#|%00|api|API|v1|orders|bulk|health|a){0,9}") {
        prop_assume!(path != BULK && path != "/api/health");
        let world = World::default();
        let reads = Rc::new(Cell::new(0));
        for method in ["POST", "GET"] {
            let pieces = Pieces(VecDeque::from([Ok(body(&["a"]))]), reads.clone());
            prop_assert_eq!(world.call(method, &path, &page_headers(), pieces).status, 404, "{}", path);
        }
        prop_assert_eq!((reads.get(), world.ports.hooks.asked.borrow().len()), (0, 0));
    }
}

#[test]
fn a_path_that_some_server_would_take_for_a_route_is_none() {
    let world = World::default();
    for path in [
        "/api/v1/orders/bulk/",
        "/api/v1/orders/bulk//",
        "//api/v1/orders/bulk",
        "/api//v1/orders/bulk",
        "/api/./v1/orders/bulk",
        "/api/x/../v1/orders/bulk",
        "/api/%2e/v1/orders/bulk",
        "/api/x/%2e%2e/v1/orders/bulk",
        "/api/v1%2forders%2fbulk",
        "/api/v1%2Forders/bulk",
        "/api%2Fv1/orders/bulk",
        "/api/v1/orders%5cbulk",
        "/api/v1\\orders\\bulk",
        "/api/V1/Orders/Bulk",
        "/API/v1/orders/bulk",
        "/api/v1/orders/bul%6b",
        "/api/v1/orders/bulk%00",
        "/api/v1/orders/bulk;x",
        "/api/v1/orders/bulk.json",
        "/api/v1/orders/bulk?",
        "/api/v1/orders/bulk?x=1",
        "/api/v1/orders/bulk#x",
        "/api/health?x",
        "/api/health/",
        "api/v1/orders/bulk",
        " /api/v1/orders/bulk",
    ] {
        for method in ["POST", "GET", "OPTIONS"] {
            let answer = world.call(method, path, &page_headers(), WholeBody::new(body(&["a"])));
            problem(&answer, 404, "not_found");
        }
    }
    assert_eq!(world.line.sent.borrow().len(), 0);
}
