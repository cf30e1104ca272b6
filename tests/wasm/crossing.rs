//! What crosses the border, in both directions, and what is refused there.

use crate::js;
use js_sys::Object;
use pb_fulfillment::{
    broker::{TokenError, Upstream},
    outbox::{Cursor, Errand, List, OrderName},
    ports::{Headers, Response},
    validate::{Code, Severity, validate_order},
    wasm::{
        call::{bytes, count, number, options, pairs, text},
        callers::read_principal,
        errand::{read_errand, write_errand},
        exchange::{Asked, function, optional, plain, settle},
        values::{self, describe, failure, field, write, wrong_call},
        vault::{read_token, upstream},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// The error is a wrong call, and says so.
#[track_caller]
fn refused<T>(result: Result<T, JsValue>, message: &str) {
    let error = result.err().unwrap();
    assert_eq!(js::json(&error), json!({ "code": "wrong_call", "message": message }));
}

#[wasm_bindgen_test]
fn what_is_written_is_plain() {
    #[derive(Serialize)]
    struct Plain {
        text: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u8>,
        none: Option<u8>,
        list: Vec<u64>,
        inner: Inner,
    }
    #[derive(Serialize)]
    struct Inner {
        #[serde(rename = "isGift")]
        is_gift: bool,
    }
    let text = "é \u{2028} \u{1f642} \" \\ \u{0} </script>";
    let inner = Inner { is_gift: true };
    let written = write(&Plain { text, absent: None, none: None, list: vec![0, (1 << 53) - 1], inner }).unwrap();
    assert_eq!(field(&written, "text").as_string().as_deref(), Some(text));
    assert_eq!(js::json(&field(&written, "list")), json!([0, 9_007_199_254_740_991_u64]));
    assert_eq!(js::json(&field(&written, "inner")), json!({ "isGift": true }));
    let has = |name: &str| Object::has_own(written.unchecked_ref::<Object>(), &name.into());
    assert!(!has("absent") && has("none") && field(&written, "none").is_null());
}

#[wasm_bindgen_test]
fn what_no_value_of_the_core_is_does_not_cross() {
    let error = write(&1.5).unwrap_err();
    assert_eq!(js::json(&error), json!({ "code": "internal", "message": "A value of this kind does not cross." }));
}

#[wasm_bindgen_test]
fn a_report_crosses_as_its_json() {
    let report = validate_order(br#"{"clientId": "\u00e9", "isGift": 1e400}"#, &Default::default()).report;
    assert_eq!(js::json(&write(&report).unwrap()), serde_json::to_value(&report).unwrap());
}

#[wasm_bindgen_test]
fn what_cannot_be_read_is_a_wrong_call_of_the_function_that_it_was_given_to() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Given {
        base_path: String,
        shards: Option<u32>,
    }
    let read = |expression| values::read::<Given>(&js::value(expression), "createOutbox");
    let given = read("{ basePath: '/é', shards: undefined, unknown: 1 }").unwrap();
    assert_eq!(given, Given { base_path: "/é".into(), shards: None });
    assert_eq!(read("{ basePath: '', shards: 7 }").unwrap().shards, Some(7));
    for wrong in [
        "{ shards: 1 }",
        "{ basePath: 1 }",
        "{ basePath: '', shards: -1 }",
        "{ basePath: '', shards: 1.5 }",
        "7",
        "undefined",
    ] {
        let error = read(wrong).unwrap_err();
        assert_eq!(field(&error, "code"), "wrong_call", "{wrong}");
        assert!(field(&error, "message").as_string().unwrap().starts_with("createOutbox: "), "{wrong}");
    }
}

#[wasm_bindgen_test]
fn an_error_is_plain() {
    assert_eq!(js::json(&failure("internal", "Why.")), json!({ "code": "internal", "message": "Why." }));
    assert_eq!(js::json(&wrong_call("Why.")), json!({ "code": "wrong_call", "message": "Why." }));
}

#[wasm_bindgen_test]
fn whatever_was_thrown_is_described() {
    for (thrown, message) in [
        ("new RangeError('too far')", "too far"),
        ("{ message: 'of another realm' }", "of another realm"),
        ("'a text'", "a text"),
        ("new Error()", ""),
        ("{ message: 7 }", "a value that is no error was thrown"),
        ("{ get message() { throw 1; } }", "a value that is no error was thrown"),
        ("null", "a value that is no error was thrown"),
        ("Symbol()", "a value that is no error was thrown"),
    ] {
        assert_eq!(describe(&js::value(thrown)), message, "{thrown}");
    }
}

#[wasm_bindgen_test]
fn a_field_of_what_has_none_is_undefined() {
    for value in ["undefined", "null", "7", "'text'", "{}", "{ get here() { throw new Error(); } }"] {
        assert!(field(&js::value(value), "here").is_undefined(), "{value}");
    }
    assert_eq!(field(&js::value("{ here: 0 }"), "here"), 0);
    let out = Object::new();
    values::set(&out, "here", &"there".into());
    assert_eq!(js::json(&out), json!({ "here": "there" }));
}

#[wasm_bindgen_test]
fn a_number_is_a_whole_one_from_0() {
    let call = |value| js::value(&format!("{{ of: {value} }}"));
    for (value, expected) in [
        ("0", Some(0)),
        ("7.9", Some(7)),
        ("-1", Some(0)),
        ("NaN", Some(0)),
        ("2 ** 53", Some(1 << 53)),
        ("Infinity", Some(u64::MAX)),
        ("'7'", None),
        ("7n", None),
        ("true", None),
        ("null", None),
        ("undefined", None),
    ] {
        assert_eq!(number(&call(value), "of"), expected, "{value}");
    }
    assert_eq!(count(&call("7"), "of"), Some(7));
    assert_eq!(count(&call("2 ** 32 + 1"), "of"), Some(usize::MAX), "memory has 32 bits here");
    assert_eq!(count(&call("'7'"), "of"), None);
}

#[wasm_bindgen_test]
fn texts_and_pairs_of_texts_are_taken_and_nothing_else() {
    let call = js::value(
        "{ text: 'é\u{1f642}', number: 1, pairs: [['a', '1'], ['b', 2], ['c'], [3, '3'], ['a', '']], none: 'ab' }",
    );
    assert_eq!(text(&call, "text").as_deref(), Some("é\u{1f642}"));
    assert_eq!((text(&call, "number"), text(&call, "absent")), (None, None));
    let expected = [("a", "1"), ("a", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(&call, "pairs"), expected);
    assert!(pairs(&call, "none").is_empty() && pairs(&call, "absent").is_empty());
}

#[wasm_bindgen_test]
fn bytes_are_copied_from_where_a_view_begins() {
    let call = js::value("{ input: new Uint8Array([0, 1, 2, 255, 4]).subarray(1, 4), empty: new Uint8Array() }");
    assert_eq!((bytes(&call, "input"), bytes(&call, "empty")), (vec![1, 2, 255], vec![]));
}

#[wasm_bindgen_test]
fn the_options_of_the_validator_are_those_that_are_given() {
    let usual = options(&js::value("{}")).unwrap();
    assert_eq!((usual.max_orders, usual.severity.len()), (None, 0));
    let given = "{ maxIssues: 3, maxBytes: 4, maxOrders: 5, messages: [['required', 'fehlt']],
        severity: [['required', 'warning'], ['postal_code', 'error'], ['unknown_field', 'off']] }";
    let options = options(&js::value(given)).unwrap();
    assert_eq!((options.max_issues, options.max_bytes, options.max_orders), (3, 4, Some(5)));
    let code = |name| Code::from_name(name).unwrap();
    let expected = [
        (code("required"), Some(Severity::Warning)),
        (code("postal_code"), Some(Severity::Error)),
        (code("unknown_field"), None),
    ];
    assert_eq!(options.severity, expected);
}

#[wasm_bindgen_test]
fn a_rule_that_does_not_exist_or_cannot_be_set_is_refused() {
    let refused = |call, message| refused(options(&js::value(call)), message);
    refused("{ severity: [['x', 'off']] }", r#"severity: there is no rule "x". The type IssueCode lists them."#);
    refused("{ messages: [['x', '']] }", r#"messages: there is no rule "x". The type IssueCode lists them."#);
    refused("{ severity: [['json_syntax', 'off']] }", r#"severity: "json_syntax" is always an error. Leave it out."#);
}

#[wasm_bindgen_test]
fn a_servers_request_and_answer_cross_with_their_header_fields() {
    let asked =
        Asked::of(&js::value("{ method: 'POST', path: '/api', headers: [['Origin', 'https://a.example'], ['x', 1]] }"));
    assert_eq!((&*asked.method, &*asked.path), ("POST", "/api"));
    assert_eq!(asked.headers, Headers::new().with("Origin", "https://a.example"));
    let asked = Asked::of(&js::value("{}"));
    assert_eq!((&*asked.method, &*asked.path, asked.headers), ("", "", Headers::new()));

    let headers = Headers::new().with("A", "1").with("B", "é");
    let answer = plain(&Response { status: 207, headers, body: b"\xff".to_vec() });
    assert_eq!(field(&answer, "status"), 207);
    assert_eq!(js::json(&field(&answer, "headers")), json!([["A", "1"], ["B", "é"]]));
    assert_eq!(bytes(&answer, "body"), b"\xff");
}

#[wasm_bindgen_test]
async fn what_a_function_of_the_glue_gives_is_waited_for() {
    let call = js::value(
        "{
            value: () => 7,
            promise: async () => 7,
            thenable: () => ({ then: (resolve) => resolve(7) }),
            throws: () => { throw 'thrown'; },
            rejects: () => Promise.reject('thrown'),
            none: 7,
        }",
    );
    let given = async |name| settle(function(&call, name).call0(&JsValue::UNDEFINED)).await;
    for name in ["value", "promise", "thenable"] {
        assert_eq!(given(name).await.unwrap(), 7, "{name}");
    }
    for name in ["throws", "rejects"] {
        assert_eq!(given(name).await.unwrap_err(), "thrown", "{name}");
    }
    assert!(optional(&call, "value").is_some());
    assert!(optional(&call, "none").is_none() && optional(&call, "absent").is_none());
}

#[wasm_bindgen_test]
fn an_errand_is_the_same_on_the_other_side() {
    let name = || OrderName { client_id: "1234".into(), client_order_id: "é".into() };
    let cursor = Cursor::default();
    for errand in [
        Errand::Enqueue(b"\xff[]".to_vec()),
        Errand::Status(name()),
        Errand::Dismiss(name()),
        Errand::Resend(name(), None),
        Errand::Resend(name(), Some(b"{}".to_vec())),
        Errand::List { list: List::Unknown, client_id: "1234".into(), cursor, limit: 7 },
        Errand::List { list: List::DeadLetters, client_id: String::new(), cursor, limit: 1 },
    ] {
        assert_eq!(read_errand(&write_errand(&errand)).unwrap(), errand);
    }
}

#[wasm_bindgen_test]
fn what_is_no_errand_is_refused() {
    for call in ["{}", "{ errand: 'steal' }", "{ errand: 1 }", "undefined"] {
        refused(read_errand(&js::value(call)), "This is no errand.");
    }
    let wrong = "{ errand: 'list', list: 'unknown', clientId: '1', cursor: '?' }";
    refused(read_errand(&js::value(wrong)), "cursor must be the member next of the page before.");
}

#[wasm_bindgen_test]
fn a_caller_is_read_whole_or_refused() {
    let read = |expression| read_principal(&js::value(expression), "authorize");
    let caller = read("{ subject: 'me', clientIds: ['1', '2'], scopes: ['orders:write'] }").unwrap();
    assert_eq!((&*caller.subject, caller.client_ids.len(), caller.scopes.len()), ("me", 2, 1));
    for wrong in [
        "{ subject: 'me', clientIds: ['1'] }",
        "null",
        "{}",
        "true",
        "{ subject: 1, clientIds: [], scopes: [] }",
        "{ subject: '', clientIds: '1', scopes: [] }",
    ] {
        assert_eq!(field(&read(wrong).unwrap_err(), "code"), "wrong_call", "{wrong}");
    }
}

#[wasm_bindgen_test]
fn credentials_are_for_https_alone() {
    let read = |expression: &str| upstream(&js::value(expression));
    assert!(matches!(read("{}"), Ok(Upstream::Binding)));
    assert!(matches!(read("{ upstream: 'sandbox' }"), Ok(Upstream::Sandbox)));
    assert!(matches!(read("{ upstream: 'production' }"), Ok(Upstream::Production)));
    assert!(read("{ upstream: 'https://api.example' }").is_ok());
    for wrong in ["http://api.example", "https://api.example/path", "sandbox ", ""] {
        let error = read(&format!("{{ upstream: '{wrong}' }}")).err().unwrap();
        assert_eq!(field(&error, "code"), "wrong_call", "{wrong}");
    }
}

#[wasm_bindgen_test]
fn what_is_neither_a_token_nor_a_refusal_is_no_answer() {
    let read = |expression| read_token(&js::value(expression));
    let token = read("{ token: 't', expiresAt: 1772323200000 }").ok().unwrap();
    assert_eq!((token.value.expose(), token.expires_at_ms), ("t", 1_772_323_200_000));
    for (answer, retry_after_s) in [
        ("undefined", None),
        ("{ token: 't' }", None),
        ("{ expiresAt: 7 }", None),
        ("{ token: 1, expiresAt: 7 }", None),
        ("{ error: 'unavailable', retryAfter: 30 }", Some(30)),
    ] {
        assert_eq!(read(answer).err(), Some(TokenError::Unavailable { retry_after_s }), "{answer}");
    }
    let answer = "{ error: 'refused', status: 403, errors: [{ errorCode: 'E', parameters: ['p', 1] }] }";
    let Err(TokenError::Refused { status, errors }) = read(answer) else { unreachable!("it is refused") };
    assert_eq!((status, errors.len()), (403, 1));
    assert_eq!((errors[0].error_code.as_deref(), errors[0].parameters.len()), (Some("E"), 1));
    for answer in ["{ error: 'refused' }", "{ error: 'refused', status: 70000, errors: 7 }"] {
        let refused = TokenError::Refused { status: 401, errors: Vec::new() };
        assert_eq!(read(answer).err(), Some(refused), "{answer}");
    }
}
