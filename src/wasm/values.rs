//! Plain values over the border, by serde.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::json::{Unwritable, to_ascii_json};

/// What the glue knows a wrong call by.
const WRONG_CALL: &str = "wrong_call";

/// Writes a plain value: objects and arrays, never a `Map`; absent fields stay absent.
///
/// As JSON text in one piece. A report of a thousand issues has twenty thousand values, and to hand each of them over alone
/// takes five times as long as to write and parse the text.
///
/// # Errors
/// The plain form of an error. The types of this crate give none.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    parsed(to_ascii_json(value))
}

/// The part of [`write`] that is the same for all types.
#[inline(never)]
fn parsed(text: Result<Vec<u8>, Unwritable>) -> Result<JsValue, JsValue> {
    let text = text.map_err(|_| failure("internal", "A value of this kind does not cross."))?;
    js_sys::JSON::parse(std::str::from_utf8(&text).unwrap_or_default())
}

/// Reads a plain value that is made of a few plain values.
///
/// # Errors
/// A wrong call that names the function the value was given to.
#[cfg(feature = "server")]
pub fn read<T: serde::de::DeserializeOwned>(value: &JsValue, function: &str) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value.clone()).map_err(|error| wrong_call(&format!("{function}: {error}.")))
}

/// The plain form of an error, of which the glue makes a real one.
#[must_use]
pub fn failure(code: &str, message: &str) -> JsValue {
    let error = Object::new();
    set(&error, "code", &JsValue::from_str(code));
    set(&error, "message", &JsValue::from_str(message));
    error.into()
}

/// The plain form of the error of a call that cannot be meant.
#[must_use]
pub fn wrong_call(message: &str) -> JsValue {
    failure(WRONG_CALL, message)
}

/// Sets a field of an object made here; such an object refuses nothing.
pub fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// The field of that name; `undefined` when the value has no fields or its getter throws.
#[must_use]
pub fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// What was thrown, as text: the message of an `Error`, or of anything that has one, else the thing itself if it is text.
#[must_use]
pub fn describe(thrown: &JsValue) -> String {
    field(thrown, "message")
        .as_string()
        .or_else(|| thrown.as_string())
        .unwrap_or_else(|| "a value that is no error was thrown".to_owned())
}
