//! The walker: goes over the bytes once, guided by the tables, and notes what does not fit them.

use super::{
    Code, Options, OrderSpan, Root, Validated,
    collect::{Collector, LONGEST_NAME, Step},
    earlier::Earlier,
    rules::{Facts, Sum},
    suggest::nearest,
    words::{self, Arg, Words, kind_name},
};
use crate::{
    json::{Fault, Lexer, Names, Span, Str, SyntaxError},
    model::Order,
    schema::{Field, Kind, Presence, Shape},
};
use std::borrow::Cow;

/// Values that the tables do not describe are followed this deep.
pub(super) const MAX_DEPTH: usize = 64;

/// What stands in the place of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing.
    #[default]
    Absent,
    /// A string of the right kind.
    Text,
    /// The same, with escapes in it.
    Escaped,
    /// A number where a number may stand.
    Number,
    /// An object or an array of the right kind.
    Nested,
    /// A value that the field does not take, or whose worth no rule asks for.
    Other,
}

/// A field of the object at hand, and where its value is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) what: What,
    pub(super) span: Span,
}

/// The state of one pass.
#[derive(Debug)]
pub(super) struct Walker<'a, 'o> {
    pub(super) lexer: Lexer<'a>,
    /// The input, as text and as bytes.
    pub(super) source: &'a str,
    pub(super) text: &'a [u8],
    pub(super) options: &'o Options,
    pub(super) collector: Collector<'a, 'o>,
    pub(super) path: Vec<Step>,
    /// The fields of the objects that are open, the innermost last.
    pub(super) seen: Vec<Seen>,
    /// What lists add up to, by their place in `seen`.
    pub(super) sums: Vec<(usize, Sum)>,
    pub(super) facts: Facts,
    /// What the list that was read last adds up to.
    total: Sum,
    pub(super) orders: Vec<OrderSpan>,
    /// Length of the path that leads to the order at hand, and that order's index.
    pub(super) order: Option<(usize, usize)>,
    /// The orders so far by `clientId` and `clientOrderId`.
    pub(super) known: Names<'a>,
    /// Those of the parts before this one, if it is a part of a stream.
    pub(super) earlier: Option<&'o Earlier>,
    /// Which order of the whole input the first one is.
    pub(super) first_order: usize,
    pub(super) root: Root,
}

/// The error is boxed, so that a result fits a register: there is one for each value that is walked over.
pub(super) type Walk<T> = Result<T, Box<SyntaxError>>;

impl<'a, 'o> Walker<'a, 'o> {
    pub(super) fn new(lexer: Lexer<'a>, options: &'o Options) -> Self {
        Self {
            source: lexer.text(),
            text: lexer.text().as_bytes(),
            options,
            collector: Collector::new(lexer.text(), options),
            lexer,
            path: Vec::new(),
            seen: Vec::new(),
            sums: Vec::new(),
            facts: Facts::default(),
            total: Sum::default(),
            orders: Vec::new(),
            order: None,
            known: Names::new(),
            earlier: None,
            first_order: 0,
            root: Root::default(),
        }
    }

    /// The verdict on what was walked over.
    pub(super) fn into_validated(self) -> Validated {
        let report = self.collector.into_report(self.orders.len());
        Validated { report, orders: self.orders, first_order: self.first_order, root: self.root }
    }

