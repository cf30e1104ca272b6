//! The known name that a misspelt one is nearest to.

use crate::schema::{Field, Shape};

/// Longer names are no misspellings of a field's.
const LONGEST: usize = 40;

/// The field of the shape whose name is nearest to `name`, if one is near enough to be meant.
pub(super) fn nearest(shape: &'static Shape, name: &str) -> Option<&'static str> {
    if name.len() > LONGEST {
        return None;
    }
    let wanted = plain(name);
    let (mut least, mut nearest) = (usize::MAX, None);
    for field in shape.fields {
        let distance = distance(&wanted, &plain(field.name));
        if distance < least {
            (least, nearest) = (distance, Some(field.name));
        }
    }
    if least <= wanted.len() / 3 {
        return nearest;
    }
    // An early revision of the API, and many an export, has the end of a longer name: shippingDetails, region, address.
    let ends = |field: &&Field| wanted.len() >= 5 && plain(field.name).ends_with(&wanted);
    shape.fields.iter().find(ends).map(|field| field.name)
}

/// The letters and digits of a name, in lower case.
#[inline(never)]
fn plain(name: &str) -> Vec<u8> {
    let mut plain = Vec::new();
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        plain.push(byte.to_ascii_lowercase());
    }
    plain
}

/// The Levenshtein distance.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, x) in a.iter().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b) {
            let best = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
    }
    row.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Order};

    #[test]
    fn a_slip_finds_its_field_and_a_stranger_finds_none() {
        assert_eq!(nearest(Order::SHAPE, "clientOrderID"), Some("clientOrderId"));
        assert_eq!(nearest(Order::SHAPE, "shippingDetails"), Some("inputShippingDetails"));
        assert_eq!(nearest(Order::SHAPE, "order_lines"), Some("orderLines"));
        assert_eq!(nearest(Address::SHAPE, "postCode"), Some("postalCode"));
        assert_eq!(nearest(Address::SHAPE, "latitude"), None);
        assert_eq!(nearest(Address::SHAPE, &"postalCode".repeat(1000)), None);
    }
}
