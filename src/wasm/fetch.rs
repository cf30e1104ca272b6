//! HTTP by an injected `fetch`.
//!
//! Header fields and answer are those of gloo-net. It does not send: its own way to `fetch` takes the global one, and
//! panics when that rejects with anything but an `Error` of this realm or answers with anything but a `Response` of it. A
//! runtime, a test or a shop's wrapper may well do so; here each of these is an `HttpError` that keeps what was thrown. Nor
//! does its builder make the request: that parses the method and the query, which are ours, with three kilobytes of program.

use std::rc::Rc;

use gloo_net::http::{Headers as Fields, Response as Head};
use js_sys::{ArrayBuffer, Function, Promise, Reflect, Symbol, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, RequestRedirect};

use super::{
    call::text,
    values::{describe, field},
};
use crate::{
    json::write_string,
    ports::{Cause, Headers, Http, HttpError, HttpErrorKind, Request, Response},
};

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
        let called = self.fetch.call1(&JsValue::UNDEFINED, draft(request, &abort)?.as_ref());
        let answer = settle(called, HttpErrorKind::Connection).await?;
        let (mut response, source) = begun(answer)?;
        if let Some(source) = source {
            loop {
                let piece = settle(source.read.call0(&source.of), HttpErrorKind::Body).await?;
                if source.take(piece, &mut response.body, self.largest_body)? {
                    break;
                }
            }
        }
        abort.disarm();
        Ok(response)
    }
}

/// The request. Its header fields are looked at first, so that an error names the one at fault.
#[allow(clippy::needless_pass_by_value, reason = "so that nothing keeps it until the answer is there")]
fn draft(request: Request, abort: &Abort) -> Result<web_sys::Request, HttpError> {
    let fields = Fields::new();
    for (name, value) in request.headers.iter() {
        if !is_token(name) || !is_field_value(value) {
            let mut quoted = Vec::new();
            write_string(&mut quoted, name);
            return Err(invalid(&["the header ", &String::from_utf8_lossy(&quoted), " cannot be sent"].concat()));
        }
        fields.set(name, value);
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&fields.into_raw());
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&abort.controller.signal()));
    if !request.body.is_empty() {
        init.set_body(&Uint8Array::from(&*request.body));
    }
    web_sys::Request::new_with_str_and_init(&request.url, &init).map_err(|thrown| match web_sys::Request::new_with_str(
        &request.url,
    ) {
        Ok(_) => failed(HttpErrorKind::Invalid, thrown),
        Err(_) => invalid("the URL is not one that fetch accepts"),
    })
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Visible ASCII, spaces and tabs: what every runtime sends the same (RFC 9110, section 5.5).
fn is_field_value(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
}

/// Status and header fields of what `fetch` answered, and where its body comes from if it has one. By its shape and not by its
/// class: a `Response` of another realm, or of a mock, will do.
fn begun(answer: JsValue) -> Result<(Response, Option<Source>), HttpError> {
    let hidden = field(&answer, "type").as_string().as_deref() == Some("opaqueredirect");
    let whole = field(&answer, "status").as_f64().is_some_and(|status| (100.0..600.0).contains(&status));
    if !hidden && !whole {
        return Err(HttpError {
            kind: HttpErrorKind::Body,
            message: "fetch answered with something that is no Response".to_owned(),
            cause: cause(answer),
        });
    }
    let head = Head::from(answer.clone().unchecked_into::<web_sys::Response>());
    let status = if hidden { REDIRECT } else { head.status() };
    let headers = fields_of(&field(&answer, "headers"));
    let stream = head.body().map(JsValue::from).unwrap_or_default();
    let source = if let Some(get_reader) = function(&stream, "getReader") {
        let reader = get_reader.call0(&stream).map_err(cut)?;
        let read = field(&reader, "read").dyn_into::<Function>().map_err(cut)?;
        Some(Source { of: reader, read, is_stream: true })
    } else {
        function(&answer, "arrayBuffer").map(|read| Source { of: answer, read, is_stream: false })
    };
    Ok((Response { status, headers, body: Vec::new() }, source))
}

/// Header fields by what iterates over them, and not by `Array.from`, which some libraries of pages replace. Those whose name or
/// value is no text, as a mock may have them, are left out.
fn fields_of(headers: &JsValue) -> Headers {
    let mut fields = Vec::new();
    let iterate = Reflect::get(headers, &Symbol::iterator()).and_then(|iterate| iterate.dyn_into::<Function>());
    let iterator = iterate.and_then(|iterate| iterate.call0(headers)).unwrap_or_default();
    if let Some(next) = function(&iterator, "next") {
        while let Ok(step) = next.call0(&iterator)
            && step.is_object()
            && !field(&step, "done").is_truthy()
        {
            let entry = field(&step, "value");
            if let (Some(name), Some(value)) = (text(&entry, "0"), text(&entry, "1")) {
                fields.push((name, value));
            }
        }
    }
    fields.into()
}

/// A field that holds a function.
fn function(of: &JsValue, name: &str) -> Option<Function> {
    field(of, name).dyn_into().ok()
}

/// Where the body of an answer comes from: a reader that gives piece after piece, or an answer that gives it at once.
struct Source {
    of: JsValue,
    read: Function,
    is_stream: bool,
}

impl Source {
    /// Adds what was read, unless the body becomes larger than `largest` bytes; says whether this was the end.
    fn take(&self, mut piece: JsValue, body: &mut Vec<u8>, largest: usize) -> Result<bool, HttpError> {
        if self.is_stream {
            if field(&piece, "done").is_truthy() {
                return Ok(true);
            }
            piece = field(&piece, "value");
            if !ArrayBuffer::is_view(&piece) {
                return Err(cut(JsValue::from_str("the body of the answer is not made of bytes")));
            }
        }
        let piece = Uint8Array::new(&piece);
        if piece.length() as usize > largest.saturating_sub(body.len()) {
            return Err(too_large(largest));
        }
        body.extend_from_slice(&piece.to_vec());
        Ok(!self.is_stream)
    }
}

/// What a call gives in the end: of a promise, of a thenable, or at once.
async fn settle(called: Result<JsValue, JsValue>, otherwise: HttpErrorKind) -> Result<JsValue, HttpError> {
    let settled = match called {
        Ok(given) => JsFuture::from(Promise::resolve(&given)).await,
        thrown => thrown,
    };
    settled.map_err(|thrown| failed(otherwise, thrown))
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
    let message = ["the body of the answer is larger than ", &largest.to_string(), " bytes"].concat();
    HttpError { kind: HttpErrorKind::TooLarge, message, cause: Cause::default() }
}

fn invalid(message: &str) -> HttpError {
    HttpError { kind: HttpErrorKind::Invalid, message: message.to_owned(), cause: Cause::default() }
}

#[inline(never)]
fn failed(kind: HttpErrorKind, thrown: JsValue) -> HttpError {
    HttpError { kind, message: describe(&thrown), cause: cause(thrown) }
}

fn cause(value: JsValue) -> Cause {
    Cause(Some(Rc::new(value)))
}
