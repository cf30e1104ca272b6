//! What becomes of the API's answers.

use super::*;
use crate::harness::World;
use pb_fulfillment::{
    emulator::FaultKind,
    ports::{HttpError, HttpErrorKind},
};

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Response, HttpError> {
    Ok(Response { status, headers: headers.iter().copied().collect(), body: body.as_bytes().to_vec() })
}

fn error(kind: HttpErrorKind) -> Result<Response, HttpError> {
    Err(HttpError { kind, message: "the line went dead".into(), cause: Default::default() })
}

/// A world that has its token already.
fn ready() -> World {
    let world = World::default();
    assert_eq!(world.bulk(&body(&["first"])).status, 200);
    world
}

#[test]
fn each_answer_of_the_api_has_its_problem() {
    let spike = r#"{"errors":[{"errorCode":"PB-APIM-ERR-1006","errorDescription":"Spike arrest violation"}]}"#;
    for (given, status, code, processed, retryable) in [
        (answer(200, &[], "<html>"), 502, "upstream_garbled", "unknown", false),
        (answer(200, &[], ""), 502, "upstream_garbled", "unknown", false),
        (answer(200, &[], "{\"orders\":[{\"orderId\""), 502, "upstream_garbled", "unknown", false),
        (answer(302, &[("Location", "https://evil.example")], ""), 502, "upstream_garbled", "unknown", false),
        (answer(400, &[], "{}"), 400, "upstream_refused", "no", false),
        (answer(403, &[], ""), 502, "upstream_forbidden", "no", false),
        (answer(404, &[], ""), 502, "upstream_not_found", "no", false),
        (answer(429, &[], ""), 503, "upstream_throttled", "no", true),
        (answer(500, &[], spike), 503, "upstream_throttled", "no", true),
        (answer(500, &[], ""), 502, "upstream_error", "unknown", true),
        (answer(503, &[], ""), 503, "upstream_unavailable", "no", true),
        (answer(504, &[], ""), 502, "upstream_garbled", "unknown", false),
        (error(HttpErrorKind::Connection), 502, "upstream_cut", "unknown", false),
        (error(HttpErrorKind::Body), 502, "upstream_cut", "unknown", false),
        (error(HttpErrorKind::TooLarge), 502, "upstream_garbled", "unknown", false),
        (error(HttpErrorKind::Invalid), 500, "internal", "no", false),
    ] {
        let world = ready();
        world.line.script.borrow_mut().push_back(given);
        let answer = world.bulk(&body(&["a"]));
        let value = problem(&answer, status, code);
        assert_eq!(
            (value["processed"].as_str(), value["retryable"].as_bool()),
            (Some(processed), Some(retryable)),
            "{code}"
        );
        assert_eq!(world.line.bulk_calls(), 2, "the broker does not repeat");
        assert_eq!(answer.headers.get("Location"), None);
        assert_eq!(world.last_log().code.unwrap().name(), code);
    }
}

#[test]
fn what_the_api_said_is_passed_on_and_its_body_is_not() {
    let world = ready();
    let text = r#"{"errors":[{"errorCode":"1000045","errorDescription":"bad value","parameters":["fromNode"]}],"inner":"10.0.0.7"}"#;
    world.line.script.borrow_mut().push_back(answer(400, &[], text));
    let answer = world.bulk(&body(&["a"]));
    let value = problem(&answer, 400, "upstream_refused");
    let expected = json!({ "status": 400, "errors": [
        { "errorCode": "1000045", "errorDescription": "bad value", "parameters": ["fromNode"] }] });
    assert_eq!(value["upstream"], expected);
    assert!(!String::from_utf8_lossy(&answer.body).contains("10.0.0.7"));
}

#[test]
fn of_the_apis_header_fields_only_retry_after_comes_back() {
    let world = ready();
    let given =
        [("Retry-After", "7"), ("Set-Cookie", "a=b"), ("Server", "Apigee"), ("X-Inner", "10.0.0.7"), ("Vary", "*")];
    for (status, expected) in [(503, Some("7")), (429, Some("7")), (500, Some("7")), (400, None), (403, None)] {
        world.line.script.borrow_mut().push_back(answer(status, &given, ""));
        let answer = world.bulk(&body(&["a"]));
        assert_eq!(answer.headers.get("Retry-After"), expected, "{status}");
        for name in ["Set-Cookie", "Server", "X-Inner"] {
            assert_eq!(answer.headers.get(name), None);
        }
        assert_eq!(answer.headers.get("Vary"), Some("Origin"));
    }
    let retry_after = |value: &str| {
        world.line.script.borrow_mut().push_back(answer(503, &[("Retry-After", value)], ""));
        world.bulk(&body(&["a"])).headers.get("Retry-After").map(str::to_owned)
    };
    assert_eq!(retry_after("Sun, 01 Mar 2026 00:01:30 GMT").as_deref(), Some("90"));
    assert_eq!(retry_after("soon\r\nSet-Cookie: a=b"), None);
}

