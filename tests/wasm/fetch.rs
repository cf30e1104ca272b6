//! HTTP by a `fetch` that is given.

use crate::js;
use futures_util::{FutureExt, future::select};
use js_sys::Function;
use pb_fulfillment::{
    ports::{Clock, Headers, Http, HttpError, HttpErrorKind, Request, Response},
    wasm::{fetch::Fetch, timers::Timers, values::field},
};
use serde_json::{Value, json};
use std::pin::pin;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

const LIMIT: usize = 10;

/// A `fetch` whose body is this. It is called with a `Request`, and keeps it.
struct Net(Function);

impl Net {
    fn new(body: &str) -> Self {
        let make = format!("function fetch(request) {{ fetch.request = request; {body} }} return fetch;");
        Self(js::run(&[], &make).unchecked_into())
    }

    /// The same, where it waits for something.
    fn new_async(body: &str) -> Self {
        Self::new(&format!("return (async () => {{ {body} }})();"))
    }

    async fn send_within(&self, largest_body: usize, request: Request) -> Result<Response, HttpError> {
        Fetch::new(self.0.clone(), largest_body).send(request).await
    }

    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        self.send_within(1 << 20, request).await
    }

    async fn get(&self) -> Result<Response, HttpError> {
        self.send(get()).await
    }

    /// Whether the request was aborted.
    fn is_aborted(&self) -> bool {
        js::is(&field(&field(&self.0, "request"), "signal"), "aborted")
    }
}

fn get() -> Request {
    Request { method: "GET", url: "https://broker.example/api".into(), headers: Headers::new(), body: Vec::new() }
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn cause(error: &HttpError) -> Option<&JsValue> {
    error.cause.0.as_ref()?.downcast_ref()
}

/// It fails so.
#[track_caller]
fn fails(answer: Result<Response, HttpError>, kind: HttpErrorKind, message: &str) -> HttpError {
    let error = answer.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (kind, message));
    error
}

#[wasm_bindgen_test]
async fn the_request_is_what_the_core_has_made() {
    let net = Net::new_async(
        "const { method, url, redirect, headers, signal } = request;
        const body = await request.text();
        return Response.json({ method, url, redirect, headers: [...headers], aborted: signal.aborted, body });",
    );
    let headers = Headers::new().with("Content-Type", "application/json").with("X-One", "tab\tand ~ visible");
    let url = "https://broker.example/api/v1/orders/bulk?x=1".to_owned();
    let answer =
        net.send(Request { method: "POST", url: url.clone(), headers, body: "{\"é\":1}".into() }).await.unwrap();
    let expected = json!({
        "method": "POST", "url": url, "redirect": "manual", "aborted": false, "body": "{\"é\":1}",
        "headers": [["content-type", "application/json"], ["x-one", "tab\tand ~ visible"]],
    });
    assert_eq!(json(&answer), expected);
}

#[wasm_bindgen_test]
async fn a_request_without_a_body_has_none() {
    let net = Net::new_async("return Response.json([request.method, !request.body, await request.text()]);");
    for method in ["GET", "POST", "DELETE"] {
        let answer = net.send(Request { method, ..get() }).await.unwrap();
        assert_eq!(json(&answer), json!([method, true, ""]));
    }
}

#[wasm_bindgen_test]
async fn bytes_of_every_value_come_and_go_unchanged() {
    let net = Net::new_async("return new Response(await request.arrayBuffer());");
    let body: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    assert_eq!(net.send(Request { method: "POST", body: body.clone(), ..get() }).await.unwrap().body, body);
}

#[wasm_bindgen_test]
async fn the_answer_has_its_status_and_header_fields() {
    let net = Net::new(
        "return new Response('no', { status: 503, headers: [['Retry-After', '7'], ['X-Two', 'a'], ['x-two', 'b']] });",
    );
    let answer = net.get().await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (503, &b"no"[..]), "any status is an answer");
    assert_eq!((answer.headers.get("retry-after"), answer.headers.get("X-TWO")), (Some("7"), Some("a, b")));
    assert_eq!(answer.headers.get("x-three"), None);
}

/// Some libraries of pages replace `Array.from` by one that does not iterate.
#[wasm_bindgen_test]
async fn header_fields_are_read_by_what_iterates_over_them() {
    let fields = "{ *[Symbol.iterator]() { yield ['Retry-After', '7']; throw new Error('no more'); } }";
    let net = Net::new(&format!("return {{ status: 429, headers: {fields} }};"));
    let from = js::run(&[], "const from = Array.from; Array.from = () => []; return from;");
    let answer = net.get().await;
    js::run(&[("from", &from)], "Array.from = from;");
    assert_eq!(answer.unwrap().headers.iter().collect::<Vec<_>>(), [("Retry-After", "7")]);
}

