//! What a form field wants to know.

use super::{Field, Kind, Presence, Provenance, Shape};
use serde::Serialize;

/// How to show a field in a form and what to ask of it before it is validated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hints {
    /// Its name in the API.
    pub name: &'static str,
    /// Its name for people, with a capital.
    pub label: String,
    /// What it is for.
    pub description: &'static str,
    /// The JSON type: `string`, `number`, `boolean`, `object`, `array` or `any`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What the text stands for: `date-time`, `country`, `currency` or `postal-code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether the API keeps it for future use.
    pub reserved: bool,
    /// How many characters it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// How many entries it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// The values it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<&'static [&'static str]>,
    /// What the API takes if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<&'static str>,
    /// How it is known.
    pub provenance: Provenance,
}

/// The hints for the field at a path of names such as `toAddress.postalCode`, seen from a shape. Indices are passed over,
/// so `orderLines.0.sku` is as good as `orderLines.sku`. `None` if there is no such field.
#[must_use]
pub fn hints(root: &'static Shape, path: &str) -> Option<Hints> {
    let mut shape = Some(root);
    let mut found = None;
    for name in path.split('.').filter(|name| !name.bytes().all(|byte| byte.is_ascii_digit())) {
        let field = shape?.fields.iter().find(|field| field.name == name)?;
        shape = shape_in(field.kind);
        found = Some(field);
    }
    found.map(of_field)
}

fn shape_in(kind: Kind) -> Option<&'static Shape> {
    match kind {
        Kind::Object(shape) => Some(shape),
        Kind::List(kind) => shape_in(*kind),
        _ => None,
    }
}

fn of_field(field: &Field) -> Hints {
    let mut label = field.label_text();
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let (kind, format) = match field.kind {
        Kind::Text => ("string", None),
        Kind::DateTime => ("string", Some("date-time")),
        Kind::Country => ("string", Some("country")),
        Kind::Currency => ("string", Some("currency")),
        Kind::PostalCode => ("string", Some("postal-code")),
        Kind::Number => ("number", None),
        Kind::Boolean => ("boolean", None),
        Kind::Object(_) => ("object", None),
        Kind::List(_) => ("array", None),
        Kind::Any => ("any", None),
    };
    Hints {
        name: field.name,
        label,
        description: field.description.trim(),
        kind,
        format,
        required: field.presence == Presence::Required,
        reserved: field.presence == Presence::Reserved,
        max_length: field.max,
        max_items: field.max_items,
        values: (!field.values.is_empty()).then_some(field.values),
        default: field.default,
        provenance: field.provenance,
    }
}
