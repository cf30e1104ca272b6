//! Validates a stream: in whatever pieces its bytes come, part by part, in memory that does not grow with it.
//!
//! There is no second validator here. The reader puts the bytes that it has before the walker, order by order. One that is
//! not there whole is forgotten again until more has come. What stands around the orders of a list is kept, and is validated
//! without them at the end.

use super::{
    Issue, Options, OrderSpan, Origin, Report, Root, Validated, alone,
    earlier::Earlier,
    not_json,
    place::{Place, step},
    validate_list,
    walk::Walker,
    words::{self, Arg},
};
use crate::json::{Fault, Lexer, Position, Span, SyntaxError};
use std::mem;

/// How a stream is read.
#[derive(Clone, Debug)]
pub struct ReaderOptions {
    /// What the validator looks for, and how many issues a part lists. `max_bytes` is that of one order, or of all that
    /// stands around them; `max_orders` has no effect.
    pub validate: Options,
    /// How many orders a part has; it has fewer at the end, and where they have 4 MiB with what stands between them. So the
    /// parts of a stream are the same, in whatever pieces it comes. `None`: a part is what there is.
    pub part_orders: Option<usize>,
    /// Whether each issue of an order is given its place in the text.
    pub positions: bool,
}

impl Default for ReaderOptions {
    fn default() -> Self {
        let validate = Options { max_bytes: LARGEST_ORDER, ..Options::default() };
        Self { validate, part_orders: None, positions: false }
    }
}

impl ReaderOptions {
    /// A walker at an offset of a text, that goes on with what was found before.
    fn walker<'a>(&'a self, text: &'a str, at: usize, found: &mut Validated) -> Walker<'a, 'a> {
        let mut walker = Walker::new(Lexer::within(text, at), &self.validate);
        let root = found.root;
        walker.resume(mem::replace(found, nothing(0, root)));
        if root == Root::Object {
            walker.enter_orders();
        }
        walker
    }
}

/// The largest order in bytes that a stream may have by default: what a broker takes by default in one request.
const LARGEST_ORDER: usize = 8 << 20;

/// A part of so many bytes from its first order on takes no more.
const PART_BYTES: usize = 4 << 20;

/// An error so near to the end of what is there may vanish when more comes: the longest token that is judged as a whole,
/// `\ud83d\ude00`, has this many bytes.
const LOOK_AHEAD: usize = 12;

/// Orders that followed one another in a stream.
#[derive(Clone, Debug)]
pub struct Part {
    /// The bytes that the spans of the orders are in.
    pub bytes: Vec<u8>,
    /// The orders and their issues: paths and indices are those of the whole input. Without orders, it is about what stands
    /// around them.
    pub validated: Validated,
    /// Whether an order has the ids of one in an earlier part, so that it must not be sent before that has ended.
    pub repeats: bool,
    /// Whether nothing follows, of however much is still to come: the stream has ended, or cannot be read on.
    pub last: bool,
}

/// Reads a stream of orders: a list, `{ "orders": [ ... ] }`, or one after another as in NDJSON.
///
/// Give it bytes by [`Reader::push`], take what they make by [`Reader::next`] until there is nothing, and so on; at the end
/// say so by [`Reader::end`] and take the rest. In NDJSON, a line that is not JSON is an order with an error, and the next
/// line is read. In a list, everything behind such a place is unread.
#[derive(Debug)]
pub struct Reader {
    options: ReaderOptions,
    /// Bytes that were given, and how many of them were looked at.
    raw: Vec<u8>,
    taken: usize,
    /// Whether more may be given.
    ended: bool,
    /// Whether `raw` begins with what cannot be UTF-8.
    garbled: bool,
    /// The part at hand, up to `at`, and what follows it.
    text: String,
    at: usize,
    /// How long `text` must have become for another look at what follows.
    needed: usize,
    place: Place,
    /// What stood before the orders of a list, and where it began.
    head: Vec<u8>,
    head_start: Position,
    /// Where `text` begins in the stream.
    start: Position,
    /// Where a place in `text` is, that was asked for last: the next one is sought from there.
    origin: Origin,
    /// What was found in the part at hand.
    found: Validated,
    repeats: bool,
    /// What is wrong with the stream as a whole, to be told when its orders have been.
    verdict: Option<Validated>,
    earlier: Earlier,
}

