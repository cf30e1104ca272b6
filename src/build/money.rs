//! Line ids, line totals and the totals of an order, in exact decimals.

use super::{
    fill, member,
    normal::{Members, by_table},
};
use crate::{
    json::{Decimal, Tree, plus, times},
    model::{OrderCharges, OrderLine},
    text::append_number,
};

/// Gives each line an id and a total.
pub(super) fn complete_lines(lines: &mut [Tree<'_>]) {
    let mut taken = Vec::new();
    for line in &*lines {
        taken.extend(line.get("lineId").and_then(Tree::text).map(str::to_owned));
    }
    for (index, line) in lines.iter_mut().enumerate() {
        let total = times(&amount(line, "unitPrice"), &amount(line, "orderedQuantity"));
        let Tree::Object(members) = line else { continue };
        if member(members, "lineId").is_none() {
            let mut nth = index;
            let mut id = String::new();
            while id.is_empty() || taken.contains(&id) {
                nth += 1;
                id.clear();
                append_number(&mut id, nth);
            }
            taken.push(id.clone());
            members.push(("lineId".into(), Tree::Number(id.into())));
        }
        fill(members, "lineTotal", total.map(number));
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
    let (tax, discount) = (details(charges, "taxDetails"), details(charges, "discountDetails"));
    fill_total(charges, "totalItemAmount", &items);
    fill_total(charges, "totalTaxAmount", &tax);
    fill_total(charges, "totalDiscountAmount", &discount);
    let discount = stated(charges, "totalDiscountAmount", &discount).and_then(Decimal::checked_neg);
    let mut total = stated(charges, "totalItemAmount", &None);
    for part in [
        stated(charges, "shippingAmount", &Some(Decimal::ZERO)),
        stated(charges, "totalTaxAmount", &tax),
        details(charges, "dutyDetails"),
        details(charges, "otherChargeDetails"),
        discount,
    ] {
        total = plus(&total, &part);
    }
    fill_total(charges, "totalOrderAmount", &total);
    if let Tree::Object(members) = charges {
        by_table(members, OrderCharges::SHAPE);
    }
}

/// What the details of that name add up to; none are zero.
fn details(charges: &Tree<'_>, name: &str) -> Option<Decimal> {
    charges.get(name).map_or(Some(Decimal::ZERO), |details| sum(details, "fee"))
}

/// A total that is there counts; one that is not is what its details add up to.
#[inline(never)]
fn stated(charges: &Tree<'_>, name: &str, otherwise: &Option<Decimal>) -> Option<Decimal> {
    if charges.get(name).is_some() { amount(charges, name) } else { *otherwise }
}

/// Sets a total that is not there, if it is known and above zero.
#[inline(never)]
fn fill_total(charges: &mut Tree<'_>, name: &'static str, total: &Option<Decimal>) {
    if let Tree::Object(members) = charges {
        fill(members, name, total.filter(|total| total.is_positive()).map(number));
    }
}

/// The sum of a member over a list of objects; `None` if one lacks it.
#[inline(never)]
fn sum(list: &Tree<'_>, name: &str) -> Option<Decimal> {
    let mut sum = Some(Decimal::ZERO);
    for element in list.array()? {
        sum = plus(&sum, &amount(element, name));
    }
    sum
}

#[inline(never)]
fn amount(object: &Tree<'_>, name: &str) -> Option<Decimal> {
    match object.get(name)? {
        Tree::Number(text) => Decimal::parse(text.as_bytes()),
        _ => None,
    }
}

fn number<'a>(exact: Decimal) -> Tree<'a> {
    Tree::Number(exact.text().into())
}
