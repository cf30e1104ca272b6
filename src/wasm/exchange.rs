//! A server's requests and answers over the border.

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{
    call::{pairs, text},
    values::{field, set},
};
use crate::ports::{Headers, Response};

/// Method, path and header fields of a request.
#[derive(Debug)]
pub struct Asked {
    /// The method in capitals.
    pub method: String,
    /// The path of the URL, without its query.
    pub path: String,
    /// The header fields.
    pub headers: Headers,
}

impl Asked {
    /// Reads `{ method, path, headers: [name, value][] }`.
    #[must_use]
    pub fn of(call: &JsValue) -> Self {
        Self {
            method: text(call, "method").unwrap_or_default(),
            path: text(call, "path").unwrap_or_default(),
            headers: pairs(call, "headers").into_iter().collect(),
        }
    }
}

/// The answer as `{ status, headers: [name, value][], body }`.
#[must_use]
pub fn plain(answer: &Response) -> Object {
    let pair = |(name, value)| JsValue::from(Array::of2(&JsValue::from_str(name), &JsValue::from_str(value)));
    let out = Object::new();
    set(&out, "status", &JsValue::from(answer.status));
    set(&out, "headers", &answer.headers.iter().map(pair).collect::<Array>());
    set(&out, "body", &Uint8Array::from(answer.body.as_slice()));
    out
}

/// A function of the glue that a call brings along.
#[must_use]
pub fn function(call: &JsValue, name: &str) -> Function {
    field(call, name).unchecked_into()
}

/// The same, where a call may come without.
#[must_use]
pub fn optional(call: &JsValue, name: &str) -> Option<Function> {
    field(call, name).dyn_into().ok()
}

/// What a call of a function of the glue gave, waited for if it is a promise.
///
/// # Errors
/// What was thrown, or what the promise was rejected with.
pub async fn settle(called: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    // Promise.resolve takes a value that is no promise, and a thenable.
    JsFuture::from(Promise::resolve(&called?)).await
}
