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
        fill(members, "lineId", || {
            let id = (index + 1..).map(|id| id.to_string()).find(|id| !taken.contains(id))?;
            taken.push(id.clone());
            Some(Tree::Number(id.into()))
        });
        fill(members, "lineTotal", || number(total?));
        by_table(members, OrderLine::SHAPE);
    }
}

/// Fills in the totals that follow from lines and details. An order without any price has no charges.
pub(super) fn complete_charges(order: &mut Members<'_>) {
    let items = member(order, "orderLines").and_then(|lines| sum(lines, "lineTotal"));
    if items.is_some() {
        fill(order, "orderCharges", || Some(Tree::Object(Vec::new())));
    }
    let Some(charges) = member(order, "orderCharges") else { return };
    let details = ["taxDetails", "discountDetails", "dutyDetails", "otherChargeDetails"];
    let [tax, discount, duty, other] = details.map(|name| charges.get(name).map(|details| sum(details, "fee")));
    let Tree::Object(members) = charges else { return };
    for (name, total) in
        [("totalItemAmount", items), ("totalTaxAmount", tax.flatten()), ("totalDiscountAmount", discount.flatten())]
    {
        fill(members, name, || positive(total?));
    }
    let total = || {
        let stated = |name: &str| match charges.get(name) {
            Some(Tree::Number(text)) => Decimal::parse(text.as_bytes()),
            Some(_) => None,
            None => Some(Decimal::ZERO),
        };
        let extras = [duty, other].map(|sum| sum.unwrap_or(Some(Decimal::ZERO)));
        let parts = [stated("totalItemAmount"), stated("shippingAmount"), stated("totalTaxAmount")];
        let sum = parts.into_iter().chain(extras).try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part?))?;
        sum.checked_sub(stated("totalDiscountAmount")?)
    };
    let total = charges.get("totalItemAmount").and_then(|_| total());
    if let Tree::Object(members) = charges {
        fill(members, "totalOrderAmount", || positive(total?));
        by_table(members, OrderCharges::SHAPE);
    }
}

/// The sum of a member over a list of objects; `None` if one lacks it, or there are none.
fn sum(list: &Tree<'_>, name: &str) -> Option<Decimal> {
    let elements = list.array().filter(|elements| !elements.is_empty())?;
    elements.iter().try_fold(Decimal::ZERO, |sum, element| sum.checked_add(amount(element, name)?))
}

fn amount(object: &Tree<'_>, name: &str) -> Option<Decimal> {
    match object.get(name)? {
        Tree::Number(text) => Decimal::parse(text.as_bytes()),
        _ => None,
    }
}

fn number<'a>(exact: Decimal) -> Option<Tree<'a>> {
    Some(Tree::Number(exact.to_string().into()))
}

fn positive<'a>(exact: Decimal) -> Option<Tree<'a>> {
    if exact.is_positive() { number(exact) } else { None }
}
