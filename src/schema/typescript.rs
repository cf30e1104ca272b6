//! TypeScript types from descriptions.

use super::{Field, Kind, Presence, Shape};
use std::fmt::Write as _;

/// The shapes as exported TypeScript interfaces with doc comments.
#[must_use]
pub fn typescript(shapes: &[&Shape]) -> String {
    let mut out = String::new();
    for shape in shapes {
        // Writing to a `String` cannot fail.
        let _ =
            write!(out, "/**\n * {}\n * @see {} in the API's reference\n */\n", shape.description.trim(), shape.source);
        let _ = writeln!(out, "export interface {} {{", shape.name);
        for field in shape.fields {
            let optional = if field.presence == Presence::Required { "" } else { "?" };
            let _ = writeln!(out, "  /** {} */\n  {}{optional}: {};", comment(field), field.name, type_of(field));
        }
        out.push_str("}\n\n");
    }
    out
}

fn type_of(field: &Field) -> String {
    if field.values.is_empty() {
        return type_of_kind(field.kind);
    }
    field.values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(" | ")
}

fn type_of_kind(kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::DateTime | Kind::Country | Kind::Currency | Kind::PostalCode => "string".into(),
        Kind::Number => "number".into(),
        Kind::Boolean => "boolean".into(),
        Kind::Object(shape) => shape.name.into(),
        Kind::List(kind) => format!("{}[]", type_of_kind(*kind)),
        Kind::Any => "unknown".into(),
    }
}

/// The description and every limit that a type cannot express.
fn comment(field: &Field) -> String {
    let mut out = field.description.trim().to_owned();
    for note in field.notes() {
        out.push(' ');
        out.push_str(&note);
    }
    out
}