impl Reader {
    /// A reader at the beginning of a stream.
    #[must_use]
    pub fn new(options: ReaderOptions) -> Self {
        Self {
            options: ReaderOptions { validate: Options { max_orders: None, ..options.validate }, ..options },
            raw: Vec::new(),
            taken: 0,
            ended: false,
            garbled: false,
            text: String::new(),
            at: 0,
            needed: 0,
            place: Place::Start,
            head: Vec::new(),
            head_start: Position::START,
            start: Position::START,
            origin: Origin::WHOLE,
            found: nothing(0, Root::default()),
            repeats: false,
            verdict: None,
            earlier: Earlier::default(),
        }
    }

    /// Gives it the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.place != Place::Over {
            drop(self.raw.drain(..mem::take(&mut self.taken)));
            self.raw.extend_from_slice(bytes);
        }
    }

    /// Tells it that no more bytes come.
    pub const fn end(&mut self) {
        self.ended = true;
        self.needed = 0;
    }

    /// How many issues each part lists from here on; more are counted.
    pub const fn list_at_most(&mut self, max_issues: usize) {
        self.options.validate.max_issues = max_issues;
    }

    /// The next part, if enough is there.
    #[allow(clippy::should_implement_trait, reason = "there may be more after there was nothing")]
    pub fn next(&mut self) -> Option<Part> {
        loop {
            self.feed();
            if self.is_full() || !self.read() {
                break;
            }
        }
        if !self.fits(self.text.len()) && !self.is_full() {
            self.refuse_size();
        } else if self.place == Place::Tail && self.is_done() {
            self.judge_rest();
        } else if self.is_done() && self.at == self.text.len() {
            self.place = Place::Over;
        }
        if !self.found.orders.is_empty() {
            let whole = self.options.part_orders.is_none() || self.is_full() || self.place == Place::Over;
            return whole.then(|| self.part());
        }
        self.cut();
        let validated = self.verdict.take()?;
        Some(Part { bytes: Vec::new(), validated, repeats: false, last: true })
    }

    fn is_full(&self) -> bool {
        is_full(self.options.part_orders, &self.found.orders, self.at)
    }

    /// Whether what stands up to an offset, beyond what is read, is no more than an order may have.
    fn fits(&self, end: usize) -> bool {
        let around = if self.place == Place::Tail { self.head.len() } else { 0 };
        around + end.saturating_sub(self.at) <= self.options.validate.max_bytes
    }

    /// Takes in what is UTF-8 of the bytes that were given.
    fn feed(&mut self) {
        if self.place == Place::Skip {
            let rest = self.raw.get(self.taken..).unwrap_or_default();
            let line = rest.iter().position(|&byte| byte == b'\n');
            let skipped = rest.get(..line.unwrap_or(rest.len())).unwrap_or_default();
            self.taken += skipped.len();
            // As white space, in which lines are still counted.
            self.text.extend(skipped.iter().map(|&byte| if byte == b'\r' { '\r' } else { ' ' }));
            self.at = self.text.len();
            self.garbled = false;
            if line.is_none() {
                return;
            }
            self.place = Place::Lines;
        }
        let rest = self.raw.get(self.taken..).unwrap_or_default();
        let valid = match std::str::from_utf8(rest) {
            Ok(text) => text,
            Err(error) => {
                self.garbled = error.error_len().is_some() || self.ended;
                std::str::from_utf8(rest.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
            }
        };
        self.text.push_str(valid);
        self.taken += valid.len();
    }

    /// Reads the orders that are there whole. Whether it is worth while to go on at once.
    fn read(&mut self) -> bool {
        let rests = matches!(self.place, Place::Tail | Place::Skip | Place::Over);
        if rests && !self.garbled || self.text.len() < self.needed {
            return false;
        }
        let (known, last) = (self.found.orders.len(), self.is_done());
        let mut walker = self.options.walker(&self.text, self.at, &mut self.found);
        walker.earlier = Some(&self.earlier);
        if self.start == Position::START && self.at == 0 && self.text.starts_with('\u{FEFF}') {
            walker.lexer = Lexer::within(&self.text, 3);
        }
        let mut too_large = false;
        let error = loop {
            walker.lexer.peek();
            let mark = walker.mark();
            self.at = mark.offset;
            if is_full(self.options.part_orders, &walker.orders, self.at) {
                break None;
            }
            let before = self.place;
            if before == Place::Start {
                self.head_start = self.origin.position(self.text.as_bytes(), self.at);
            }
            match step(&mut walker, &mut self.place, &mut self.head, last) {
                Ok(Some(bytes)) if bytes > self.options.validate.max_bytes => {
                    too_large = true;
                    walker.go_back(&mark);
                    break None;
                }
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(error) => {
                    self.place = before;
                    walker.go_back(&mark);
                    break Some(*error);
                }
            }
        };
        self.found = walker.into_validated();
        let first_order = self.found.first_order;
        for (index, order) in self.found.orders.iter().enumerate().skip(known) {
            let first = self.earlier.remember(order, first_order + index);
            self.repeats |= first.is_some_and(|first| first < first_order);
        }
        if too_large {
            self.refuse_size();
            return false;
        }
        let fault = self.fault(error);
        fault.is_some_and(|error| self.meet(error))
    }

    /// What is wrong at the place that was come to, unless it may be right when more has come.
    fn fault(&mut self, error: Option<SyntaxError>) -> Option<SyntaxError> {
        let end = self.text.len();
        match error {
            // One so far behind that the order is too large before it is certain is not told, in whatever pieces it comes.
            Some(error) if error.offset + LOOK_AHEAD < end && self.fits(error.offset + LOOK_AHEAD) => Some(error),
            _ if !self.fits(end) => None,
            Some(error) if self.is_done() => Some(error),
            _ if self.garbled && (error.is_some() || self.at == end || self.place == Place::Tail) => {
                Some(SyntaxError { offset: end, fault: Fault::Utf8 })
            }
            Some(_) => {
                // So that a huge order is not looked over again with each of its bytes.
                let rest = end - self.at;
                let grown = end + if rest > LARGE { rest / 4 } else { 1 };
                // Nor is one refused for its size that has ended meanwhile.
                self.needed = grown.min(self.at.saturating_add(self.options.validate.max_bytes).saturating_add(1));
                None
            }
            None => None,
        }
    }

    /// Notes what is wrong. Whether the stream can be read on behind it.
    fn meet(&mut self, error: SyntaxError) -> bool {
        let (text, at, end) = (self.text.as_bytes(), self.at, self.text.len());
        let line = self.text.get(at..).and_then(|rest| rest.find('\n')).map(|line| at + line);
        // Where there is one order in each line, the next line is worth reading.
        let lines = self.place == Place::Lines || self.place == Place::Start && text.get(at) == Some(&b'{');
        let error = match line {
            Some(line) if lines && line < error.offset => {
                SyntaxError { offset: line, fault: Fault::Expected("the rest of the order") }
            }
            _ => error,
        };
        self.origin.position = self.origin.position(text, at);
        self.origin.offset = at;
        let issue = if error.fault == Fault::Utf8 {
            let rest =
                text.get(at..).unwrap_or_default().iter().chain(self.raw.get(self.taken)).copied().collect::<Vec<_>>();
            let error = SyntaxError { offset: error.offset - at, ..error };
            not_json(&rest, error, Origin { offset: 0, ..self.origin })
        } else {
            not_json(text, error, self.origin)
        };
        let span = Span { start: error.offset, end };
        if lines {
            let mut walker = self.options.walker(&self.text, at, &mut self.found);
            walker.refuse(at, span, issue);
            self.found = walker.into_validated();
            (self.place, self.at) = line.map_or((Place::Skip, end), |line| (Place::Lines, line));
        } else {
            self.verdict = Some(alone(&self.options.validate, self.behind(), span, issue));
            self.stop();
        }
        lines
    }

    const fn is_done(&self) -> bool {
        self.ended && self.taken == self.raw.len()
    }

    /// Nothing that follows is read.
    fn stop(&mut self) {
        self.place = Place::Over;
        self.text.truncate(self.at);
        self.raw = Vec::new();
        self.taken = 0;
        self.garbled = false;
        self.ended = true;
    }

    /// An order, or what stands around them, is too large.
    fn refuse_size(&mut self) {
        let max = self.options.validate.max_bytes;
        let position = Some(self.origin.position(self.text.as_bytes(), self.at));
        let issue = Issue { position, ..words::ORDER_TOO_LARGE.issue(String::new(), &[Arg::Number(max)]) };
        let span = Span { start: self.at, end: self.text.len() };
        self.verdict = Some(alone(&self.options.validate, self.behind(), span, issue));
        self.stop();
    }

    /// Validates what stood around the orders of a list.
    fn judge_rest(&mut self) {
        let mut rest = mem::take(&mut self.head);
        let position = self.origin.position(self.text.as_bytes(), self.at);
        let origin = Origin { offset: rest.len(), position, ..self.behind() };
        rest.extend_from_slice(self.text.as_bytes().get(self.at..).unwrap_or_default());
        let mut verdict = validate_list(&rest, &self.options.validate, origin);
        if self.options.positions {
            let head = Origin { offset: 0, position: self.head_start, ..origin };
            for issue in &mut verdict.report.issues {
                let start = issue.span.start;
                let near = if start < origin.offset { head } else { origin };
                issue.position.get_or_insert(near.position(&rest, start));
            }
        }
        if verdict.report.error_count + verdict.report.warning_count > 0 {
            self.verdict = Some(verdict);
        }
        self.stop();
    }

    /// Behind the part at hand.
    const fn behind(&self) -> Origin {
        Origin { orders: self.found.first_order + self.found.orders.len(), ..self.origin }
    }

    /// Takes the part at hand off the text.
    fn cut(&mut self) -> String {
        // A line that ends with CR LF ends once.
        let torn = self.at == self.text.len() && self.text.ends_with('\r');
        let bytes = match self.at - usize::from(torn) {
            // What there is of a large order is not copied with each piece of it.
            0 => String::new(),
            cut => {
                let rest = self.text.split_off(cut);
                mem::replace(&mut self.text, rest)
            }
        };
        self.start = self.origin.position(bytes.as_bytes(), bytes.len());
        self.origin = Origin { offset: 0, position: self.start, ..self.behind() };
        self.needed = self.needed.saturating_sub(bytes.len());
        self.at -= bytes.len();
        bytes
    }

    fn part(&mut self) -> Part {
        let start = self.start;
        let bytes = self.cut().into_bytes();
        let next = nothing(self.origin.orders, self.found.root);
        let mut validated = mem::replace(&mut self.found, next);
        if self.options.positions {
            place(&bytes, start, &mut validated);
        }
        let last = self.place == Place::Over && self.verdict.is_none();
        Part { bytes, validated, repeats: mem::take(&mut self.repeats), last }
    }
}

