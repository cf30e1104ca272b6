//! Orders before they are sent: validated, mended, built, divided into batches.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{
    call::{bytes, count, number, options, pairs, text},
    values::{failure, field, set, write},
};
use crate::{
    batch, build,
    json::Names,
    validate::{self, Code, Options, Severity, Validated},
};

/// What is said of an input whose own fault is not listed: it may come behind more issues than a report has.
const NO_LIST: &str = "The input is not a list of orders.";

/// `{ input, order?, severity?, maxIssues?, maxBytes?, maxOrders? }` to a report: on one order if `order` is true.
///
/// # Errors
/// A wrong call.
#[wasm_bindgen(js_name = validate)]
pub fn validate(call: JsValue) -> Result<JsValue, JsValue> {
    let (input, options) = (bytes(&call, "input"), options(&call)?);
    let one = field(&call, "order").is_truthy();
    let validated =
        if one { validate::validate_order(&input, &options) } else { validate::validate_orders(&input, &options) };
    write(&validated.report)
}

/// `{ input, chosen: [code, pointer][] }` to `{ bytes, applied }`.
#[wasm_bindgen(js_name = applyFixes)]
pub fn apply_fixes(call: JsValue) -> JsValue {
    let mut chosen = Names::new();
    for (code, pointer) in pairs(&call, "chosen") {
        chosen.insert((code.into(), pointer.into()), 0);
    }
    let fixed = validate::apply_fixes(&bytes(&call, "input"), |code: Code, pointer| {
        chosen.get(&(code.name().into(), pointer.into())).is_some()
    });
    let out = Object::new();
    set(&out, "bytes", &Uint8Array::from(fixed.bytes.as_slice()));
    set(&out, "applied", &JsValue::from(fixed.applied));
    out.into()
}

/// `{ input }`, which is no list of orders: refuses it as [`batch_orders`] does.
///
/// # Errors
/// `invalid_json` or `invalid_input`, with the report.
#[wasm_bindgen(js_name = refuse)]
pub fn refuse(call: JsValue) -> Result<(), JsValue> {
    let fault = fault(&validate::validate_orders(&bytes(&call, "input"), &Options::default()));
    Err(fault.unwrap_or_else(|| failure("invalid_input", NO_LIST)))
}

/// `{ draft, now }` to the bytes of a complete order; `now` in milliseconds.
///
/// # Errors
/// `invalid_json`, if the draft is not JSON.
#[wasm_bindgen(js_name = buildOrder)]
pub fn build_order(call: JsValue) -> Result<Uint8Array, JsValue> {
    let draft = bytes(&call, "draft");
    match build::build_order(&draft, number(&call, "now").unwrap_or_default()) {
        Ok(order) => Ok(Uint8Array::from(order.as_slice())),
        Err(_) => Err(fault(&validate::validate_order(&draft, &Options::default()))
            .unwrap_or_else(|| failure("invalid_json", "The draft is not JSON."))),
    }
}

/// `{ input, size, submissionId }` to `{ batchId, body, orders, wave }[]`.
///
/// # Errors
/// `invalid_json` or `invalid_input`, with the report, if the input has no orders to tell of.
#[wasm_bindgen(js_name = batchOrders)]
pub fn batch_orders(call: JsValue) -> Result<Array, JsValue> {
    let input = bytes(&call, "input");
    // Issues are listed only where somebody reads them: with the error.
    let validated = validate::validate_orders(&input, &Options { max_issues: 0, ..Options::default() });
    if is_at_fault(&validated)
        && let Some(fault) = fault(&validate::validate_orders(&input, &Options::default()))
    {
        return Err(fault);
    }
    let (orders, size) = (&validated.orders, count(&call, "size").unwrap_or(batch::MAX_ORDERS));
    let submission = text(&call, "submissionId").unwrap_or_default();
    let every: Vec<_> = (0..orders.len()).collect();
    let list = Array::new();
    for (number, batch) in (1_u32..).zip(batch::plan(orders, &every, size)) {
        let body = batch::body_of(&input, orders, &batch.orders);
        let indices = Array::new();
        for index in batch.orders {
            indices.push(&JsValue::from(index));
        }
        let out = Object::new();
        set(&out, "batchId", &JsValue::from([&submission, ".", &number.to_string()].concat()));
        set(&out, "body", &Uint8Array::from(body.as_slice()));
        set(&out, "orders", &indices);
        set(&out, "wave", &JsValue::from(batch.wave));
        list.push(&out);
    }
    Ok(list)
}

/// Whether there are errors that are of no order.
fn is_at_fault(validated: &Validated) -> bool {
    let of_orders: usize = validated.orders.iter().map(|order| order.errors).sum();
    validated.report.error_count > of_orders
}

/// The error of an input that is at fault as a whole, so that it has no orders to tell of: with its report.
pub fn fault(validated: &Validated) -> Option<JsValue> {
    if !is_at_fault(validated) {
        return None;
    }
    let report = &validated.report;
    let of_whole = report.issues.iter().find(|issue| issue.severity == Severity::Error && issue.order_index.is_none());
    let code = match of_whole.map(|issue| issue.code) {
        Some(Code::JsonSyntax | Code::InvalidUtf8) => "invalid_json",
        _ => "invalid_input",
    };
    let error = failure(code, of_whole.map_or(NO_LIST, |issue| &issue.message));
    if let Ok(report) = write(report) {
        set(error.unchecked_ref(), "report", &report);
    }
    Some(error)
}
