//! Readers of streams. One stays, with what it has read, for as long as the glue keeps its number.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::{
    call::{bytes, count, number, options},
    values::{failure, field, set, write},
};
use crate::validate::{Part, Reader, ReaderOptions, Validated};

/// A reader by the number that the glue gave it, and the part that it gave last.
struct Open {
    number: u64,
    reader: Reader,
    part: Option<Part>,
}

thread_local! {
    static READERS: RefCell<Vec<Open>> = const { RefCell::new(Vec::new()) };
}

/// `{ reader, severity?, maxIssues?, maxBytes?, warnings?, partOrders?, positions? }`: opens a reader of that number.
///
/// # Errors
/// A wrong call.
#[wasm_bindgen(js_name = openReader)]
pub fn open_reader(call: JsValue) -> Result<(), JsValue> {
    let usual = ReaderOptions::default();
    let mut validate = options(&call)?;
    validate.max_bytes = count(&call, "maxBytes").unwrap_or(usual.validate.max_bytes);
    validate.list_warnings = field(&call, "warnings") != JsValue::FALSE;
    let positions = field(&call, "positions").is_truthy();
    let reader = Reader::new(ReaderOptions { validate, part_orders: count(&call, "partOrders"), positions });
    let number = number(&call, "reader").unwrap_or_default();
    READERS.with_borrow_mut(|readers| readers.push(Open { number, reader, part: None }));
    Ok(())
}

/// `{ reader, chunk?, end? }` to the report on the next part, with `firstOrder`, `repeats` and `last`; to `undefined` if more
/// must come first.
///
/// # Errors
/// `internal`, if there is no such reader (any more).
#[wasm_bindgen(js_name = readOrders)]
pub fn read_orders(call: JsValue) -> Result<JsValue, JsValue> {
    with_reader(&call, |open| {
        if !field(&call, "chunk").is_undefined() {
            open.reader.push(&bytes(&call, "chunk"));
        }
        if field(&call, "end").is_truthy() {
            open.reader.end();
        }
        open.part = open.reader.next();
        let Some(part) = &open.part else { return Ok(JsValue::UNDEFINED) };
        let out = write(&part.validated.report)?;
        set(out.unchecked_ref(), "firstOrder", &JsValue::from(part.validated.first_order));
        set(out.unchecked_ref(), "repeats", &JsValue::from(part.repeats));
        set(out.unchecked_ref(), "last", &JsValue::from(part.last));
        Ok(out)
    })
}

/// `{ reader }`: nobody will ask it again.
#[wasm_bindgen(js_name = closeReader)]
pub fn close_reader(call: JsValue) {
    let wanted = number(&call, "reader").unwrap_or_default();
    READERS.with_borrow_mut(|readers| readers.retain(|open| open.number != wanted));
}

/// The bytes and the orders of the part that the reader of the call has given last; nothing if the call has no reader.
///
/// # Errors
/// As [`read_orders`].
pub fn take_part(call: &JsValue) -> Result<Option<(Vec<u8>, Validated)>, JsValue> {
    if field(call, "reader").is_undefined() {
        return Ok(None);
    }
    with_reader(call, |open| Ok(open.part.take().map(|part| (part.bytes, part.validated))))
}

fn with_reader<T>(call: &JsValue, action: impl FnOnce(&mut Open) -> Result<T, JsValue>) -> Result<T, JsValue> {
    let wanted = number(call, "reader").unwrap_or_default();
    READERS.with_borrow_mut(|readers| match readers.iter_mut().find(|open| open.number == wanted) {
        Some(open) => action(open),
        None => Err(failure(
            "internal",
            "What was read of the stream is lost: the package has met a fault of its own meanwhile.",
        )),
    })
}