    /// Notes an issue at the current path.
    #[inline(never)]
    pub(super) fn report(&mut self, words: &'static Words, span: Span, args: &[Arg<'_>]) {
        self.collector.add(words, args, &self.path, self.order, span);
    }

    /// Whether nothing is to be written about an issue of that rule at the current path; see [`Collector::passes_over`].
    pub(super) fn passes_over(&mut self, code: Code) -> bool {
        self.collector.passes_over(code, &self.path)
    }

    /// An order, or whatever stands in its place: either has an entry among the orders.
    pub(super) fn order(&mut self) -> Walk<()> {
        // Beyond the limit an input is refused as a whole; its orders are only counted, so that a flood costs no memory.
        if self.options.max_orders.is_some_and(|max| self.orders.len() >= max) {
            return self.any(MAX_DEPTH).map(drop);
        }
        let outer = self.order.replace((self.path.len(), self.first_order + self.orders.len()));
        let (errors, warnings) = (self.collector.errors, self.collector.warnings);
        let first_issue = self.collector.issues.len();
        self.lexer.peek();
        let start = self.lexer.offset();
        self.orders.push(OrderSpan {
            span: Span { start, end: start },
            client_id: None,
            client_order_id: None,
            errors: 0,
            warnings: 0,
        });
        self.facts = Facts::default();
        if self.lexer.peek() == Some(b'{') {
            self.object(Order::SHAPE, None)?;
        } else {
            let span = self.any(MAX_DEPTH)?;
            self.report(&words::NO_ORDER, span, &[Arg::Text(self.kind_at(span.start))]);
        }
        let end = self.lexer.offset();
        if let Some(order) = self.orders.last_mut() {
            order.span.end = end;
            order.errors = self.collector.errors - errors;
            order.warnings = self.collector.warnings - warnings;
            let id = order.client_order_id.as_ref().filter(|id| id.len() <= LONGEST_NAME);
            for issue in self.collector.issues.iter_mut().skip(first_issue) {
                issue.client_order_id = id.cloned();
            }
        }
        self.order = outer;
        Ok(())
    }

    /// An object of a shape; the field it stands in decides which rules it has.
    pub(super) fn object(&mut self, shape: &'static Shape, field: Option<&'static Field>) -> Walk<()> {
        let start = self.lexer.offset();
        self.lexer.require(b'{', "`{`")?;
        let base = self.seen.len();
        self.seen.resize(base + shape.fields.len(), Seen::default());
        let mut unknown: Option<Names<'a>> = None;
        let mut variants: Vec<(usize, Str, Span)> = Vec::new();
        let (mut likely, mut there) = (0, 0_u64);
        let mut more = !self.lexer.take(b'}');
        while more {
            self.lexer.peek();
            let member = self.lexer.offset();
            // Objects mostly name their fields in the order of the table, so the next one is looked for before any is read.
            let next = shape.fields.get(likely).filter(|field| self.lexer.take_key(field.name.as_bytes()));
            let (key, found) = match next {
                Some(field) => (Str::default(), Some((likely, field))),
                None => {
                    let key = self.lexer.key()?;
                    (key, self.find(shape, key, likely))
                }
            };
            match found {
                Some((index, field)) => {
                    likely = index + 1;
                    let again = there >> index & 1 == 1;
                    there |= 1 << index;
                    self.path.push(Step::Field(field));
                    self.member(field, member, base + index)?;
                    if again {
                        self.duplicate_key(self.span_at(base + index));
                    }
                    self.path.pop();
                }
                None => {
                    let span = self.unknown_member(shape, key, unknown.get_or_insert_default())?;
                    let name = key.decode(self.source);
                    if let Some(at) = shape.fields.iter().position(|field| field.name.eq_ignore_ascii_case(&name)) {
                        variants.push((at, key, span));
                    }
                }
            }
            more = self.lexer.more(b'}')?;
        }
        // Some readers do not tell capitals from small letters: for them the field is there twice.
        for (at, name, span) in variants {
            if self.seen.get(base + at).is_some_and(|seen| seen.what != What::Absent) {
                self.path.push(Step::Key(name));
                self.duplicate_key(span);
                self.path.pop();
            }
        }
        let span = Span { start, end: self.lexer.offset() };
        let missing = shape.required & !there;
        if missing != 0 {
            self.missing(shape, missing, span);
        }
        self.close(shape, field, base, span);
        self.seen.truncate(base);
        while self.sums.pop_if(|(slot, _)| *slot >= base).is_some() {}
        Ok(())
    }

    /// The field of that name. Objects mostly name their fields in the order of the table, so the likely one comes first.
    fn find(&self, shape: &'static Shape, key: Str, likely: usize) -> Option<(usize, &'static Field)> {
        let decoded;
        let name = if key.escaped {
            decoded = key.decode(self.source);
            decoded.as_bytes()
        } else {
            key.span.of(self.text)
        };
        let (before, after) = shape.fields.split_at_checked(likely)?;
        let is = |field: &Field| field.is_named(name);
        match after.iter().position(is) {
            Some(index) => after.get(index).map(|field| (likely + index, field)),
            None => before.iter().enumerate().find(|(_, field)| is(field)),
        }
    }

    /// The value of a field, which must be the last step of the path; it is noted at `slot`.
    fn member(&mut self, field: &'static Field, member: usize, slot: usize) -> Walk<()> {
        if self.lexer.peek() == Some(b'n') {
            let span = self.lexer.word("null")?;
            self.null(field, Span { start: member, end: span.end });
            self.note(slot, What::Other, span);
            return Ok(());
        }
        self.value(field, field.kind, slot)?;
        if field.presence == Presence::Reserved {
            self.report(&words::RESERVED_FIELD, self.span_at(slot), &[]);
        }
        Ok(())
    }

    /// A value of a kind: of the field at `slot`, or one of its elements, for which no slot is.
    fn value(&mut self, field: &'static Field, kind: Kind, slot: usize) -> Walk<()> {
        let next = self.lexer.peek();
        let start = self.lexer.offset();
        let what = match (kind, next) {
            (Kind::Text | Kind::DateTime | Kind::Country | Kind::Currency | Kind::PostalCode, Some(b'"')) => {
                let string = self.lexer.string()?;
                self.string(field, kind, string, start);
                if string.escaped { What::Escaped } else { What::Text }
            }
            (Kind::Number | Kind::PostalCode, Some(b'-' | b'0'..=b'9')) => {
                let span = self.lexer.number()?;
                self.number(field, span);
                What::Number
            }
            (Kind::Boolean, Some(b't')) => self.lexer.word("true").map(|_| What::Other)?,
            (Kind::Boolean, Some(b'f')) => self.lexer.word("false").map(|_| What::Other)?,
            (Kind::Object(shape), Some(b'{')) => {
                self.object(shape, Some(field))?;
                What::Nested
            }
            (Kind::List(item), Some(b'[')) => {
                self.list(field, *item)?;
                if let Kind::Object(_) = item {
                    self.sums.push((slot, self.total));
                }
                What::Nested
            }
            (Kind::Any, _) => {
                self.any(MAX_DEPTH)?;
                What::Other
            }
            _ => {
                let span = self.any(MAX_DEPTH)?;
                self.wrong_type(kind, span);
                What::Other
            }
        };
        self.note(slot, what, Span { start, end: self.lexer.offset() });
        Ok(())
    }

    /// Notes what stands in the place of a field. Written part by part and not read back soon: a copy of the whole would wait
    /// for its parts to be stored, which took a fifth of the time of the loop over the members.
    #[inline(always)]
    fn note(&mut self, slot: usize, what: What, span: Span) {
        if let Some(seen) = self.seen.get_mut(slot) {
            seen.what = what;
            seen.span.start = span.start;
            seen.span.end = span.end;
        }
    }

    fn span_at(&self, slot: usize) -> Span {
        self.seen.get(slot).map(|seen| seen.span).unwrap_or_default()
    }

    /// An array; leaves the sum of what its elements declare to be added up in `total`.
    pub(super) fn list(&mut self, field: &'static Field, item: Kind) -> Walk<()> {
        let start = self.lexer.offset();
        self.lexer.require(b'[', "`[`")?;
        let outer = std::mem::take(&mut self.facts.sum);
        let orders = matches!(item, Kind::Object(shape) if std::ptr::eq(shape, Order::SHAPE));
        let mut count = 0;
        let mut more = !self.lexer.take(b']');
        while more {
            self.path.push(Step::Index(count));
            if orders {
                self.order()?;
            } else {
                self.value(field, item, usize::MAX)?;
            }
            self.path.pop();
            count += 1;
            more = self.lexer.more(b']')?;
        }
        self.count(field, orders, count, Span { start, end: self.lexer.offset() });
        self.total = std::mem::replace(&mut self.facts.sum, outer);
        Ok(())
    }

    /// A member that the shape does not have.
    #[inline(never)]
    fn unknown_member(&mut self, shape: &'static Shape, key: Str, known: &mut Names<'a>) -> Walk<Span> {
        let name = key.decode(self.source);
        self.path.push(Step::Key(key));
        if key.lone_surrogate {
            self.lone_surrogate(key.span);
        }
        let span = self.any(MAX_DEPTH)?;
        if !self.passes_over(Code::UnknownField) {
            self.unknown_field(shape, &name, span);
        }
        if known.insert((name, Cow::Borrowed("")), 0).is_some() {
            self.duplicate_key(span);
        }
        self.path.pop();
        Ok(span)
    }

    fn unknown_field(&mut self, shape: &'static Shape, name: &str, span: Span) {
        match nearest(shape, name) {
            Some(field) => self.report(&words::MISSPELT_FIELD, span, &[Arg::Text(name), Arg::Text(field)]),
            None => self.report(&words::UNKNOWN_FIELD, span, &[Arg::Text(name)]),
        }
    }

    /// Any value: only JSON's own rules hold.
    pub(super) fn any(&mut self, depth: usize) -> Walk<Span> {
        let next = self.lexer.peek_once();
        let start = self.lexer.offset();
        if depth == 0 && matches!(next, Some(b'{' | b'[')) {
            return Err(SyntaxError { offset: start, fault: Fault::Depth(MAX_DEPTH) }.into());
        }
        match next {
            Some(b'{') => {
                let mut known = Names::new();
                let mut more = self.lexer.open_once(b'}');
                while more {
                    let key = self.lexer.key_once()?;
                    let name = key.decode(self.source);
                    self.path.push(Step::Key(key));
                    if key.lone_surrogate {
                        self.lone_surrogate(key.span);
                    }
                    let span = self.any(depth - 1)?;
                    if known.insert((name, Cow::Borrowed("")), 0).is_some() {
                        self.duplicate_key(span);
                    }
                    self.path.pop();
                    more = self.lexer.more_once(b'}')?;
                }
            }
            Some(b'[') => {
                let mut index = 0;
                let mut more = self.lexer.open_once(b']');
                while more {
                    self.path.push(Step::Index(index));
                    self.any(depth - 1)?;
                    self.path.pop();
                    index += 1;
                    more = self.lexer.more_once(b']')?;
                }
            }
            Some(b'"') => {
                let string = self.lexer.string_once()?;
                if string.lone_surrogate {
                    self.lone_surrogate(string.span);
                }
            }
            Some(b'-' | b'0'..=b'9') => {
                let span = self.lexer.number()?;
                self.number_range(span);
            }
            Some(b't') => drop(self.lexer.word("true")?),
            Some(b'f') => drop(self.lexer.word("false")?),
            _ => drop(self.lexer.word("null")?),
        }
        Ok(Span { start, end: self.lexer.offset() })
    }

    fn duplicate_key(&mut self, span: Span) {
        self.report(&words::DUPLICATE_KEY, span, &[]);
    }

    pub(super) fn lone_surrogate(&mut self, span: Span) {
        self.report(&words::LONE_SURROGATE, span, &[]);
    }

    /// A null where a value belongs; `span` is the whole member.
    #[inline(never)]
    fn null(&mut self, field: &'static Field, span: Span) {
        let words = if field.presence == Presence::Required { &words::NULL_REQUIRED } else { &words::NULL };
        self.report(words, span, &[Arg::Text(kind_name(field.kind))]);
    }

    /// The required fields that are not there: a bit for each.
    #[inline(never)]
    fn missing(&mut self, shape: &'static Shape, mut fields: u64, span: Span) {
        while let Some(field) = shape.fields.get(fields.trailing_zeros() as usize) {
            fields &= fields - 1;
            self.path.push(Step::Field(field));
            self.report(&words::MISSING, span, &[Arg::Text(kind_name(field.kind))]);
            self.path.pop();
        }
    }

    /// The number of entries of a list.
    fn count(&mut self, field: &'static Field, orders: bool, count: usize, span: Span) {
        let max = if orders { self.options.max_orders } else { field.max_items.map(|max| max as usize) };
        if let Some(max) = max.filter(|&max| count > max) {
            let words = if orders { &words::TOO_MANY_ORDERS } else { &words::TOO_MANY };
            self.report(words, span, &[Arg::Number(count), Arg::Number(max)]);
        }
        if let Some(min) = field.min_items.map(|min| min as usize).filter(|&min| count < min) {
            self.report(&words::NO_ORDER_LINES, span, &[Arg::Number(min)]);
        }
    }
}
