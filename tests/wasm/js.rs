//! What the tests say in JavaScript, since it is what the border has on its other side.

use js_sys::{Array, Function, JSON, Reflect};
use pb_fulfillment::wasm::values::field;
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// Runs statements that know these values by their names, and gives what they return.
pub(crate) fn run(given: &[(&str, &JsValue)], statements: &str) -> JsValue {
    let (names, values): (Vec<_>, Vec<_>) = given.iter().copied().unzip();
    let function = Function::new_with_args(&names.join(","), statements);
    function.apply(&JsValue::UNDEFINED, &values.into_iter().collect::<Array>()).unwrap()
}

/// What an expression gives.
pub(crate) fn value(expression: &str) -> JsValue {
    run(&[], &format!("return ({expression});"))
}

/// What a method gives.
pub(crate) fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> JsValue {
    let method = field(object, method).dyn_into::<Function>().unwrap();
    method.apply(object, &arguments.iter().collect::<Array>()).unwrap()
}

/// Whether the field is truthy.
pub(crate) fn is(object: &JsValue, name: &str) -> bool {
    field(object, name).is_truthy()
}

/// A value as JSON has it.
pub(crate) fn json(value: &JsValue) -> Value {
    JSON::stringify(value).unwrap().as_string().map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

/// Replaces fields of an object until it is dropped.
pub(crate) struct Replaced {
    object: JsValue,
    before: Vec<(&'static str, JsValue)>,
}

impl Replaced {
    /// With those of `by` that have these names.
    pub(crate) fn new(object: JsValue, by: &JsValue, names: &[&'static str]) -> Self {
        let before = names.iter().map(|&name| (name, field(&object, name))).collect();
        for name in names {
            Reflect::set(&object, &(*name).into(), &field(by, name)).unwrap();
        }
        Self { object, before }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        for (name, value) in &self.before {
            Reflect::set(&self.object, &(*name).into(), value).unwrap();
        }
    }
}