#[wasm_bindgen_test]
async fn an_answer_without_a_body_is_empty() {
    for response in ["new Response(null, { status: 204 })", "new Response('')", "{ status: 200 }"] {
        let answer = Net::new(&format!("return {response};")).get().await.unwrap();
        assert!(answer.body.is_empty(), "{response}");
    }
}

/// What a browser shows of a redirect that it did not follow.
#[wasm_bindgen_test]
async fn a_hidden_redirect_is_a_redirect() {
    let answer =
        Net::new("return { type: 'opaqueredirect', status: 0, headers: new Headers(), body: null };").get().await;
    assert_eq!(answer.unwrap().status, 302);
}

/// By its shape and not by its class: a `Response` of another realm, or of a mock, will do.
#[wasm_bindgen_test]
async fn whatever_can_be_read_as_a_response_is_one() {
    const MOCK: &str = "const mock = {
        status: 201,
        headers: [['X-Id', '1'], ['x-number', 2], 7],
        arrayBuffer: async () => new Uint8Array([104, 105]).buffer,
    };";
    for given in ["mock", "Promise.resolve(mock)", "{ then: (resolve) => resolve(mock) }"] {
        let answer = Net::new(&format!("{MOCK} return {given};")).get().await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (201, &b"hi"[..]), "{given}");
        assert_eq!(answer.headers.iter().collect::<Vec<_>>(), [("X-Id", "1")], "what is no text is left out: {given}");
    }
}

#[wasm_bindgen_test]
async fn it_is_called_without_a_this() {
    // A function that is not strict would have the global object for it.
    let fetch = js::run(&[], "'use strict'; return function () { return Response.json(this === undefined); };");
    assert_eq!(json(&Net(fetch.unchecked_into()).get().await.unwrap()), json!(true));
}

#[wasm_bindgen_test]
async fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
    let too_large = "the body of the answer is larger than 10 bytes";
    let chunks = |sizes: &str| {
        format!(
            "return new Response(new ReadableStream({{
                start(controller) {{
                    for (const size of {sizes}) controller.enqueue(new Uint8Array(size));
                    controller.close();
                }},
            }}));"
        )
    };
    let mock = |size: usize| format!("return {{ status: 200, arrayBuffer: async () => new ArrayBuffer({size}) }};");
    for body in [chunks("[10]"), chunks("[4, 0, 6]"), mock(10)] {
        let net = Net::new(&body);
        assert_eq!(net.send_within(LIMIT, get()).await.unwrap().body.len(), LIMIT, "{body}");
        assert!(!net.is_aborted());
    }
    for body in [chunks("[11]"), chunks("[4, 6, 1]"), mock(11)] {
        let net = Net::new(&body);
        let error = fails(net.send_within(LIMIT, get()).await, HttpErrorKind::TooLarge, too_large);
        assert!(error.cause.0.is_none());
        assert!(net.is_aborted(), "what is left of it is not wanted: {body}");
    }
}

#[wasm_bindgen_test]
async fn a_body_without_an_end_is_read_up_to_the_limit() {
    let net = Net::new(
        "fetch.pulls = 0;
        const pull = (controller) => { fetch.pulls += 1; controller.enqueue(new Uint8Array(4)); };
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));",
    );
    assert_eq!(net.send_within(LIMIT, get()).await.unwrap_err().kind, HttpErrorKind::TooLarge);
    assert_eq!(field(&net.0, "pulls").as_f64(), Some(3.0));
}

#[wasm_bindgen_test]
async fn a_fetch_that_throws_or_is_rejected_has_made_no_connection() {
    for (thrown, message) in [
        ("new TypeError('no net')", "no net"),
        ("'a text'", "a text"),
        ("{ message: 'of a mock' }", "of a mock"),
        ("{ message: 7 }", "a value that is no error was thrown"),
        ("undefined", "a value that is no error was thrown"),
    ] {
        for how in ["throw fetch.thrown;", "return Promise.reject(fetch.thrown);"] {
            let net = Net::new(&format!("fetch.thrown = {thrown}; {how}"));
            let error = fails(net.get().await, HttpErrorKind::Connection, message);
            assert_eq!(cause(&error), Some(&field(&net.0, "thrown")), "the very value that was thrown");
        }
    }
}

#[wasm_bindgen_test]
async fn what_is_no_response_is_told_as_such() {
    let values = [
        "undefined",
        "null",
        "'text'",
        "{}",
        "{ status: '200' }",
        "{ status: 99 }",
        "{ status: 600 }",
        "{ status: NaN }",
    ];
    for value in values {
        let net = Net::new(&format!("return {value};"));
        let error = fails(net.get().await, HttpErrorKind::Body, "fetch answered with something that is no Response");
        assert_eq!(js::json(cause(&error).unwrap()), js::json(&js::value(value)));
    }
}

