//! JSON Schema (draft 2020-12) from descriptions.

use super::{Field, Kind, Presence, Shape};
use serde_json::{Map, Value, json};

/// The JSON Schema of a shape, with those it uses under `$defs`.
///
/// It expresses what is an error wherever a schema can: types, required fields, lengths, values, the form of a date-time.
/// Rules that span fields and calendar dates are the validator's alone. A schema knows no warnings: fields that are inferred
/// or known from a sample are described like the rest, although the validator by default only warns of them.
#[must_use]
pub fn json_schema(root: &'static Shape) -> Value {
    let mut definitions = Map::new();
    let mut schema = object(root, &mut definitions);
    schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".into(), root.name.into());
    if !definitions.is_empty() {
        schema.insert("$defs".into(), definitions.into());
    }
    schema.into()
}

fn object(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in shape.fields {
        let mut schema = of_kind(field.kind, field, definitions);
        schema.insert("description".into(), field.description.trim().into());
        if let Some(default) = field.default {
            schema.insert("default".into(), default.into());
        }
        properties.insert(field.name.into(), schema.into());
        if field.presence == Presence::Required {
            required.push(field.name);
        }
    }
    let mut out = Map::new();
    out.insert("type".into(), "object".into());
    out.insert("description".into(), shape.description.trim().into());
    out.insert("properties".into(), properties.into());
    if !required.is_empty() {
        out.insert("required".into(), json!(required));
    }
    out
}

fn of_kind(kind: Kind, field: &Field, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    let set = |out: &mut Map<String, Value>, key: &str, value: Value| {
        out.insert(key.into(), value);
    };
    match kind {
        Kind::Text | Kind::Country | Kind::Currency | Kind::DateTime => {
            set(&mut out, "type", "string".into());
        }
        Kind::PostalCode => set(&mut out, "type", json!(["string", "number"])),
        Kind::Number => set(&mut out, "type", "number".into()),
        Kind::Boolean => set(&mut out, "type", "boolean".into()),
        Kind::Object(shape) => {
            if !definitions.contains_key(shape.name) {
                // The entry is made first, so that a shape that names itself ends here.
                definitions.insert(shape.name.into(), Value::Null);
                let schema = object(shape, definitions);
                definitions.insert(shape.name.into(), schema.into());
            }
            set(&mut out, "$ref", format!("#/$defs/{}", shape.name).into());
        }
        Kind::List(kind) => {
            set(&mut out, "type", "array".into());
            set(&mut out, "items", of_kind(*kind, field, definitions).into());
            if let Some(max) = field.max_items {
                set(&mut out, "maxItems", max.into());
            }
            if let Some(min) = field.min_items {
                set(&mut out, "minItems", min.into());
            }
            return out;
        }
        Kind::Any => {}
    }
    if let Kind::DateTime = kind {
        set(&mut out, "pattern", r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$".into());
    }
    if let Some(max) = field.max {
        set(&mut out, "maxLength", max.into());
    }
    if field.presence == Presence::Required && matches!(kind, Kind::Text) {
        set(&mut out, "minLength", 1.into());
    }
    if !field.values.is_empty() {
        set(&mut out, "enum", json!(field.values));
    }
    if field.above_zero.is_some() {
        set(&mut out, "exclusiveMinimum", 0.into());
    }
    out
}
