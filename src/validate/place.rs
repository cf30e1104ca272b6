//! Where in a stream a reader is, the step from there to the next place, and a pass that goes on where one before it ended.

use super::{
    Issue, OrderSpan, Root, Validated,
    collect::Step,
    walk::{MAX_DEPTH, Walk, Walker},
};
use crate::{json::Span, model::BulkOrdersRequest};

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

/// Reads an order, or what stands before the next one: how many bytes an order had, or what stands before the first of a list,
/// or nothing where there is no more. `last` says that nothing will follow the text.
pub(super) fn step(
    walker: &mut Walker<'_, '_>,
    place: &mut Place,
    head: &mut Vec<u8>,
    last: bool,
) -> Walk<Option<usize>> {
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
    let end = walker.lexer.offset();
    let closed = matches!(walker.text.get(end - 1), Some(b'}' | b']' | b'"'));
    if !last && !closed && end == walker.text.len() {
        // A number or a word may go on.
        return Err(walker.lexer.expected("the end of the value").into());
    }
    Ok(Some(walker.orders.last().map_or(0, |order| order.span.end - order.span.start)))
}

/// Tells a list, a list in an object, and orders one after another from each other.
fn open(walker: &mut Walker<'_, '_>, next: Option<u8>, place: &mut Place, head: &mut Vec<u8>) -> Walk<Option<usize>> {
    let start = walker.lexer.offset();
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
    head.extend_from_slice(walker.text.get(start..walker.lexer.offset()).unwrap_or_default());
    Ok(Some(head.len()))
}

/// How far a pass has come.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) offset: usize,
    path: usize,
    orders: usize,
    issues: usize,
    errors: usize,
    warnings: usize,
}

impl Walker<'_, '_> {
    /// Goes on with what was found before.
    pub(super) fn resume(&mut self, found: Validated) {
        self.first_order = found.first_order;
        self.root = found.root;
        self.orders = found.orders;
        self.collector.issues = found.report.issues;
        self.collector.errors = found.report.error_count;
        self.collector.warnings = found.report.warning_count;
    }

    /// What there is so far.
    pub(super) const fn mark(&self) -> Mark {
        Mark {
            offset: self.lexer.offset(),
            path: self.path.len(),
            orders: self.orders.len(),
            issues: self.collector.issues.len(),
            errors: self.collector.errors,
            warnings: self.collector.warnings,
        }
    }

    /// Forgets what was found since, but for orders that were read whole.
    pub(super) fn go_back(&mut self, mark: &Mark) {
        self.path.truncate(mark.path);
        self.orders.truncate(mark.orders);
        self.collector.issues.truncate(mark.issues);
        self.collector.errors = mark.errors;
        self.collector.warnings = mark.warnings;
    }

    /// What follows are the orders of an object.
    pub(super) fn enter_orders(&mut self) {
        self.root = Root::Object;
        self.path.extend(BulkOrdersRequest::SHAPE.fields.first().map(Step::Field));
    }

    /// An order of a list.
    pub(super) fn element(&mut self) -> Walk<()> {
        self.path.push(Step::Index(self.first_order + self.orders.len()));
        self.order()?;
        self.path.pop();
        Ok(())
    }

    /// Something that is not JSON, in the place of an order.
    pub(super) fn refuse(&mut self, start: usize, span: Span, issue: Issue) {
        let index = self.first_order + self.orders.len();
        self.path.push(Step::Index(index));
        self.collector.put(issue, &self.path, Some((self.path.len(), index)), span);
        self.path.pop();
        let span = Span { start, end: start };
        self.orders.push(OrderSpan { span, client_id: None, client_order_id: None, errors: 1, warnings: 0 });
    }

    /// Goes to the value of that member of an object, into it if it is an array: whether it is. `None` if there is no such
    /// member.
    pub(super) fn seek(&mut self, name: &str) -> Walk<Option<bool>> {
        self.lexer.require(b'{', "`{`")?;
        let mut more = !self.lexer.take(b'}');
        while more {
            let key = self.lexer.key_once()?;
            if key.decode(self.source) == name {
                return match self.lexer.peek() {
                    Some(_) => Ok(Some(self.lexer.take(b'['))),
                    None => Err(self.lexer.expected("a value").into()),
                };
            }
            self.any(MAX_DEPTH)?;
            more = self.lexer.more_once(b'}')?;
        }
        Ok(None)
    }
}
