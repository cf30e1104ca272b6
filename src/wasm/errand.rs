//! Errands over the border: `{ errand: "enqueue", body }`, `{ errand: "status", clientId, clientOrderId }`, `{ errand: "list", list,
//! clientId, cursor?, limit? }`, `{ errand: "resend", clientId, clientOrderId, order? }`, `{ errand: "dismiss", clientId,
//! clientOrderId }`, where the list is `"dead-letters"` or `"unknown"`.

use js_sys::{Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{
    call::{bytes, count, text},
    values::{field, set, wrong_call},
};
use crate::outbox::{Cursor, Errand, List, OrderName, PAGE_SIZE};

/// Reads an errand.
///
/// # Errors
/// A wrong call, if it is none.
pub fn read_errand(value: &JsValue) -> Result<Errand, JsValue> {
    let name = || OrderName {
        client_id: text(value, "clientId").unwrap_or_default(),
        client_order_id: text(value, "clientOrderId").unwrap_or_default(),
    };
    Ok(match text(value, "errand").as_deref() {
        Some("enqueue") => Errand::Enqueue(bytes(value, "body")),
        Some("status") => Errand::Status(name()),
        Some("resend") => {
            let order = field(value, "order").dyn_into::<Uint8Array>().ok();
            Errand::Resend(name(), order.map(|order| order.to_vec()))
        }
        Some("dismiss") => Errand::Dismiss(name()),
        Some("list") => {
            let cursor = text(value, "cursor").map(|cursor| {
                Cursor::read(&cursor).ok_or_else(|| wrong_call("cursor must be the member next of the page before."))
            });
            Errand::List {
                list: if text(value, "list").as_deref() == Some("unknown") { List::Unknown } else { List::DeadLetters },
                client_id: text(value, "clientId").unwrap_or_default(),
                cursor: cursor.transpose()?.unwrap_or_default(),
                limit: count(value, "limit").unwrap_or(PAGE_SIZE),
            }
        }
        _ => return Err(wrong_call("This is no errand.")),
    })
}

/// Writes an errand.
#[must_use]
pub fn write_errand(errand: &Errand) -> Object {
    let out = Object::new();
    let named = |kind: &str, OrderName { client_id, client_order_id }: &OrderName| {
        set(&out, "errand", &kind.into());
        set(&out, "clientId", &client_id.into());
        set(&out, "clientOrderId", &client_order_id.into());
    };
    match errand {
        Errand::Enqueue(body) => {
            set(&out, "errand", &"enqueue".into());
            set(&out, "body", &Uint8Array::from(body.as_slice()));
        }
        Errand::Status(name) => named("status", name),
        Errand::Dismiss(name) => named("dismiss", name),
        Errand::Resend(name, order) => {
            named("resend", name);
            if let Some(order) = order {
                set(&out, "order", &Uint8Array::from(order.as_slice()));
            }
        }
        Errand::List { list, client_id, cursor, limit } => {
            set(&out, "errand", &"list".into());
            set(&out, "list", &if *list == List::Unknown { "unknown" } else { "dead-letters" }.into());
            set(&out, "clientId", &client_id.into());
            set(&out, "cursor", &cursor.to_string().into());
            set(&out, "limit", &JsValue::from(*limit as f64));
        }
    }
    out
}