#[wasm_bindgen_test]
async fn a_body_that_is_cut_or_unreadable_is_told_from_no_answer() {
    let cut = Net::new(
        "let pulls = 0;
        const pull = (controller) => (pulls++ ? controller.error(fetch.thrown) : controller.enqueue(new Uint8Array(3)));
        fetch.thrown = new TypeError('cut');
        return new Response(new ReadableStream({ pull }));",
    );
    let error = fails(cut.get().await, HttpErrorKind::Body, "cut");
    assert_eq!(cause(&error), Some(&field(&cut.0, "thrown")));
    assert!(cut.is_aborted());

    let used = Net::new_async("const response = new Response('read'); await response.text(); return response;");
    assert_eq!(used.get().await.unwrap_err().kind, HttpErrorKind::Body);
    let locked = Net::new("const response = new Response('read'); response.body.getReader(); return response;");
    assert_eq!(locked.get().await.unwrap_err().kind, HttpErrorKind::Body);
    let text = Net::new("return { status: 200, body: new ReadableStream({ start(c) { c.enqueue('text'); } }) };");
    fails(text.get().await, HttpErrorKind::Body, "the body of the answer is not made of bytes");
    let mock = Net::new("return { status: 200, arrayBuffer: () => Promise.reject(new Error('used up')) };");
    fails(mock.get().await, HttpErrorKind::Body, "used up");
    let mock = Net::new("return { status: 200, body: { getReader: () => ({}) } };");
    assert_eq!(mock.get().await.unwrap_err().kind, HttpErrorKind::Body);
}

#[wasm_bindgen_test]
async fn what_cannot_be_sent_is_told_before_anything_is() {
    let net = Net::new("return new Response();");
    let with = |name: &str, value: &str| Request { headers: Headers::new().with(name, value), ..get() };
    let url = |url: &str| Request { url: url.into(), ..get() };
    let url_message = "the URL is not one that fetch accepts";
    for (request, message) in [
        (with("X-A", "two\r\nlines"), "the header \"X-A\" cannot be sent"),
        (with("X-A", "é"), "the header \"X-A\" cannot be sent"),
        (with("X-A", "\u{7f}"), "the header \"X-A\" cannot be sent"),
        (with("X A", "1"), "the header \"X A\" cannot be sent"),
        (with("", "1"), "the header \"\" cannot be sent"),
        (url("https://"), url_message),
        (url("https://user:pw@broker.example"), url_message),
    ] {
        fails(net.send(request).await, HttpErrorKind::Invalid, message);
    }
    // No method of ours, a method that fetch forbids, and a body where there may be none: what the runtime says of them is kept.
    let method = |method| Request { method, ..get() };
    for request in [method("P T"), method("CONNECT"), Request { body: b"a body".into(), ..get() }] {
        let error = net.send(request).await.unwrap_err();
        assert_eq!(error.kind, HttpErrorKind::Invalid);
        assert!(!error.message.contains("URL") && cause(&error).is_some(), "{error}");
    }
    assert!(field(&net.0, "request").is_undefined(), "nothing was sent");
}

#[wasm_bindgen_test]
async fn a_request_that_is_given_up_is_aborted() {
    let never = "new Promise(() => {})";
    for hangs in [
        format!("return {never};"),
        format!("return new Response(new ReadableStream({{ pull: () => {never} }}));"),
        "return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(3)); } }));".to_owned(),
        format!("return {{ status: 200, arrayBuffer: () => {never} }};"),
    ] {
        let net = Net::new(&hangs);
        select(pin!(net.get()), pin!(Timers.sleep(10))).await;
        assert!(net.is_aborted(), "{hangs}");

        let mut asked = Box::pin(net.get());
        assert!(asked.as_mut().now_or_never().is_none());
        Timers.sleep(1).await;
        assert!(!net.is_aborted(), "not before: {hangs}");
        drop(asked);
        assert!(net.is_aborted(), "{hangs}");
    }
}

/// It has no `Request` or `Response` but those of the runtime, and may be called without a `this`, too.
#[wasm_bindgen_test]
async fn the_fetch_of_the_runtime_will_do() {
    let net = Net(field(&js_sys::global(), "fetch").unchecked_into());
    let answer = net.send(Request { url: "data:text/x-order,%7B%C3%A9%7D".into(), ..get() }).await.unwrap();
    assert_eq!((answer.status, answer.headers.get("content-type")), (200, Some("text/x-order")));
    assert_eq!(answer.body, "{é}".as_bytes());
    // No runtime connects to this port.
    let error = net.send(Request { url: "http://127.0.0.1:1/".into(), ..get() }).await.unwrap_err();
    assert_eq!(error.kind, HttpErrorKind::Connection);
    assert!(cause(&error).unwrap().is_instance_of::<js_sys::TypeError>() && !error.message.is_empty(), "{error}");
}

/// To abort what has ended would be told to whoever listens, as a request that was cut.
#[wasm_bindgen_test]
async fn a_request_whose_answer_was_read_is_not_aborted() {
    let net = Net::new("return new Response('all');");
    net.get().await.unwrap();
    Timers.sleep(1).await;
    assert!(!net.is_aborted());
}
