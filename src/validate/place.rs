//! Where in a stream a reader is, and the step from there to the next place.

use super::walk::{Walk, Walker};

/// Where in a stream the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Before anything but white space.
    Start,
    /// In a list, before its first order.
    First,
    /// In a list, behind a comma.
    Comma,
    /// In a list, behind an order.
    Order,
    /// Behind the orders of a list.
    Tail,
    /// Between orders that follow one another without commas, as in NDJSON.
    Lines,
    /// In a line that is not looked at any more.
    Skip,
    /// At the end, or where it cannot be read on.
    Over,
}

/// Reads an order, or what stands before the next one: how many bytes an order had, or nothing where there is no more.
pub(super) fn step(walker: &mut Walker<'_, '_>, place: &mut Place, head: &mut Vec<u8>) -> Walk<Option<usize>> {
    let next = walker.lexer.peek();
    match (*place, next) {
        (Place::Start, _) => return open(walker, next, place, head),
        (Place::First | Place::Order, Some(b']')) => {
            *place = Place::Tail;
            return Ok(None);
        }
        (Place::Order, _) => {
            walker.lexer.more(b']')?;
            *place = Place::Comma;
            return Ok(Some(0));
        }
        (Place::First | Place::Comma, _) => *place = Place::Order,
        (Place::Lines, Some(_)) => {}
        _ => return Ok(None),
    }
    walker.element()?;
    Ok(Some(walker.orders.last().map_or(0, |order| order.span.end - order.span.start)))
}

/// Tells a list, a list in an object, and orders one after another from each other.
fn open(walker: &mut Walker<'_, '_>, next: Option<u8>, place: &mut Place, head: &mut Vec<u8>) -> Walk<Option<usize>> {
    match next {
        None => return Ok(None),
        Some(b'[') => {
            walker.lexer.require(b'[', "`[`")?;
            *place = Place::First;
        }
        Some(b'{') => {
            let mut scout = Walker::new(walker.lexer.clone(), walker.options);
            let Some(list) = scout.seek("orders")? else {
                *place = Place::Lines;
                return Ok(Some(0));
            };
            *place = if list { Place::First } else { Place::Tail };
            walker.lexer = scout.lexer;
            walker.enter_orders();
        }
        Some(_) => return Err(walker.lexer.expected("`[` or `{`").into()),
    }
    head.extend_from_slice(walker.text.get(..walker.lexer.offset()).unwrap_or_default());
    Ok(Some(0))
}
