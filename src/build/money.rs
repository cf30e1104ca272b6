//! Line ids, line totals and the totals of an order, in exact decimals.

use super::{
    fill, member,
    normal::{Members, by_table},
};
use crate::{
    json::{Decimal, Tree},
    model::{OrderCharges, OrderLine},
};

/// Gives each line an id and a total.
pub(super) fn complete_lines(lines: &mut [Tree<'_>]) {
    let mut taken: Vec<String> =
        lines.iter().filter_map(|line| line.get("lineId")?.text().map(str::to_owned)).collect();
    for (index, line) in lines.iter_mut().enumerate() {
        let total = amount(line, "unitPrice")
            .zip(amount(line, "orderedQuantity"))
            .and_then(|(price, quantity)| price.checked_mul(quantity));
        let Tree::Object(members) = line else { continue };
        if !members.iter().any(|(key, _)| key == "lineId")
            && let Some(id) = (index + 1..).map(|id| id.to_string()).find(|id| !taken.contains(id))
        {
            taken.push(id.clone());
            members.push(("lineId".into(), Tree::Number(id.into())));
        }
        fill(members, "lineTotal", total.and_then(number));
        by_table(members, OrderLine::SHAPE);
    }
}

/// Fills in the totals that follow from lines and details. An order without any price has no charges, and where an amount
/// is not known there is no total.
pub(super) fn complete_charges(order: &mut Members<'_>) {
    let items = member(order, "orderLines").and_then(|lines| sum(lines, "lineTotal"));
    if items.is_some_and(Decimal::is_positive) {
        fill(order, "orderCharges", Some(Tree::Object(Vec::new())));
    }
    let Some(charges) = member(order, "orderCharges") else { return };
    let details = |name: &str| charges.get(name).map_or(Some(Decimal::ZERO), |details| sum(details, "fee"));
    let (tax, discount) = (details("taxDetails"), details("discountDetails"));
    let (duty, other) = (details("dutyDetails"), details("otherChargeDetails"));
    let Tree::Object(members) = charges else { return };
    for (name, total) in [("totalItemAmount", items), ("totalTaxAmount", tax), ("totalDiscountAmount", discount)] {
        fill(members, name, total.and_then(positive));
    }
    // A total that is there counts; one that is not is what its details add up to.
    let stated = |name: &str, otherwise: Option<Decimal>| match charges.get(name) {
        Some(Tree::Number(text)) => Decimal::parse(text.as_bytes()),
        Some(_) => None,
        None => otherwise,
    };
    let total = || {
        let parts = [
            stated("totalItemAmount", None),
            stated("shippingAmount", Some(Decimal::ZERO)),
            stated("totalTaxAmount", tax),
            duty,
            other,
        ];
        let sum = parts.into_iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part?))?;
        sum.checked_sub(stated("totalDiscountAmount", discount)?)
    };
    let total = total();
    if let Tree::Object(members) = charges {
        fill(members, "totalOrderAmount", total.and_then(positive));
        by_table(members, OrderCharges::SHAPE);
    }
}

/// The sum of a member over a list of objects; `None` if one lacks it.
fn sum(list: &Tree<'_>, name: &str) -> Option<Decimal> {
    list.array()?.iter().try_fold(Decimal::ZERO, |sum, element| sum.checked_add(amount(element, name)?))
}

fn amount(object: &Tree<'_>, name: &str) -> Option<Decimal> {
    match object.get(name)? {
        Tree::Number(text) => Decimal::parse(text.as_bytes()),
        _ => None,
    }
}

fn number<'a>(exact: Decimal) -> Option<Tree<'a>> {
    Some(Tree::Number(exact.text().into()))
}

fn positive<'a>(exact: Decimal) -> Option<Tree<'a>> {
    if exact.is_positive() { number(exact) } else { None }
}
