//! Brings the values of a draft to the types of the tables, where what is meant leaves no doubt.

use crate::{
    json::{Decimal, Tree, is_number},
    schema::{Kind, Shape},
    text::{cut, natural},
    validate::date,
};
use std::borrow::Cow;

/// The members of an object.
pub(super) type Members<'a> = Vec<(Cow<'a, str>, Tree<'a>)>;

/// An amount has no more decimals than this; what is behind them comes from binary floats, as in 0.1 + 0.2.
const MAX_DECIMALS: u32 = 10;

/// Brings the values of an object to the types of the shape. Members that are null are left out.
pub(super) fn normalise(members: &mut Members<'_>, shape: &'static Shape) {
    members.retain(|(_, value)| !matches!(value, Tree::Null));
    for (key, value) in members {
        if let Some(field) = shape.fields.iter().find(|field| field.name == key) {
            to_kind(value, field.kind);
        }
    }
}

/// Puts the members in the order of the table; those it does not know come last.
pub(super) fn by_table(members: &mut Members<'_>, shape: &'static Shape) {
    let mut rest = std::mem::take(members);
    for field in shape.fields {
        while let Some(at) = rest.iter().position(|(key, _)| key == field.name) {
            members.push(rest.remove(at));
        }
    }
    members.append(&mut rest);
}

fn to_kind(tree: &mut Tree<'_>, kind: Kind) {
    let meant = match (kind, &mut *tree) {
        (Kind::Object(shape), Tree::Object(members)) => return normalise(members, shape),
        (Kind::List(item), Tree::Array(elements)) => {
            for element in elements {
                to_kind(element, *item);
            }
            return;
        }
        // The lines of a text area.
        (Kind::List(Kind::Text), Tree::String(text)) => {
            let (mut lines, mut rest) = (Vec::new(), &**text);
            while !rest.is_empty() {
                let (line, others) = cut(rest, b'\n');
                if !line.trim().is_empty() {
                    lines.push(Tree::String(line.trim().to_owned().into()));
                }
                rest = others;
            }
            Some(Tree::Array(lines))
        }
        (Kind::Number, Tree::String(text)) if is_number(text.trim()) => {
            let text = text.trim();
            Some(Tree::Number(without_noise(text).unwrap_or_else(|| text.to_owned()).into()))
        }
        (Kind::Number, Tree::Number(text)) => without_noise(text).map(|text| Tree::Number(text.into())),
        (Kind::PostalCode, Tree::Number(text)) => Some(Tree::String(std::mem::take(text))),
        (Kind::DateTime, Tree::String(text)) => {
            date::parse(text.trim()).ok().map(|moment| Tree::String(moment.text().into()))
        }
        // Date.now() and Date.getTime() count milliseconds.
        (Kind::DateTime, Tree::Number(text)) => {
            natural(text.as_bytes()).map(|ms| Tree::String(date::format_ms(ms).into()))
        }
        _ => None,
    };
    if let Some(meant) = meant {
        *tree = meant;
    }
}

/// The number rounded, if it has more decimals than an amount has.
fn without_noise(text: &str) -> Option<String> {
    Some(Decimal::parse(text.as_bytes())?.without_noise(MAX_DECIMALS)?.text())
}
