//! Reads the one object that an export is called with. The glue has checked the types of everything a caller gives.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::values::{field, wrong_call};
use crate::{
    schema::Provenance,
    validate::{Code, Options, Severity},
};

/// A field that holds text.
pub fn text(call: &JsValue, name: &str) -> Option<String> {
    field(call, name).as_string()
}

/// A field that holds a whole number from 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
pub fn number(call: &JsValue, name: &str) -> Option<u64> {
    field(call, name).as_f64().map(|number| number as u64)
}

/// The same as a count.
pub fn count(call: &JsValue, name: &str) -> Option<usize> {
    number(call, name).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

/// A field that holds bytes, copied.
pub fn bytes(call: &JsValue, name: &str) -> Vec<u8> {
    field(call, name).unchecked_into::<Uint8Array>().to_vec()
}

/// A field that holds a list of pairs of texts.
pub fn pairs(call: &JsValue, name: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for pair in field(call, name).dyn_into::<Array>().unwrap_or_default().iter() {
        if let (Some(first), Some(second)) = (text(&pair, "0"), text(&pair, "1")) {
            pairs.push((first, second));
        }
    }
    pairs
}

/// What the validator shall look for.
///
/// # Errors
/// A wrong call, if a severity or a message is set for a code that does not exist, or a severity that cannot be set.
pub fn options(call: &JsValue) -> Result<Options, JsValue> {
    let mut options = Options { max_orders: count(call, "maxOrders"), ..Options::default() };
    options.max_issues = count(call, "maxIssues").unwrap_or(options.max_issues);
    options.max_bytes = count(call, "maxBytes").unwrap_or(options.max_bytes);
    for (name, _) in pairs(call, "messages") {
        code("messages", &name)?;
    }
    for (name, severity) in pairs(call, "severity") {
        let code = code("severity", &name)?;
        if matches!(code.provenance(), Provenance::Json | Provenance::Package) {
            return Err(wrong_call(&["severity: \"", &name, "\" is always an error. Leave it out."].concat()));
        }
        let severity = match severity.as_str() {
            "off" => None,
            "warning" => Some(Severity::Warning),
            _ => Some(Severity::Error),
        };
        options.severity.push((code, severity));
    }
    Ok(options)
}

fn code(option: &str, name: &str) -> Result<Code, JsValue> {
    let wrong = || wrong_call(&[option, ": there is no rule \"", name, "\". The type IssueCode lists them."].concat());
    Code::from_name(name).ok_or_else(wrong)
}