#[test]
fn an_api_that_does_not_answer_is_left_in_time() {
    let world = World::with_faults(&json!({ "script": [{ "fault": "none", "latencyMs": 25_001 }] }));
    let answer = world.bulk(&body(&["a"]));
    let value = problem(&answer, 504, "upstream_timeout");
    assert_eq!((value["processed"].as_str(), world.clock.elapsed_ms()), (Some("unknown"), 25_000));
    assert_eq!(world.api.orders().len(), 1, "the API had acted");
    assert_eq!(world.last_log().upstream_ms, 25_000);
}

#[test]
fn a_refused_token_is_renewed_once_and_the_request_repeated_once() {
    for fault in ["unauthorized", "expire"] {
        let world = World::with_faults(&json!({ "script": [fault] }));
        let answer = world.bulk(&body(&["a"]));
        assert_eq!(answer.status, 200);
        assert_eq!((world.line.token_calls(), world.line.bulk_calls()), (2, 2));
        let sent = world.line.sent_to("/orders/bulk");
        assert_ne!(sent[0].headers.get("Authorization"), sent[1].headers.get("Authorization"));
        assert_eq!(sent[0].body, sent[1].body);
        let ids: Vec<_> = answer.headers.get("X-PB-TransactionId").unwrap().split(", ").map(str::to_owned).collect();
        let used: Vec<_> =
            sent.iter().map(|request| request.headers.get("X-PB-TransactionId").unwrap().to_owned()).collect();
        assert_eq!(ids, used);
        assert_ne!(ids[0], ids[1]);
    }
}

#[test]
fn a_401_of_the_api_never_becomes_a_401_for_the_page() {
    let world = World::with_faults(&json!({ "script": ["unauthorized", "unauthorized", "unauthorized"] }));
    let answer = world.bulk(&body(&["a"]));
    let value = problem(&answer, 502, "upstream_auth");
    assert_eq!(value["upstream"]["errors"][0]["errorCode"], "PB-APIM-ERR-1002");
    assert_eq!((world.line.token_calls(), world.line.bulk_calls()), (2, 2));
    // The next request begins anew, with the token that was refused last renewed at its first refusal.
    assert_eq!(world.bulk(&body(&["a"])).status, 200);
    assert_eq!(world.line.bulk_calls(), 4);
}

#[test]
fn without_a_token_nothing_is_sent() {
    for (fault, status, code, retry_after) in [
        (json!("unavailable"), 503, "token_unavailable", None),
        (json!({ "fault": "unavailable", "retryAfter": "3" }), 503, "token_unavailable", Some("3")),
        (json!("server_error"), 503, "token_unavailable", None),
        (json!("throttled"), 503, "token_unavailable", None),
        (json!("cut_before"), 503, "token_unavailable", None),
        (json!("cut_after"), 503, "token_unavailable", None),
        (json!("cut_body"), 503, "token_unavailable", None),
        (json!("html"), 503, "token_unavailable", None),
        (json!("truncated"), 503, "token_unavailable", None),
        (json!("empty"), 503, "token_unavailable", None),
        (json!({ "fault": "none", "latencyMs": 10_001 }), 503, "token_unavailable", None),
        (json!("unauthorized"), 502, "upstream_auth", None),
    ] {
        let mut fault = if fault.is_string() { json!({ "fault": fault }) } else { fault };
        fault["on"] = "token".into();
        let world = World::with_faults(&json!({ "script": [fault] }));
        let answer = world.bulk(&body(&["a"]));
        let value = problem(&answer, status, code);
        assert_eq!((value["processed"].as_str(), world.line.bulk_calls()), (Some("no"), 0), "{fault}");
        assert_eq!(answer.headers.get("Retry-After"), retry_after);
        assert_eq!(answer.headers.get("X-PB-TransactionId"), None);
        assert_eq!(world.bulk(&body(&["a"])).status, 200, "the next request finds a token");
    }
}

#[test]
fn each_fault_of_the_emulator_is_seen_for_what_it_is() {
    for &kind in FaultKind::ALL {
        let world = World::with_faults(&json!({ "script": [kind.name()] }));
        let answer = world.bulk(&body(&["a", "b"]));
        let expected = match kind {
            FaultKind::Refuse | FaultKind::CutBefore | FaultKind::CutAfter | FaultKind::CutBody => "upstream_cut",
            FaultKind::ServerError => "upstream_error",
            FaultKind::Unavailable => "upstream_unavailable",
            FaultKind::Throttled => "upstream_throttled",
            FaultKind::Html | FaultKind::Truncated | FaultKind::Empty => "upstream_garbled",
            _ => "",
        };
        let stored = world.api.orders().len();
        if expected.is_empty() {
            assert_eq!(answer.status, 200, "{kind:?}");
        } else {
            let value = problem(&answer, answer.status, expected);
            assert!(
                stored == 0 || value["processed"] == "unknown",
                "{kind:?}: what was stored is never called unprocessed"
            );
        }
    }
}

#[test]
fn a_page_is_not_told_of_the_brokers_upstream() {
    let world = ready();
    world.line.script.borrow_mut().push_back(error(HttpErrorKind::Connection));
    let answer = world.bulk(&body(&["a"]));
    let shown = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(!shown.contains("went dead") && !shown.contains("pitneybowes.com"), "{shown}");
}
