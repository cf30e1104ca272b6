//! One pass over the bytes of a request: issues, and where each order begins and ends.

mod issue;

pub use issue::{Code, Fix, Issue, PathItem, Report, Severity};

use crate::json::Span;

/// What the validator shall look for and how far it goes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Codes with a severity of their own; `None` turns the rule off. The codes of JSON itself cannot be turned off.
    pub severity: Vec<(Code, Option<Severity>)>,
    /// How many issues the report lists; more are counted. Default 10,000.
    pub max_issues: usize,
    /// The largest input in bytes. Default 100 MiB.
    pub max_bytes: usize,
    /// How many orders the input may have. Default no limit; 200 for one request.
    pub max_orders: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self { severity: Vec::new(), max_issues: 10_000, max_bytes: 100 << 20, max_orders: None }
    }
}

/// A report together with where the orders are in the bytes it was made from.
#[derive(Clone, Debug)]
pub struct Validated {
    /// The verdict.
    pub report: Report,
    /// The orders, in input order; empty if the input is not JSON.
    pub orders: Vec<OrderSpan>,
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
