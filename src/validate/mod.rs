//! One pass over the bytes of a request: issues, and where each order begins and ends.

mod codes;
mod collect;
pub(crate) mod date;
mod earlier;
mod fix;
mod issue;
mod place;
mod reader;
mod regions;
mod rules;
mod suggest;
mod values;
mod walk;
mod words;

pub use fix::{Fixed, apply_fixes};
pub use issue::{Code, Fix, Issue, PathItem, Report, Severity};
pub use reader::{Part, Reader, ReaderOptions};

use crate::{
    json::{Fault, Lexer, Position, Span, SyntaxError},
    model::BulkOrdersRequest,
    schema::Kind,
};
use collect::Collector;
use walk::{Walk, Walker};
use words::{Arg, fill};

/// What the validator shall look for and how far it goes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Codes with a severity of their own; `None` turns the rule off. The codes of JSON itself cannot be turned off.
    pub severity: Vec<(Code, Option<Severity>)>,
    /// How many issues the report lists; more are counted. Default 10,000.
    pub max_issues: usize,
    /// Whether warnings are listed; they are counted all the same. Default true.
    pub list_warnings: bool,
    /// The largest input in bytes. Default 100 MiB.
    pub max_bytes: usize,
    /// How many orders the input may have. Default no limit; 200 for one request.
    pub max_orders: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self { severity: Vec::new(), max_issues: 10_000, list_warnings: true, max_bytes: 100 << 20, max_orders: None }
    }
}

/// A report together with where the orders are in the bytes it was made from.
#[derive(Clone, Debug)]
pub struct Validated {
    /// The verdict.
    pub report: Report,
    /// The orders, in input order; empty if the input is not JSON.
    pub orders: Vec<OrderSpan>,
    /// Which order of the whole input the first of them is: 0, unless this is a part of a stream.
    pub first_order: usize,
    /// What the whole input is.
    pub root: Root,
}

/// What an input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Root {
    /// One order.
    Order,
    /// A list of orders, or orders one after another.
    #[default]
    List,
    /// An object with a list of orders.
    Object,
}

/// Where a text stands in what was given.
#[derive(Clone, Copy, Debug)]
struct Origin {
    /// Where `position` is in the text.
    offset: usize,
    position: Position,
    /// How many orders come before it.
    orders: usize,
}

impl Origin {
    const WHOLE: Self = Self { offset: 0, position: Position::START, orders: 0 };

    /// The place of an offset of the text.
    fn position(self, text: &[u8], offset: usize) -> Position {
        self.position.behind(text.get(self.offset..offset).unwrap_or_default())
    }
}

/// One order in the bytes of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderSpan {
    /// Its bytes, from brace to brace.
    pub span: Span,
    /// Its `clientId`, if it is a string.
    pub client_id: Option<String>,
    /// Its `clientOrderId`, if it is a string.
    pub client_order_id: Option<String>,
    /// How many errors it has.
    pub errors: usize,
    /// How many warnings it has.
    pub warnings: usize,
}

/// Validates a submission: `{ "orders": [ ... ] }` or an array of orders.
///
/// It reports; it never fails. An input that is not JSON has a single issue and no orders.
#[must_use]
pub fn validate_orders(input: &[u8], options: &Options) -> Validated {
    validate_list(input, options, Origin::WHOLE)
}

fn validate_list(input: &[u8], options: &Options, origin: Origin) -> Validated {
    validate(input, options, origin, |walker| match walker.lexer.peek() {
        Some(b'{') => {
            walker.root = Root::Object;
            walker.object(BulkOrdersRequest::SHAPE, None)
        }
        Some(b'[') => match BulkOrdersRequest::SHAPE.fields.first() {
            Some(field @ crate::schema::Field { kind: Kind::List(item), .. }) => walker.list(field, **item),
            _ => Ok(()),
        },
        _ => {
            let span = walker.any(0)?;
            walker.report(&words::NO_ORDERS, span, &[Arg::Text(walker.kind_at(span.start))]);
            Ok(())
        }
    })
}

/// Validates one order, such as the one a form is about.
#[must_use]
pub fn validate_order(input: &[u8], options: &Options) -> Validated {
    validate(input, options, Origin::WHOLE, |walker| {
        walker.root = Root::Order;
        walker.order()
    })
}

fn validate(input: &[u8], options: &Options, origin: Origin, walk: fn(&mut Walker<'_, '_>) -> Walk<()>) -> Validated {
    let alone = |offset, issue| alone(options, origin, Span { start: offset, end: input.len() }, issue);
    if input.len() > options.max_bytes {
        let args = [Arg::Number(input.len()), Arg::Number(options.max_bytes)];
        return alone(0, words::TOO_LARGE.issue(String::new(), &args));
    }
    let walked = Lexer::new(input).map_err(Box::new).and_then(|lexer| {
        let mut walker = Walker::new(lexer, options);
        walker.first_order = origin.orders;
        walk(&mut walker)?;
        walker.lexer.end()?;
        Ok(walker)
    });
    match walked {
        Ok(walker) => walker.into_validated(),
        Err(error) => alone(error.offset, not_json(input, *error, origin)),
    }
}

/// A verdict of a single issue, on an input whose orders cannot be told.
fn alone(options: &Options, origin: Origin, span: Span, issue: Issue) -> Validated {
    let mut collector = Collector::new("", options);
    collector.put(issue, &[], None, span);
    let report = collector.into_report(0);
    Validated { report, orders: Vec::new(), first_order: origin.orders, root: Root::default() }
}

fn not_json(input: &[u8], error: SyntaxError, origin: Origin) -> Issue {
    let position @ Position { line, column } = origin.position(input, error.offset);
    let rest = input.get(error.offset..).unwrap_or_default();
    let next = rest.get(..4).unwrap_or(rest);
    let whole = std::str::from_utf8(next).map_or_else(|error| error.valid_up_to(), str::len);
    let text = next.get(..whole).and_then(|next| std::str::from_utf8(next).ok()).unwrap_or_default();
    let (text, arg) = match (text.chars().next(), next) {
        (Some('\0'..' '), &[control, ..]) => (words::CONTROL_CHARACTER, Arg::Byte(control)),
        (Some(character), _) => (words::CHARACTER, Arg::Text(text.get(..character.len_utf8()).unwrap_or_default())),
        (None, &[byte, ..]) => (words::BYTE, Arg::Byte(byte)),
        (None, []) => (words::END, Arg::Text("")),
    };
    let mut found = String::new();
    fill(&mut found, text, &[arg]);
    let (words, wanted) = match error.fault {
        Fault::Expected(what) => (&words::NOT_JSON, Arg::Text(what)),
        Fault::Utf8 => (&words::NOT_UTF8, Arg::Text("")),
        Fault::Depth(limit) => (&words::TOO_DEEP, Arg::Number(limit)),
    };
    let args = [Arg::Number(line), Arg::Number(column), wanted, Arg::Text(&found)];
    Issue { position: Some(position), ..words.issue(String::new(), &args) }
}
