//! What the package tells of the fields: the JSON Schema with what it does not say of them, from which TypeScript makes the hints; and
//! the hints as the crate makes them, for the test that both are the same.

use pb_fulfillment::{
    model::{BulkOrdersRequest, Order, SHAPES},
    schema::{Kind, Provenance, Shape, hints, json_schema},
};
use serde_json::{Map, Value, json};

/// The JSON Schema of a request, in which fields have keys more, each with an `@`: `label` where it is not that of the name, `format`,
/// `reserved` where it is so, and `provenance` where it is not `documented`.
pub(crate) fn fields() -> Value {
    let mut schema = json_schema(BulkOrdersRequest::SHAPE);
    for (shape, field) in SHAPES.iter().flat_map(|shape| shape.fields.iter().map(move |field| (shape, field))) {
        let property = schema.pointer_mut(&format!("/$defs/{}/properties/{}", shape.name, field.name));
        let Some((Value::Object(property), hints)) = property.zip(hints(shape, field.name)) else { continue };
        let undocumented = (hints.provenance != Provenance::Documented).then_some(hints.provenance);
        for (key, value) in [
            ("@label", json!(field.label)),
            ("@format", json!(hints.format)),
            ("@reserved", json!(hints.reserved.then_some(true))),
            ("@provenance", json!(undocumented)),
        ] {
            if !value.is_null() {
                property.insert(key.into(), value);
            }
        }
    }
    schema
}

/// The hints of every field of an order, by its path.
pub(crate) fn every_hint() -> Value {
    let mut found = Map::new();
    collect(Order::SHAPE, "", &mut found);
    found.into()
}

fn collect(shape: &Shape, before: &str, found: &mut Map<String, Value>) {
    for field in shape.fields {
        let path = format!("{before}{}", field.name);
        found.insert(path.clone(), json!(hints(Order::SHAPE, &path)));
        let mut kind = field.kind;
        while let Kind::List(inner) = kind {
            kind = *inner;
        }
        if let Kind::Object(shape) = kind {
            collect(shape, &format!("{path}."), found);
        }
    }
}
