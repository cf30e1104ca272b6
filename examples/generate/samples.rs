//! Values of every struct of the model, for the test that types, JSON Schema and validator agree with the structs.

use pb_fulfillment::{
    model::{
        Address, BulkOrdersRequest, BulkOrdersResponse, CustomsInfo, DropShipInfo, Order, OrderCharges, OrderLine,
        OrderReceipt, Price, Reference, SHAPES, ShippingDetails,
    },
    schema::{Field, Kind, Presence, Shape, json_schema},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, from_str, json, to_string};

/// Which of the fields that may be left out are there.
#[derive(Clone, Copy)]
enum Filled<'a> {
    /// None of them.
    Required,
    /// All of them.
    All,
    /// The one of this name, and all within it.
    Only(&'a str),
}

/// By the name of each shape: its JSON Schema, and values as its struct writes them. The first value has only what is
/// required, the second has everything, and each of the rest has one field more than the first.
pub(crate) fn samples() -> Result<String, String> {
    let entries: Vec<String> = SHAPES
        .iter()
        .map(|shape| {
            let optional = shape.fields.iter().filter(|field| field.presence != Presence::Required);
            let values: Vec<String> = [Filled::Required, Filled::All]
                .into_iter()
                .chain(optional.map(|field| Filled::Only(field.name)))
                .map(|filled| written(shape, &object(shape, filled)))
                .collect::<Result<_, _>>()?;
            Ok(format!(
                "\"{}\": {{\"schema\": {}, \"values\": [\n  {}\n]}}",
                shape.name,
                json_schema(shape),
                values.join(",\n  ")
            ))
        })
        .collect::<Result<_, String>>()?;
    Ok(format!("{{{}}}\n", entries.join(",\n")))
}

/// The value as the struct of that shape writes it, once the struct has read it.
fn written(shape: &Shape, value: &Value) -> Result<String, String> {
    match shape.name {
        "BulkOrdersRequest" => through::<BulkOrdersRequest>(value),
        "Order" => through::<Order>(value),
        "ShippingDetails" => through::<ShippingDetails>(value),
        "OrderLine" => through::<OrderLine>(value),
        "OrderCharges" => through::<OrderCharges>(value),
        "Price" => through::<Price>(value),
        "Address" => through::<Address>(value),
        "CustomsInfo" => through::<CustomsInfo>(value),
        "DropShipInfo" => through::<DropShipInfo>(value),
        "Reference" => through::<Reference>(value),
        "BulkOrdersResponse" => through::<BulkOrdersResponse>(value),
        "OrderReceipt" => through::<OrderReceipt>(value),
        name => Err(format!("samples.rs does not know the struct {name}")),
    }
}

/// Reads and writes; says so if anything is lost or changed on the way.
fn through<T: Serialize + DeserializeOwned>(value: &Value) -> Result<String, String> {
    let read: T = from_str(&value.to_string()).map_err(|error| format!("{value} was not read: {error}"))?;
    let text = to_string(&read).map_err(|error| error.to_string())?;
    let back: Value = from_str(&text).map_err(|error| error.to_string())?;
    if back == *value { Ok(text) } else { Err(format!("{value} became {text}")) }
}

fn object(shape: &Shape, filled: Filled<'_>) -> Value {
    let fields = shape.fields.iter().filter_map(|field| {
        let inside = match filled {
            Filled::All => Filled::All,
            Filled::Only(name) if name == field.name => Filled::All,
            // An order without any part of an address breaks a rule that no single field has.
            Filled::Required | Filled::Only(_) if field.name == "toAddress" => Filled::All,
            _ if field.presence == Presence::Required => Filled::Required,
            _ => return None,
        };
        Some((field.name.to_owned(), of_kind(field.kind, field, inside)))
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

/// A sound value.
fn of_kind(kind: Kind, field: &Field, filled: Filled<'_>) -> Value {
    match kind {
        Kind::Text => field.values.first().copied().unwrap_or("A-1").into(),
        Kind::DateTime => "2026-03-01T10:00:00Z".into(),
        Kind::Country => "US".into(),
        Kind::Currency => "USD".into(),
        Kind::PostalCode => "36830".into(),
        Kind::Number => json!(2),
        Kind::Boolean => true.into(),
        Kind::Object(shape) => object(shape, filled),
        Kind::List(kind) => json!([of_kind(*kind, field, filled)]),
        Kind::Any => json!({ "any": ["thing", null] }),
    }
}
