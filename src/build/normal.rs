//! Brings the values of a draft to the types of the tables, where what is meant leaves no doubt.

use crate::{
    json::{Decimal, Tree, is_number, natural},
    schema::{Kind, Shape},
    validate::date,
};
use std::borrow::Cow;

/// The members of an object.
pub(super) type Members<'a> = Vec<(Cow<'a, str>, Tree<'a>)>;

/// An amount has no more decimals than this; what is behind them comes from binary floats, as in 0.1 + 0.2.
const MAX_DECIMALS: u32 = 10;

/// The object with its values in the types of the shape. Members that are null are left out.
pub(super) fn normal<'a>(tree: Tree<'a>, shape: &'static Shape) -> Tree<'a> {
    let Tree::Object(mut members) = tree else { return tree };
    members.retain(|(_, value)| *value != Tree::Null);
    for (key, value) in &mut members {
        if let Some(field) = shape.fields.iter().find(|field| field.name == key) {
            *value = of_kind(std::mem::replace(value, Tree::Null), field.kind);
        }
    }
    Tree::Object(members)
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

fn of_kind(tree: Tree<'_>, kind: Kind) -> Tree<'_> {
    match (kind, tree) {
        (Kind::Object(shape), tree) => normal(tree, shape),
        (Kind::List(item), Tree::Array(elements)) => {
            Tree::Array(elements.into_iter().map(|element| of_kind(element, *item)).collect())
        }
        // The lines of a text area.
        (Kind::List(Kind::Text), Tree::String(text)) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            Tree::Array(lines.map(|line| Tree::String(line.trim().to_owned().into())).collect())
        }
        (Kind::Number, Tree::String(text)) if is_number(text.trim()) => amount(text.trim().to_owned().into()),
        (Kind::Number, Tree::Number(text)) => amount(text),
        (Kind::PostalCode, Tree::Number(text)) => Tree::String(text),
        (Kind::DateTime, Tree::String(text)) => match date::parse(text.trim()) {
            Ok(moment) => Tree::String(moment.text().into()),
            Err(_) => Tree::String(text),
        },
        // Date.now() and Date.getTime() count milliseconds.
        (Kind::DateTime, Tree::Number(text)) => match natural(text.as_bytes()) {
            Some(ms) => Tree::String(date::format_ms(ms).into()),
            None => Tree::Number(text),
        },
        (_, tree) => tree,
    }
}

fn amount(text: Cow<'_, str>) -> Tree<'_> {
    match Decimal::parse(text.as_bytes()).and_then(|exact| exact.without_noise(MAX_DECIMALS)) {
        Some(rounded) => Tree::Number(rounded.text().into()),
        None => Tree::Number(text),
    }
}
