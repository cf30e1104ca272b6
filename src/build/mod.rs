//! Makes a complete order from what a storefront has at checkout.
//!
//! A draft has the fields of an [`Order`] and is looser: amounts may be decimal text, dates anything that names a moment,
//! and whatever follows from the rest may be missing. What is given is kept; only what is missing is filled in:
//!
//! | field | where it comes from |
//! | --- | --- |
//! | `createDate` | the clock |
//! | `orderType`, `orderHandling` | the documented defaults |
//! | `lineId` | the line's number, from 1, or the next that is free |
//! | `lineTotal` | `unitPrice` x `orderedQuantity` |
//! | `totalItemAmount`, `totalTaxAmount`, `totalDiscountAmount` | the sum of the lines or details |
//! | `totalOrderAmount` | items + shipping + tax - discount + duty + other charges |
//!
//! Sums are exact decimals. A total of zero is left out, since the API wants totals above zero.

mod money;
mod normal;

use crate::{
    json::{SyntaxError, Tree, write_tree},
    model::Order,
    validate::date::format_ms,
};
use normal::{Members, by_table, normalise};

/// The complete order as JSON text. `now_ms` is the time for `createDate`, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Nothing is judged here: what the draft lacks or has wrong, the validator says of the order.
///
/// # Errors
/// If the draft is not JSON.
pub fn build_order(draft: &[u8], now_ms: u64) -> Result<Vec<u8>, SyntaxError> {
    let mut order = Tree::parse(draft)?;
    if let Tree::Object(members) = &mut order {
        normalise(members, Order::SHAPE);
        complete(members, now_ms);
        by_table(members, Order::SHAPE);
    }
    let mut out = Vec::new();
    write_tree(&mut out, &order);
    Ok(out)
}

fn complete(order: &mut Members<'_>, now_ms: u64) {
    fill(order, "createDate", Some(Tree::String(format_ms(now_ms).into())));
    for field in Order::SHAPE.fields {
        fill(order, field.name, field.default.map(|default| Tree::String(default.into())));
    }
    if let Some(Tree::Array(lines)) = member(order, "orderLines") {
        money::complete_lines(lines);
    }
    money::complete_charges(order);
}

/// Sets a member that is not there.
#[inline(never)]
fn fill<'a>(members: &mut Members<'a>, name: &'static str, value: Option<Tree<'a>>) {
    if let Some(value) = value
        && !members.iter().any(|(key, _)| key == name)
    {
        members.push((name.into(), value));
    }
}

fn member<'m, 'a>(members: &'m mut Members<'a>, name: &str) -> Option<&'m mut Tree<'a>> {
    members.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
}
