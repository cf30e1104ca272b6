//! The reference page from descriptions.

use super::{Field, Kind, Presence, Shape};
use std::fmt::Write as _;

/// The shapes as tables in Markdown.
#[must_use]
pub fn reference(shapes: &[&Shape]) -> String {
    let mut out = String::new();
    for shape in shapes {
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "## {}\n\n{} (`{}`)\n", shape.name, shape.description.trim(), shape.source);
        out.push_str("| field | type | | limits and meaning | known |\n| --- | --- | --- | --- | --- |\n");
        for field in shape.fields {
            let presence = match field.presence {
                Presence::Required => "required",
                Presence::Optional => "",
                Presence::Reserved => "reserved",
            };
            let mut about = field.description.trim().to_owned();
            for note in field.notes() {
                about.push(' ');
                about.push_str(&note);
            }
            let (name, kind) = (field.name, kind_name(field.kind));
            let _ = writeln!(out, "| `{name}` | {kind} | {presence} | {about} | {} |", field.provenance.name());
        }
        out.push('\n');
    }
    out
}

fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::Text => "String".into(),
        Kind::DateTime => "String, date-time".into(),
        Kind::Country => "String, country".into(),
        Kind::Currency => "String, currency".into(),
        Kind::PostalCode => "String, postal code".into(),
        Kind::Number => "Number".into(),
        Kind::Boolean => "Boolean".into(),
        Kind::Object(shape) => format!("[{}](#{})", shape.name, shape.name.to_lowercase()),
        Kind::List(kind) => format!("Array of {}", kind_name(*kind)),
        Kind::Any => "any".into(),
    }
}

impl Field {
    /// The limits as sentences.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(max) = self.max_items {
            notes.push(format!("At most {max} entries."));
        }
        if let Some(min) = self.min_items {
            notes.push(format!("At least {min}."));
        }
        if let Some(max) = self.max {
            notes
                .push(format!("At most {max} characters{}.", if let Kind::List(_) = self.kind { " each" } else { "" }));
        }
        match self.kind {
            Kind::DateTime => notes.push("`YYYY-MM-DDThh:mm:ssZ`.".into()),
            Kind::Country => notes.push("ISO 3166-1 alpha-2.".into()),
            Kind::Currency => notes.push("ISO 4217.".into()),
            _ => {}
        }
        if !self.values.is_empty() {
            notes.push(format!("One of `{}`.", self.values.join("`, `")));
        }
        if !self.reserved_values.is_empty() {
            notes.push(format!("Reserved for future use: `{}`.", self.reserved_values.join("`, `")));
        }
        if let Some(default) = self.default {
            notes.push(format!("Default `{default}`."));
        }
        if self.above_zero.is_some() {
            notes.push("Above zero.".into());
        }
        if self.presence == Presence::Reserved {
            notes.push("Reserved for future use.".into());
        }
        notes
    }
}
