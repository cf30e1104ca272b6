//! HTTP by an injected `fetch`.
//!
//! gloo-net builds the request and reads the head of the answer. It does not send: its own way to `fetch` takes the global
//! one, and panics when that rejects with anything but an `Error` of this realm or answers with anything but a `Response` of it.
//! A runtime, a test or a shop's wrapper may well do so; here each of these is an `HttpError` that keeps what was thrown.

use std::rc::Rc;

use gloo_net::http::{Request as Draft, RequestBuilder};
use js_sys::{Array, ArrayBuffer, Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestRedirect};

use super::values::{describe, field};
use crate::ports::{Cause, Headers, Http, HttpError, HttpErrorKind, Request, Response};

/// What a browser shows of a redirect is that there was one; this status stands for it.
const REDIRECT: u16 = 302;

/// Sends by a function that keeps to the Fetch standard.
#[derive(Clone, Debug)]
pub struct Fetch {
    fetch: Function,
    largest_body: usize,
}

impl Fetch {
    /// Will call `fetch` with a `Request`, `this` being undefined, and read at most `largest_body` bytes of an answer.
    #[must_use]
    pub const fn new(fetch: Function, largest_body: usize) -> Self {
        Self { fetch, largest_body }
    }
}

impl Http for Fetch {
    /// Redirects are not followed: a `POST` would arrive as a `GET`, and credentials might go elsewhere. In a browser one is
    /// seen as status 302 without headers.
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let abort = Abort::new()?;
        let draft = draft(&request, &abort)?;
        let sent = self.fetch.call1(&JsValue::UNDEFINED, web_sys::Request::from(draft).as_ref());
        let connection = |thrown| failed(HttpErrorKind::Connection, thrown);
        // Promise.resolve takes a value that is no promise, and a thenable.
        let answer = JsFuture::from(Promise::resolve(&sent.map_err(connection)?)).await.map_err(connection)?;
        let answer = Answer::new(answer)?;
        let body = answer.body(self.largest_body).await?;
        abort.disarm();
        Ok(Response { status: answer.status, headers: answer.headers(), body })
    }
}

/// The request as gloo-net has it. All that could make the browser's constructors throw is looked at first.
fn draft(request: &Request, abort: &Abort) -> Result<Draft, HttpError> {
    if let Some((name, _)) = request.headers.iter().find(|(name, value)| !is_token(name) || !is_field_value(value)) {
        return Err(invalid(&format!("the header {name:?} cannot be sent")));
    }
    if web_sys::Request::new_with_str(&request.url).is_err() {
        return Err(invalid("the URL is not one that fetch accepts"));
    }
    let method = request.method.parse().map_err(|_| invalid("the method is not one that fetch accepts"))?;
    let mut builder = RequestBuilder::new(&request.url)
        .method(method)
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&abort.controller.signal()));
    for (name, value) in request.headers.iter() {
        builder = builder.header(name, value);
    }
    let built = if request.body.is_empty() { builder.build() } else { builder.body(Uint8Array::from(&*request.body)) };
    built.map_err(|error| invalid(&error.to_string()))
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Visible ASCII, spaces and tabs: what every runtime sends the same (RFC 9110, section 5.5).
fn is_field_value(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
}

/// What `fetch` answered, known to be close enough to a `Response` to be read as one.
struct Answer {
    raw: JsValue,
    response: gloo_net::http::Response,
    status: u16,
}

impl Answer {
    /// By its shape and not by its class: a `Response` of another realm, or of a mock, will do.
    fn new(raw: JsValue) -> Result<Self, HttpError> {
        let hidden = field(&raw, "type").as_string().as_deref() == Some("opaqueredirect");
        let whole = field(&raw, "status").as_f64().is_some_and(|status| (100.0..600.0).contains(&status));
        if !hidden && !whole {
            return Err(HttpError {
                kind: HttpErrorKind::Body,
                message: "fetch answered with something that is no Response".to_owned(),
                cause: cause(raw),
            });
        }
        let response = gloo_net::http::Response::from(raw.clone().unchecked_into::<web_sys::Response>());
        let status = if hidden { REDIRECT } else { response.status() };
        Ok(Self { raw, response, status })
    }

    /// Fields whose name or value is no text, as a mock may have them, are left out.
    fn headers(&self) -> Headers {
        let Ok(Some(entries)) = js_sys::try_iter(&field(&self.raw, "headers")) else {
            return Headers::new();
        };
        entries
            .filter_map(Result::ok)
            .filter_map(|entry| {
                let entry = Array::from(&entry);
                Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
            })
            .collect()
    }

    /// The whole body, unless it is larger than `largest` bytes.
    async fn body(&self, largest: usize) -> Result<Vec<u8>, HttpError> {
        if let Some(stream) = self.response.body()
            && let Ok(get_reader) = field(&stream, "getReader").dyn_into::<Function>()
        {
            let reader = get_reader.call0(&stream).map_err(cut)?;
            return read_stream(&reader, largest).await;
        }
        let Ok(array_buffer) = field(&self.raw, "arrayBuffer").dyn_into::<Function>() else {
            return Ok(Vec::new());
        };
        let buffer = settle(array_buffer.call0(&self.raw)).await?;
        let bytes = Uint8Array::new(&buffer);
        if bytes.length() as usize > largest { Err(too_large(largest)) } else { Ok(bytes.to_vec()) }
    }
}

async fn read_stream(reader: &JsValue, largest: usize) -> Result<Vec<u8>, HttpError> {
    let read = field(reader, "read").dyn_into::<Function>().map_err(cut)?;
    let mut body = Vec::new();
    loop {
        let step = settle(read.call0(reader)).await?;
        if field(&step, "done").is_truthy() {
            return Ok(body);
        }
        let chunk = field(&step, "value");
        if !ArrayBuffer::is_view(&chunk) {
            return Err(cut(JsValue::from_str("the body of the answer is not made of bytes")));
        }
        let chunk = Uint8Array::new(&chunk);
        if chunk.length() as usize > largest.saturating_sub(body.len()) {
            return Err(too_large(largest));
        }
        body.extend_from_slice(&chunk.to_vec());
    }
}

async fn settle(called: Result<JsValue, JsValue>) -> Result<JsValue, HttpError> {
    JsFuture::from(Promise::resolve(&called.map_err(cut)?)).await.map_err(cut)
}

/// Ends the request when it is dropped before its answer was read: the caller gave it up, or the body was too large.
struct Abort {
    controller: AbortController,
    armed: bool,
}

impl Abort {
    fn new() -> Result<Self, HttpError> {
        let controller = AbortController::new().map_err(|thrown| failed(HttpErrorKind::Invalid, thrown))?;
        Ok(Self { controller, armed: true })
    }

    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if self.armed {
            self.controller.abort();
        }
    }
}

fn cut(thrown: JsValue) -> HttpError {
    failed(HttpErrorKind::Body, thrown)
}

fn too_large(largest: usize) -> HttpError {
    let message = format!("the body of the answer is larger than {largest} bytes");
    HttpError { kind: HttpErrorKind::TooLarge, message, cause: Cause::default() }
}

fn invalid(message: &str) -> HttpError {
    HttpError { kind: HttpErrorKind::Invalid, message: message.to_owned(), cause: Cause::default() }
}

fn failed(kind: HttpErrorKind, thrown: JsValue) -> HttpError {
    HttpError { kind, message: describe(&thrown), cause: cause(thrown) }
}

fn cause(value: JsValue) -> Cause {
    Cause(Some(Rc::new(value)))
}