/// What is looked over again only when it has grown by a quarter.
const LARGE: usize = 64 << 10;

fn is_full(limit: Option<usize>, orders: &[OrderSpan], at: usize) -> bool {
    let bytes = orders.first().map_or(0, |first| at - first.span.start);
    limit.is_some_and(|limit| orders.len() >= limit || bytes >= PART_BYTES)
}

fn nothing(first_order: usize, root: Root) -> Validated {
    Validated { report: Report::default(), orders: Vec::new(), first_order, root }
}

/// Gives each issue of an order its place in the text that begins at `start`. It is sought from that of the issue before, where
/// that does not stand behind it, or else from that of the order.
fn place(bytes: &[u8], start: Position, validated: &mut Validated) {
    let mut order_at = Origin { offset: 0, position: start, orders: 0 };
    let mut last = order_at;
    let go = |from: Origin, offset| Origin { offset, position: from.position(bytes, offset), ..from };
    for issue in &mut validated.report.issues {
        let order = issue.order_index.and_then(|index| validated.orders.get(index - validated.first_order));
        if let Some(order) = order.filter(|order| order.span.start > order_at.offset) {
            order_at = go(if last.offset > order.span.start { order_at } else { last }, order.span.start);
            last = order_at;
        }
        last = go(if last.offset > issue.span.start { order_at } else { last }, issue.span.start);
        issue.position.get_or_insert(last.position);
    }
}
